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

PART_HOLD_BACK_PARTS: Final = 3
"""How far players stay behind the newest part (RFC 8216bis: two at least, better three)."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Variant:
    """One encoding in the master playlist; `uri` is relative to it."""

    uri: str
    codecs: str
    bandwidth_bps: int


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a segment that is out before the segment is."""

    name: str
    duration_samples: int


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


@dataclass(frozen=True, slots=True)
class MediaPlaylist:
    """A window of consecutive segments, oldest first, and with parts what follows them.

    `discontinuity_sequence` counts the discontinuities that have left the window.
    `part_target_samples` above 0 makes it low-latency: `next_parts` belong to the segment after
    the last, `preload_hint` names the part after those.
    """

    segments: tuple[Segment, ...]
    init_name: str = "init.mp4"
    discontinuity_sequence: int = 0
    over: bool = False
    part_target_samples: int = 0
    next_parts: tuple[Part, ...] = ()
    preload_hint: str = ""


def master(variants: Sequence[Variant]) -> str:
    """The playlist of encodings, in the order of preference."""
    lines = ["#EXTM3U", f"#EXT-X-VERSION:{VERSION}", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for variant in variants:
        attributes = f'BANDWIDTH={variant.bandwidth_bps},CODECS="{variant.codecs}"'
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
        hold_back = _seconds(PART_HOLD_BACK_PARTS * playlist.part_target_samples)
        yield f"#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK={hold_back}"
        yield f"#EXT-X-PART-INF:PART-TARGET={_seconds(playlist.part_target_samples)}"
    yield f'#EXT-X-MAP:URI="{playlist.init_name}"'
    for segment in segments:
        yield from _segment(segment)
    yield from map(_part, playlist.next_parts)
    if playlist.preload_hint:
        yield f'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="{playlist.preload_hint}"'
    if playlist.over:
        yield "#EXT-X-ENDLIST"


def _segment(segment: Segment) -> Iterator[str]:
    if segment.discontinuity:
        yield "#EXT-X-DISCONTINUITY"
    if segment.program_date_time_utc_us is not None:
        yield f"#EXT-X-PROGRAM-DATE-TIME:{_date(segment.program_date_time_utc_us)}"
    yield from map(_part, segment.parts)
    yield f"#EXTINF:{_seconds(segment.duration_samples)},"
    yield segment.name


def _part(part: Part) -> str:
    duration = _seconds(part.duration_samples)
    return f'#EXT-X-PART:DURATION={duration},URI="{part.name}",INDEPENDENT=YES'


def _seconds(samples: int) -> str:
    return f"{samples / SAMPLE_RATE_HZ:.5f}"


def _date(utc_us: int) -> str:
    moment = _EPOCH + timedelta(microseconds=utc_us)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
