"""Writes HLS playlists (RFC 8216, and 8216bis for parts) from what an edge has on its grid."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from rostra.domain.errors import HouseError
from rostra.domain.grid import SAMPLE_RATE_HZ, SEGMENT_SAMPLES

TARGET_DURATION_S: Final = -(-SEGMENT_SAMPLES // SAMPLE_RATE_HZ)
"""No segment, rounded, is longer: 1.92 s becomes 2."""

VERSION: Final = 7
"""EXT-X-MAP in a playlist of ordinary segments needs 6; 7 is what CMAF players expect."""

HOLD_BACK_TARGETS: Final = 3
"""How far players without parts stay behind the end, in target durations: the least allowed."""

PART_HOLD_BACK_PARTS: Final = 5
"""How far players stay behind the newest part, 1.6 s (RFC 8216bis: two at least, better three).
A player needs two requests a part, one after the other; three parts are too few for that on a
phone's network, and each stall then costs hls.js a second of latency for good."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Variant:
    """One encoding in the master playlist; `uri` is relative to it.

    `score` above 0 says how much a player should like it (RFC 8216bis, 4.4.6.2: SCORE).
    """

    uri: str
    codecs: str
    bandwidth_bps: int
    score: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a segment that is out before the segment is.

    `gap`: there is no sound for it, and nothing under its name.
    """

    name: str
    duration_samples: int
    gap: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """Where another rendition of the same programme is: its newest segment and part."""

    uri: str
    last_msn: int
    last_part: int


@dataclass(frozen=True, slots=True)
class Segment:
    """One file on the grid. `discontinuity`: its timeline does not follow from the one before.

    `program_date_time_utc_us` is when its first sample was, written to the millisecond.
    """

    number: int
    name: str
    duration_samples: int
    program_date_time_utc_us: int | None = None
    discontinuity: bool = False
    parts: tuple[Part, ...] = ()
    gap: bool = False


@dataclass(frozen=True, slots=True)
class MediaPlaylist:
    """A window of consecutive segments, oldest first, and with parts what follows them.

    `discontinuity_sequence` counts the discontinuities that have left the window.
    `part_target_samples` above 0 makes it low-latency: `next_parts` belong to the segment after
    the last, `preload_hint` names the part after those. `next_discontinuity` and
    `next_date_utc_us` are that segment's own, and stand before its first part.
    """

    segments: tuple[Segment, ...]
    init_name: str = "init.mp4"
    discontinuity_sequence: int = 0
    over: bool = False
    part_target_samples: int = 0
    next_parts: tuple[Part, ...] = ()
    next_discontinuity: bool = False
    next_date_utc_us: int | None = None
    preload_hint: str = ""
    reports: tuple[Report, ...] = ()


def master(variants: Sequence[Variant]) -> str:
    """The playlist of encodings, in the order of preference."""
    lines = ["#EXTM3U", f"#EXT-X-VERSION:{VERSION}", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for variant in variants:
        attributes = f'BANDWIDTH={variant.bandwidth_bps},CODECS="{variant.codecs}"'
        attributes += f",SCORE={variant.score}" if variant.score else ""
        lines += [f"#EXT-X-STREAM-INF:{attributes}", variant.uri]
    return "\n".join(lines) + "\n"


def media(playlist: MediaPlaylist) -> str:
    """The playlist of segments.

    Raises HouseError if the segments are not consecutive: players count them by position.
    """
    return "\n".join(_lines(playlist)) + "\n"


def _lines(playlist: MediaPlaylist) -> Iterator[str]:
    segments = playlist.segments
    first = segments[0].number if segments else 0
    if [segment.number for segment in segments] != list(range(first, first + len(segments))):
        sentence = f"Segments from {first} on are not consecutive; a player would mix them up."
        raise HouseError(sentence)
    yield "#EXTM3U"
    yield f"#EXT-X-VERSION:{VERSION}"
    yield f"#EXT-X-TARGETDURATION:{TARGET_DURATION_S}"
    yield f"#EXT-X-MEDIA-SEQUENCE:{first}"
    yield f"#EXT-X-DISCONTINUITY-SEQUENCE:{playlist.discontinuity_sequence}"
    yield "#EXT-X-INDEPENDENT-SEGMENTS"
    if playlist.part_target_samples:
        part_hold_back = _seconds(PART_HOLD_BACK_PARTS * playlist.part_target_samples)
        hold_back = _seconds(HOLD_BACK_TARGETS * TARGET_DURATION_S * SAMPLE_RATE_HZ)
        control = f"CAN-BLOCK-RELOAD=YES,HOLD-BACK={hold_back},PART-HOLD-BACK={part_hold_back}"
        yield f"#EXT-X-SERVER-CONTROL:{control}"
        yield f"#EXT-X-PART-INF:PART-TARGET={_seconds(playlist.part_target_samples)}"
    yield f'#EXT-X-MAP:URI="{playlist.init_name}"'
    for segment in segments:
        yield from _segment(segment)
    if playlist.next_parts:
        yield from _tags(
            discontinuity=playlist.next_discontinuity, date_utc_us=playlist.next_date_utc_us
        )
    yield from map(_part, playlist.next_parts)
    if playlist.preload_hint:
        yield f'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="{playlist.preload_hint}"'
    yield from map(_report, playlist.reports)
    if playlist.over:
        yield "#EXT-X-ENDLIST"


def _segment(segment: Segment) -> Iterator[str]:
    yield from _tags(
        discontinuity=segment.discontinuity, date_utc_us=segment.program_date_time_utc_us
    )
    yield from map(_part, segment.parts)
    if segment.gap:
        yield "#EXT-X-GAP"
    yield f"#EXTINF:{_seconds(segment.duration_samples)},"
    yield segment.name


def _tags(*, discontinuity: bool, date_utc_us: int | None) -> Iterator[str]:
    """What holds for a segment and all of its parts, and so stands before the first of them."""
    if discontinuity:
        yield "#EXT-X-DISCONTINUITY"
    if date_utc_us is not None:
        yield f"#EXT-X-PROGRAM-DATE-TIME:{_date(date_utc_us)}"


def _part(part: Part) -> str:
    duration = _seconds(part.duration_samples)
    gap = ",GAP=YES" if part.gap else ""
    return f'#EXT-X-PART:DURATION={duration},URI="{part.name}",INDEPENDENT=YES{gap}'


def _report(report: Report) -> str:
    where = f"LAST-MSN={report.last_msn},LAST-PART={report.last_part}"
    return f'#EXT-X-RENDITION-REPORT:URI="{report.uri}",{where}'


def _seconds(samples: int) -> str:
    return f"{samples / SAMPLE_RATE_HZ:.5f}"


def _date(utc_us: int) -> str:
    moment = _EPOCH + timedelta(microseconds=utc_us)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
