"""Which parts and segments of a run this edge has named: what is named once never changes.

A part is `real` when all its messages are the studio's own; it is the same then at every edge.
Any other is a fill, this edge's alone. Parts are counted from the run's epoch: part M of segment
N has the index 6 N + M.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Final

from rostra.delivery.window import Window
from rostra.domain.grid import (
    MESSAGES_PER_PART,
    MESSAGES_PER_SEGMENT,
    PARTS_PER_SEGMENT,
    segment_of_message,
)
from rostra.domain.media import Codec

SEGMENTS_LISTED: Final = 8
"""15 s: players want three target durations to start and some more to recover from a stall."""

SEGMENTS_KEPT: Final = 2 * SEGMENTS_LISTED + 1
"""A segment stays for its own length and the playlist's after it was listed (6.2.2)."""

NONE_YET: Final = -1


@dataclass(frozen=True, slots=True)
class Piece:
    """One part as it was listed.

    `gap`: not one message of it went out. `opus`: it has some, and all of it where it is real.
    """

    index: int
    real: bool
    messages: int = MESSAGES_PER_PART
    gap: bool = False
    opus: bool = True

    def missing(self, codec: Codec) -> bool:
        """Whether there is nothing under its name in this encoding."""
        return self.gap or (codec is Codec.OPUS and not self.opus)


@dataclass(slots=True)
class Listed:
    """One segment: as it was begun, and once it is whole for good."""

    number: int
    begun_real: bool
    discontinuity: bool
    pieces: list[Piece] = field(default_factory=list)
    real: bool = False
    """All of it is the studio's, late messages included: it is `seg-N`."""
    opus: bool = True
    """A real one has Opus throughout."""

    @property
    def messages(self) -> int:
        """How many messages long it is; fewer than 18 only at the end of a run."""
        return sum(piece.messages for piece in self.pieces)

    def missing(self, codec: Codec) -> bool:
        """Whether there is nothing under its name in this encoding."""
        if self.real:
            return codec is Codec.OPUS and not self.opus
        return all(piece.missing(codec) for piece in self.pieces)


class Listing:
    """Parts and segments of the run in `window`, oldest first."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self.run = ""
        self.segments: list[Listed] = []
        """Those that are whole, in the playlist."""
        self.begun: Listed | None = None
        """The one after them, as far as it has parts."""
        self.kept: deque[Listed] = deque(maxlen=SEGMENTS_KEPT)
        self.gone = 0
        """Discontinuities that have left the playlist."""
        self.next = NONE_YET
        """Index of the part that comes next."""
        self._last = NONE_YET
        self._break_next = False

    def passed(self, number: int) -> list[Piece]:
        """Message `number` of the window has gone out; the parts that this completes."""
        if self._window.run != self.run:
            self._begin_run()
        if self._last == NONE_YET or number - self._last > MESSAGES_PER_SEGMENT:
            self._begin_at(number)
        self._last = number
        pieces = []
        while (self.next + 1) * MESSAGES_PER_PART <= number + 1:
            pieces.append(self._add(MESSAGES_PER_PART))
        return pieces

    def end(self) -> list[Piece]:
        """Nothing follows: close what was begun; the last part may be short."""
        left = self._last + 1 - self.next * MESSAGES_PER_PART
        pieces = [self._add(left)] if self.next != NONE_YET and left > 0 else []
        if self.begun is not None:
            self._close(self.begun)
        self._last = NONE_YET
        return pieces

    def _begin_run(self) -> None:
        self.run = self._window.run
        self.segments.clear()
        self.kept.clear()
        self.begun = None
        self.gone, self.next, self._last = 0, NONE_YET, NONE_YET
        self._break_next = False

    def _begin_at(self, number: int) -> None:
        """List from the next segment that is here from its first message on.

        After a leap over a whole segment nothing can stand in its place: the list begins anew.
        """
        listed = [*self.segments, *([self.begun] if self.begun else [])]
        self.gone += sum(entry.discontinuity for entry in listed)
        self._break_next = self._break_next or bool(listed)
        self.segments.clear()
        self.begun = None
        self.next = -(-number // MESSAGES_PER_SEGMENT) * PARTS_PER_SEGMENT

    def _add(self, messages: int) -> Piece:
        first = self.next * MESSAGES_PER_PART
        numbers = range(first, first + messages)
        real = messages == MESSAGES_PER_PART and self._window.whole(numbers)
        gap = all(self._window.get(number) is None for number in numbers)
        has = list(self._window.opus(numbers))
        piece = Piece(self.next, real, messages, gap, all(has) if real else any(has))
        if self.begun is None:
            number = segment_of_message(first)
            self.begun = Listed(number, real, self._turns(begun_real=real))
            self._break_next = False
        self.begun.pieces.append(piece)
        self.next += 1
        if self.next % PARTS_PER_SEGMENT == 0:
            self._close(self.begun)
        return piece

    def _turns(self, *, begun_real: bool) -> bool:
        """Whether a segment that begins so has a discontinuity before it.

        A tag must stand before a segment's first part, and what was listed stays: where a fill
        comes after that, only the next segment can have one. Players lose nothing by it, a fill
        follows to the sample and in the same encoding.
        """
        if self._break_next or not self.segments:
            return self._break_next
        before = self.segments[-1]
        return not before.begun_real == before.real == begun_real

    def _close(self, entry: Listed) -> None:
        first = entry.number * MESSAGES_PER_SEGMENT
        numbers = range(first, first + MESSAGES_PER_SEGMENT)
        entry.real = self._window.whole(numbers)
        entry.opus = all(self._window.opus(numbers))
        self.segments.append(entry)
        self.kept.append(entry)
        self.begun = None
        if len(self.segments) > SEGMENTS_LISTED:
            self.gone += self.segments.pop(0).discontinuity
