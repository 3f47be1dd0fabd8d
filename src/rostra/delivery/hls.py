"""HLS on the grid: playlists, and the files that they name, the same bytes at every edge."""

from typing import Final

from rostra.delivery.answers import Answer
from rostra.delivery.directives import Reload
from rostra.delivery.listing import Listed, Listing, Piece
from rostra.delivery.packing import Packer
from rostra.delivery.refusals import Code, RefusedError
from rostra.delivery.window import Window
from rostra.domain.grid import (
    MESSAGE_SAMPLES,
    PART_SAMPLES,
    PARTS_PER_SEGMENT,
    SAMPLE_RATE_HZ,
    SEGMENT_SAMPLES,
    us_of_samples,
)
from rostra.domain.media import Codec
from rostra.wire import mp4, playlist

SEGMENTS_WITH_PARTS: Final = 3
"""Parts are named for three target durations (RFC 8216bis, 6.2.2); who is further behind takes
whole segments."""

ADVANCE_PARTS_MAX: Final = 3 * SAMPLE_RATE_HZ // PART_SAMPLES
"""Parts beyond the newest that may be waited for: three seconds (the Advance Part Limit)."""

ADVANCE_SEGMENTS_MAX: Final = 2
"""Segments beyond the newest whole one that may be waited for (RFC 8216bis, 6.2.5.2)."""

AAC_BANDWIDTH_BPS: Final = 64_000
"""48 kbit/s of AAC with its boxes, notices and peaks."""

OPUS_BANDWIDTH_BPS: Final = 48_000
"""32 kbit/s of Opus with the same; a player's estimate must bear any segment (4.4.6.2)."""

AAC_SCORE: Final = 2
OPUS_SCORE: Final = 1
"""A player that obeys SCORE takes the highest that the network bears: AAC, which all decode.
Safari says that it plays Opus in MP4, but Apple's authoring rules do not list it."""

INITS: Final = {Codec.AAC: mp4.init_segment, Codec.OPUS: mp4.opus_init_segment}


