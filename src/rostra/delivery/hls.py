"""HLS on the grid: which segments a playlist lists, and their bytes, the same at every edge."""

from dataclasses import dataclass
from typing import Final

from rostra.delivery.cutting import fragment
from rostra.delivery.refusals import Code, RefusedError
from rostra.delivery.window import Window
from rostra.domain.grid import (
    MESSAGE_SAMPLES,
    MESSAGES_PER_SEGMENT,
    SEGMENT_SAMPLES,
    segment_of_message,
    us_of_samples,
)
from rostra.wire import mp4, playlist

SEGMENTS_LISTED: Final = 8
"""15 s: players want three target durations to start and some more to recover from a stall."""

SEGMENTS_PACKED_MAX: Final = 16
"""Segments whose bytes are kept ready, 12 kB each; older ones are packed again when asked for."""

BANDWIDTH_BPS: Final = 64_000
"""48 kbit/s of AAC with its boxes, notices and peaks."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One segment as it was listed once, and stays."""

    number: int
    real: bool
    discontinuity: bool
    messages: int


class Shelf:
    """The segments of the run in `window` that are complete, the newest of them listed."""

    def __init__(self, space: str, edge: str, window: Window) -> None:
        self._space = space
        self._edge = edge
        self._window = window
        self._run = ""
        self._listed: list[Listed] = []
        self._gone = 0
        self._break_next = False
        self._packed: dict[tuple[int, bool], bytes] = {}
        self.over = False

    def __len__(self) -> int:
        return len(self._listed)

    def passed(self, number: int) -> None:
        """Message `number` of the window has gone out; list its segment if that completes it."""
        if self._window.run != self._run:
            self._run = self._window.run
            self._listed.clear()
            self._packed.clear()
            self._gone, self._break_next = 0, False
        if (number + 1) % MESSAGES_PER_SEGMENT == 0:
            self._list(segment_of_message(number), MESSAGES_PER_SEGMENT)

    def end(self) -> None:
        """Nothing follows: list what is left of the last segment, and say so."""
        newest = self._window.newest
        left = (newest + 1) % MESSAGES_PER_SEGMENT
        if newest >= 0 and left:
            self._list(segment_of_message(newest), left)
        self.over = True

    def media(self) -> bytes:
        """The media playlist; RefusedError (503: a player asks again) before the first segment."""
        if not self._listed:
            raise RefusedError(Code.GATHERING)
        epoch = self._window.epoch_utc_us
        segments = tuple(
            playlist.Segment(
                number=entry.number,
                name=self._name(entry),
                duration_samples=entry.messages * MESSAGE_SAMPLES,
                program_date_time_utc_us=epoch + us_of_samples(entry.number * SEGMENT_SAMPLES),
                discontinuity=entry.discontinuity,
            )
            for entry in self._listed
        )
        listing = playlist.MediaPlaylist(
            segments, discontinuity_sequence=self._gone, over=self.over
        )
        return playlist.media(listing).encode()

    def segment(self, number: int) -> bytes:
        """`seg-N.m4s`: 1.92 s of the studio's own messages, the same bytes at every edge."""
        if not self._complete(number):
            raise RefusedError(Code.OLD_SEGMENT, number=number)
        return self._bytes(number, real=True)

    def fill(self, edge: str, number: int) -> bytes:
        """`fill-EDGE-N.m4s`: a segment with hold audio in it, this edge's own."""
        entry = next((e for e in self._listed if e.number == number and not e.real), None)
        if edge != self._edge or entry is None:
            raise RefusedError(Code.OLD_FILL, number=number, edge=edge)
        return self._bytes(number, real=False)

    def _complete(self, number: int) -> bool:
        first = number * MESSAGES_PER_SEGMENT
        return self._window.whole(range(first, first + MESSAGES_PER_SEGMENT))

    def _list(self, number: int, messages: int) -> None:
        real = messages == MESSAGES_PER_SEGMENT and self._complete(number)
        if (
            not self._listed
            and not real
            and self._window.get(number * MESSAGES_PER_SEGMENT) is None
        ):
            return
        if self._listed and self._listed[-1].number != number - 1:
            self._gone += sum(entry.discontinuity for entry in self._listed)
            self._listed.clear()
            self._break_next = True
        turns = bool(self._listed) and self._listed[-1].real != real
        self._listed.append(Listed(number, real, turns or self._break_next, messages))
        self._break_next = False
        if len(self._listed) > SEGMENTS_LISTED:
            self._gone += self._listed.pop(0).discontinuity

    def _name(self, entry: Listed) -> str:
        if entry.real:
            return f"seg-{entry.number}.m4s"
        return f"fill-{self._edge}-{entry.number}.m4s"

    def _bytes(self, number: int, *, real: bool) -> bytes:
        packed = self._packed.get((number, real))
        if packed is None:
            first = number * MESSAGES_PER_SEGMENT
            groups = self._window.stretches(first, first + MESSAGES_PER_SEGMENT - 1)
            packed = b"".join(fragment(group, number + 1) for group in groups)
            while len(self._packed) >= SEGMENTS_PACKED_MAX:
                del self._packed[next(iter(self._packed))]
            self._packed[number, real] = packed
        return packed


def master(run: str) -> bytes:
    """The master playlist of a run."""
    variant = playlist.Variant(f"{run}/aac/audio.m3u8", mp4.AAC_CODEC, BANDWIDTH_BPS)
    return playlist.master([variant]).encode()
