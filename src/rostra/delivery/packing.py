"""The bytes behind the names of HLS: one fragment a part, and a segment is its parts in a row.

A real part's bytes follow from its messages alone, so that they are the same at every edge and
whenever they are asked for. A fill's are kept as they were when it was listed.
"""

from typing import Final

from rostra.delivery.cutting import fragment
from rostra.delivery.listing import SEGMENTS_KEPT, Listed, Piece
from rostra.delivery.window import Window
from rostra.domain.grid import MESSAGES_PER_PART, PARTS_PER_SEGMENT
from rostra.domain.media import Codec
from rostra.wire.messages import ProgrammeMessage

PARTS_PACKED_MAX: Final = 96
"""Parts whose bytes are kept ready, 2 kB each: all that a playlist names, in both codecs; older
ones are packed again when asked for."""

FILLS_MAX: Final = SEGMENTS_KEPT * PARTS_PER_SEGMENT
"""Filled parts that are kept: those of the segments that can still be asked for."""


class Packer:
    """Makes files of what is in `window`; keeps what changes there."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._fills: dict[int, list[list[ProgrammeMessage]]] = {}
        self._packed: dict[tuple[Codec, int], bytes] = {}

    def clear(self) -> None:
        """Another run begins."""
        self._fills.clear()
        self._packed.clear()

    def listed(self, piece: Piece) -> None:
        """Keep a fill as it is now: a late message may yet take its place in the window."""
        if piece.real or piece.gap:
            return
        while len(self._fills) >= FILLS_MAX:
            del self._fills[next(iter(self._fills))]
        first = piece.index * MESSAGES_PER_PART
        self._fills[piece.index] = list(self._window.stretches(first, first + piece.messages - 1))

    def real(self, indices: range, codec: Codec) -> bytes | None:
        """These parts in a row; None unless each message of them is here and the studio's.

        Each must be in this encoding, too: what caches keep for ever has all of its sound.
        """
        numbers = range(indices.start * MESSAGES_PER_PART, indices.stop * MESSAGES_PER_PART)
        if not self._window.whole(numbers):
            return None
        if codec is Codec.OPUS and not all(self._window.opus(numbers)):
            return None
        return b"".join(self._real(index, codec) for index in indices)

    def fill(self, index: int, codec: Codec) -> bytes | None:
        """A filled part of this edge, None if there is none (any more) in this encoding."""
        groups = self._fills.get(index)
        if groups is None:
            return None
        if codec is Codec.OPUS and not any(message.opus for group in groups for message in group):
            return None
        return b"".join(fragment(group, index + 1, codec) for group in groups)

    def segment(self, entry: Listed, codec: Codec) -> bytes:
        """The parts of a filled segment in a row, each as it was listed."""
        parts = (
            self._real(piece.index, codec) if piece.real else self.fill(piece.index, codec)
            for piece in entry.pieces
            if not piece.missing(codec)
        )
        return b"".join(part or b"" for part in parts)

    def _real(self, index: int, codec: Codec) -> bytes:
        packed = self._packed.get((codec, index))
        if packed is None:
            first = index * MESSAGES_PER_PART
            groups = self._window.stretches(first, first + MESSAGES_PER_PART - 1)
            packed = b"".join(fragment(group, index + 1, codec) for group in groups)
            while len(self._packed) >= PARTS_PACKED_MAX:
                del self._packed[next(iter(self._packed))]
            self._packed[codec, index] = packed
        return packed
