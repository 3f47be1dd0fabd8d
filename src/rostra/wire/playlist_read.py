"""Reads the HLS playlists that `wire.playlist` writes: for headless listeners, probes and tests.

Strict on purpose: a tag that the house does not write is an error, and names its line.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from rostra.domain.errors import MalformedError
from rostra.domain.grid import MICROSECONDS, SAMPLE_RATE_HZ
from rostra.wire.playlist import TARGET_DURATION_S, MediaPlaylist, Part, Report, Segment, Variant

PLAYLIST_CHARS_MAX: Final = 256 * 1024
"""A minute of segments with parts is 20 kB; a recording of three hours 500 segments, 60 kB."""

NAME: Final = r"[A-Za-z0-9_./~:+-]{1,200}"
"""What a file's name or address in a playlist may be made of; no quote, no space, no query."""

QUERY: Final = r"\?[A-Za-z0-9_.~=&-]{1,1200}"
"""What a master playlist adds to an address: the listener's id, and a ticket of up to 1,024."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS: Final = r"\d{1,6}\.\d{1,6}"
_STREAM: Final = re.compile(
    rf'#EXT-X-STREAM-INF:BANDWIDTH=(\d{{1,9}}),CODECS="({NAME})"(?:,SCORE=([1-9]\d{{0,3}}))?',
    re.ASCII,
)
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)


def _wrong(number: int, line: str) -> MalformedError:
    sentence = f"Line {number} of this playlist is not one of ours: {line[:80]!r}."
    return MalformedError(sentence)


def _rows(text: str) -> list[tuple[int, str]]:
    if len(text) > PLAYLIST_CHARS_MAX:
        sentence = f"A playlist of {len(text)} characters exceeds {PLAYLIST_CHARS_MAX}."
        raise MalformedError(sentence, status=413)
    rows = list(enumerate(text.removesuffix("\n").split("\n"), start=1))
    if rows[0][1] != "#EXTM3U":
        raise _wrong(*rows[0])
    return rows[1:]


def read_master(text: str) -> tuple[Variant, ...]:
    """Read a master playlist; MalformedError names the line that is wrong."""
    variants: list[Variant] = []
    stream: re.Match[str] | None = None
    for number, line in _rows(text):
        if stream and re.fullmatch(rf"{NAME}(?:{QUERY})?", line):
            variants.append(Variant(line, stream[2], int(stream[1]), int(stream[3] or 0)))
            stream = None
        elif not stream and (found := _STREAM.fullmatch(line)):
            stream = found
        elif stream or not line.startswith(("#EXT-X-VERSION:", "#EXT-X-INDEPENDENT-SEGMENTS")):
            raise _wrong(number, line)
    if stream:
        raise _wrong(len(text.split("\n")), "end of playlist")
    return tuple(variants)


@dataclass(slots=True)
class _Draft:
    """What has been read so far, and what waits for the segment's name."""

    segments: list[Segment] = field(default_factory=list)
    first: int = 0
    init: str = ""
    discontinuities: int = 0
    over: bool = False
    part_target: int = 0
    hint: str = ""
    discontinuity: bool = False
    date_us: int | None = None
    duration: int | None = None
    parts: list[Part] = field(default_factory=list)
    gap: bool = False
    reports: list[Report] = field(default_factory=list)

    def add(self, name: str) -> None:
        """Close the segment that the lines before described."""
        if self.duration is None:
            raise ValueError(name)
        number = self.first + len(self.segments)
        rest = (self.duration, self.date_us, self.discontinuity, tuple(self.parts))
        self.segments.append(Segment(number, name, *rest, self.gap))
        self.duration, self.date_us, self.discontinuity, self.parts = None, None, False, []
        self.gap = False


def _samples(seconds: str) -> int:
    return round(float(seconds) * SAMPLE_RATE_HZ)


def _date(draft: _Draft, found: re.Match[str]) -> None:
    if not _DATE.fullmatch(found[1]):
        raise ValueError(found[1])
    since = datetime.fromisoformat(found[1]) - _EPOCH
    whole = (since.days * 86_400 + since.seconds) * MICROSECONDS
    draft.date_us = whole + since.microseconds


def _target(_draft: _Draft, found: re.Match[str]) -> None:
    if int(found[1]) != TARGET_DURATION_S:
        raise ValueError(found[1])


def _first(draft: _Draft, found: re.Match[str]) -> None:
    if draft.segments:
        raise ValueError(found[0])
    draft.first = int(found[1])