class Shelf:
    """The playlists and files of the run in `window`."""

    def __init__(self, edge: str, window: Window) -> None:
        self._edge = edge
        self._window = window
        self._listing = Listing(window)
        self._packer = Packer(window)
        self.over = False
        self.answers: dict[tuple[Codec, bool, bool], Answer] = {}
        """The playlists as they are now, ready to be written; emptied by each new part."""

    @property
    def run(self) -> str:
        """The run that is listed."""
        return self._listing.run

    @property
    def begun(self) -> bool:
        """Whether there is a playlist at all."""
        return bool(self._listing.segments)

    def passed(self, number: int) -> None:
        """Message `number` of the window has gone out; list what it completes."""
        if self._window.run != self._listing.run:
            self._packer.clear()
            self.answers.clear()
        self._named(self._listing.passed(number))

    def end(self) -> None:
        """Nothing follows: list what is left of the last segment, and say so."""
        self._named(self._listing.end())
        self.answers.clear()
        self.over = True

    def carries(self, codec: Codec) -> bool:
        """Whether the newest sound is there in this encoding."""
        return codec in self._window.codecs()

    def ready(self, reload: Reload) -> bool:
        """Whether the playlist has what a reload waits for.

        With a sequence number alone that is the whole segment, as 8216bis, 6.2.5.2 says: a
        player that waits for it and were given its first part would ask again at once, for ever.
        """
        return self.over or self._listing.next > awaited(reload)

    def check(self, reload: Reload) -> None:
        """Raises RefusedError: 400 for what is too far ahead to be waited for."""
        if self.over or not self._listing.segments:
            return
        ahead = reload.msn - self._listing.segments[-1].number
        parts = 0 if reload.part is None else awaited(reload) - (self._listing.next - 1)
        if ahead > ADVANCE_SEGMENTS_MAX or parts > ADVANCE_PARTS_MAX:
            raise RefusedError(Code.TOO_FAR, msn=reload.msn)

    def hinted(self, number: int, part: int) -> bool:
        """Whether this is the part that comes next."""
        return not self.over and number * PARTS_PER_SEGMENT + part == self._listing.next

    def media(self, codec: Codec) -> bytes:
        """The media playlist; RefusedError (503: a player asks again) before the first segment."""
        listing = self._listing
        if not listing.segments:
            raise RefusedError(Code.GATHERING)
        segments = listing.segments
        plain, low = segments[:-SEGMENTS_WITH_PARTS], segments[-SEGMENTS_WITH_PARTS:]
        begun = listing.begun
        text = playlist.MediaPlaylist(
            (
                *(self._segment(entry, codec, with_parts=False) for entry in plain),
                *(self._segment(entry, codec, with_parts=True) for entry in low),
            ),
            discontinuity_sequence=listing.gone,
            over=self.over,
            part_target_samples=PART_SAMPLES,
            next_parts=self._parts(begun, codec) if begun else (),
            next_discontinuity=begun is not None and begun.discontinuity,
            next_date_utc_us=self._date(begun.number) if begun else None,
            preload_hint=self._hint(codec),
            reports=self._reports(codec),
        )
        return playlist.media(text).encode()

    def segment(self, number: int, codec: Codec = Codec.AAC) -> bytes:
        """`seg-N.m4s`: 1.92 s of the studio's own messages, the same bytes at every edge."""
        first = number * PARTS_PER_SEGMENT
        body = self._packer.real(range(first, first + PARTS_PER_SEGMENT), codec)
        if not body:
            raise RefusedError(Code.OLD_SEGMENT, number=number)
        return body

    def part(self, number: int, part: int, codec: Codec = Codec.AAC) -> bytes:
        """`part-N-M.m4s`: 320 ms of the same."""
        index = number * PARTS_PER_SEGMENT + part
        body = self._packer.real(range(index, index + 1), codec)
        if not body:
            raise RefusedError(Code.OLD_PART, number=number, part=part)
        return body

    def fill(self, edge: str, number: int, codec: Codec = Codec.AAC) -> bytes:
        """`fill-EDGE-N.m4s`: a segment with hold audio in it, this edge's own."""
        kept = self._listing.kept
        entry = next((e for e in kept if e.number == number and not e.real), None)
        body = self._packer.segment(entry, codec) if entry and edge == self._edge else b""
        if not body:
            raise RefusedError(Code.OLD_FILL, number=number, edge=edge)
        return body

    def fill_part(self, edge: str, number: int, part: int, codec: Codec = Codec.AAC) -> bytes:
        """`fillpart-EDGE-N-M.m4s`: a part with hold audio in it."""
        body = self._packer.fill(number * PARTS_PER_SEGMENT + part, codec)
        if not body or edge != self._edge:
            raise RefusedError(Code.OLD_FILL, number=number, edge=edge)
        return body

    def _named(self, pieces: list[Piece]) -> None:
        for piece in pieces:
            self._packer.listed(piece)
            self.answers.clear()

    def _segment(self, entry: Listed, codec: Codec, *, with_parts: bool) -> playlist.Segment:
        name = f"seg-{entry.number}.m4s"
        return playlist.Segment(
            number=entry.number,
            name=name if entry.real else f"fill-{self._edge}-{entry.number}.m4s",
            duration_samples=entry.messages * MESSAGE_SAMPLES,
            program_date_time_utc_us=self._date(entry.number),
            discontinuity=entry.discontinuity,
            parts=self._parts(entry, codec) if with_parts else (),
            gap=entry.missing(codec),
        )

    def _parts(self, entry: Listed, codec: Codec) -> tuple[playlist.Part, ...]:
        return tuple(
            playlist.Part(self._name(piece), piece.messages * MESSAGE_SAMPLES, piece.missing(codec))
            for piece in entry.pieces
        )

    def _name(self, piece: Piece) -> str:
        at = f"{piece.index // PARTS_PER_SEGMENT}-{piece.index % PARTS_PER_SEGMENT}.m4s"
        return f"part-{at}" if piece.real else f"fillpart-{self._edge}-{at}"

    def _hint(self, codec: Codec) -> str:
        """The next part's name; none while the studio is silent, for it may have another."""
        newest = self._window.get(self._window.newest)
        if self.over or newest is None or not newest.real:
            return ""
        if codec is Codec.OPUS and not newest.message.opus:
            return ""
        return self._name(Piece(self._listing.next, real=True))

    def _date(self, number: int) -> int:
        return self._window.epoch_utc_us + us_of_samples(number * SEGMENT_SAMPLES)

    def _reports(self, codec: Codec) -> tuple[playlist.Report, ...]:
        """Where the other encodings are: always just where this one is."""
        msn, part = divmod(self._listing.next - 1, PARTS_PER_SEGMENT)
        return tuple(
            playlist.Report(f"../{other}/audio.m3u8", msn, part)
            for other in INITS
            if other is not codec and self.carries(other)
        )


def awaited(reload: Reload) -> int:
    """The part that must be there; one past a segment's last is the next segment's first."""
    part = PARTS_PER_SEGMENT - 1 if reload.part is None else min(reload.part, PARTS_PER_SEGMENT)
    return reload.msn * PARTS_PER_SEGMENT + part


def master(run: str, *, opus: bool = False) -> bytes:
    """The master playlist of a run: AAC, and Opus where the studio makes it."""
    aac = (f"{run}/{Codec.AAC}/audio.m3u8", mp4.AAC_CODEC, AAC_BANDWIDTH_BPS)
    if not opus:
        return playlist.master([playlist.Variant(*aac)]).encode()
    second = (f"{run}/{Codec.OPUS}/audio.m3u8", mp4.OPUS_CODEC, OPUS_BANDWIDTH_BPS)
    variants = [playlist.Variant(*aac, AAC_SCORE), playlist.Variant(*second, OPUS_SCORE)]
    return playlist.master(variants).encode()