def _discontinuities(draft: _Draft, found: re.Match[str]) -> None:
    draft.discontinuities = int(found[1])


def _part_target(draft: _Draft, found: re.Match[str]) -> None:
    draft.part_target = _samples(found[1])


def _init(draft: _Draft, found: re.Match[str]) -> None:
    draft.init = found[1]


def _discontinuity(draft: _Draft, _found: re.Match[str]) -> None:
    draft.discontinuity = True


def _part(draft: _Draft, found: re.Match[str]) -> None:
    draft.parts.append(Part(found[2], _samples(found[1]), bool(found[3])))


def _duration(draft: _Draft, found: re.Match[str]) -> None:
    draft.duration = _samples(found[1])


def _name(draft: _Draft, found: re.Match[str]) -> None:
    draft.add(found[0])


def _hint(draft: _Draft, found: re.Match[str]) -> None:
    draft.hint = found[1]


def _gap(draft: _Draft, _found: re.Match[str]) -> None:
    draft.gap = True


def _report(draft: _Draft, found: re.Match[str]) -> None:
    draft.reports.append(Report(found[1], int(found[2]), int(found[3])))


def _over(draft: _Draft, _found: re.Match[str]) -> None:
    draft.over = True


def _nothing(_draft: _Draft, _found: re.Match[str]) -> None:
    """Lines that are the same in each of our playlists."""


_COUNT: Final = r"(\d{1,15})"
_BACK: Final = rf"HOLD-BACK={_SECONDS},PART-HOLD-BACK={_SECONDS}"
_CONTROL: Final = rf"#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,{_BACK}"
_LINES: Final[tuple[tuple[re.Pattern[str], Callable[[_Draft, re.Match[str]], None]], ...]] = tuple(
    (re.compile(pattern, re.ASCII), take)
    for pattern, take in (
        (r"#EXT-X-VERSION:7", _nothing),
        (rf"#EXT-X-TARGETDURATION:{_COUNT}", _target),
        (rf"#EXT-X-MEDIA-SEQUENCE:{_COUNT}", _first),
        (rf"#EXT-X-DISCONTINUITY-SEQUENCE:{_COUNT}", _discontinuities),
        (r"#EXT-X-INDEPENDENT-SEGMENTS", _nothing),
        (_CONTROL, _nothing),
        (rf"#EXT-X-PART-INF:PART-TARGET=({_SECONDS})", _part_target),
        (rf'#EXT-X-MAP:URI="({NAME})"', _init),
        (r"#EXT-X-DISCONTINUITY", _discontinuity),
        (r"#EXT-X-PROGRAM-DATE-TIME:(.{1,40})", _date),
        (rf'#EXT-X-PART:DURATION=({_SECONDS}),URI="({NAME})",INDEPENDENT=YES(,GAP=YES)?', _part),
        (r"#EXT-X-GAP", _gap),
        (rf"#EXTINF:({_SECONDS}),", _duration),
        (NAME, _name),
        (rf'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="({NAME})"', _hint),
        (
            rf'#EXT-X-RENDITION-REPORT:URI="({NAME})",LAST-MSN={_COUNT},LAST-PART={_COUNT}',
            _report,
        ),
        (r"#EXT-X-ENDLIST", _over),
    )
)


def read_media(text: str) -> MediaPlaylist:
    """Read a playlist of segments; MalformedError names the line that is wrong."""
    draft = _Draft()
    for number, line in _rows(text):
        _take(draft, number, line)
    begun = draft.discontinuity or draft.date_us is not None
    if not draft.init or draft.duration is not None or draft.gap or (begun and not draft.parts):
        raise _wrong(len(text.split("\n")), "end of playlist")
    return MediaPlaylist(
        segments=tuple(draft.segments),
        init_name=draft.init,
        discontinuity_sequence=draft.discontinuities,
        over=draft.over,
        part_target_samples=draft.part_target,
        next_parts=tuple(draft.parts),
        next_discontinuity=draft.discontinuity,
        next_date_utc_us=draft.date_us,
        preload_hint=draft.hint,
        reports=tuple(draft.reports),
    )


def _take(draft: _Draft, number: int, line: str) -> None:
    for pattern, take in _LINES:
        if found := pattern.fullmatch(line):
            try:
                take(draft, found)
            except ValueError as error:
                raise _wrong(number, line) from error
            return
    raise _wrong(number, line)
