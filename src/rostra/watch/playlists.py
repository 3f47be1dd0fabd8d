"""Reads any service's HLS playlist as far as a probe must, and says whether a stream goes on.

RFC 8216. Lenient where `wire.playlist_read` is strict: other people's playlists have tags that
this house does not write. What matters is checked: numbers, names, durations, their bounds.
"""

import re
from typing import Final, NoReturn

import msgspec

from rostra.domain.errors import MalformedError

PLAYLIST_LINES_MAX: Final = 20_000
"""A day of segments of six seconds has 14,400, with two lines each; live windows have fifty."""

URI_CHARS_MAX: Final = 2_000
"""Signed addresses of delivery networks have some hundred."""

TARGET_S_MAX: Final = 60
"""Segments are two to ten seconds long; a longer target would excuse a dead stream."""

STILL_TARGETS: Final = 3
"""A playlist that names nothing new for so many target durations stands still: players have
run dry by then (RFC 8216, 6.2.2: a new segment within one and a half)."""

_NUMBER: Final = re.compile(r"\d{1,18}", re.ASCII)
_SECONDS: Final = re.compile(r"\d{1,6}(?:\.\d{1,9})?", re.ASCII)
_ATTRIBUTE: Final = re.compile(r'([A-Z0-9-]{1,40})=(?:"([^"\r\n]{0,2000})"|([^,\s]{0,200}))')


class Playlist(msgspec.Struct, frozen=True):
    """A media playlist, or (`variants`) a master one. Names are as they are written."""

    variants: tuple[str, ...] = ()
    """Encodings, the one of least bandwidth first."""
    first: int = 0
    names: tuple[str, ...] = ()
    target_s: float = 0.0
    init: str = ""
    over: bool = False
    encrypted: bool = False

    @property
    def newest(self) -> int:
        """Number of the last segment."""
        return self.first + len(self.names) - 1


class Seen(msgspec.Struct, frozen=True):
    """What an earlier probe saw of a stream; `mono_s` is when its newest segment was new."""

    first: int
    names: tuple[str, ...]
    mono_s: float

    @property
    def newest(self) -> int:
        """Number of the last segment."""
        return self.first + len(self.names) - 1


def read(text: str) -> Playlist:
    """Read a playlist; MalformedError says what is wrong with it."""
    lines = text.removeprefix("\ufeff").split("\n", PLAYLIST_LINES_MAX)
    if lines[0].strip() != "#EXTM3U":
        _refuse("it does not begin with #EXTM3U")
    if len(lines) > PLAYLIST_LINES_MAX:
        _refuse(f"it has more than {PLAYLIST_LINES_MAX} lines")
    rows = [line.strip() for line in lines[1:] if line.strip()]
    if any(row.startswith("#EXT-X-STREAM-INF:") for row in rows):
        return Playlist(variants=_variants(rows))
    return _media(rows)


def _variants(rows: list[str]) -> tuple[str, ...]:
    found: list[tuple[int, str]] = []
    bandwidth: int | None = None
    for row in rows:
        if row.startswith("#EXT-X-STREAM-INF:"):
            bandwidth = _whole(_attributes(row).get("BANDWIDTH", "0"))
        elif not row.startswith("#") and bandwidth is not None:
            found.append((bandwidth, _uri(row)))
            bandwidth = None
    if not found:
        _refuse("it names no encoding")
    return tuple(name for _, name in sorted(found, key=lambda one: one[0]))


def _media(rows: list[str]) -> Playlist:
    tags: dict[str, str] = {}
    names: list[str] = []
    timed = False
    for row in rows:
        if row.startswith("#EXTINF:"):
            _seconds(row.removeprefix("#EXTINF:").partition(",")[0])
            timed = True
        elif row.startswith("#"):
            name, _, value = row.partition(":")
            tags[name] = value
        elif timed:
            names.append(_uri(row))
            timed = False
        else:
            _refuse("a segment has no duration")
    target_s = _seconds(tags.get("#EXT-X-TARGETDURATION", ""))
    if not 0 < target_s <= TARGET_S_MAX:
        _refuse(f"its target duration is not within {TARGET_S_MAX} s")
    method = _attributes(tags.get("#EXT-X-KEY", "")).get("METHOD", "NONE")
    return Playlist(
        first=_whole(tags.get("#EXT-X-MEDIA-SEQUENCE", "0")),
        names=tuple(names),
        target_s=target_s,
        init=_uri(_attributes(tags.get("#EXT-X-MAP", "")).get("URI", "")),
        over="#EXT-X-ENDLIST" in tags,
        encrypted=method != "NONE",
    )


def goes_on(before: Seen | None, now: Playlist, mono_s: float) -> tuple[Seen, str]:
    """What to remember of a live playlist, and what is wrong with how it goes on (or nothing)."""
    if before is None or now.newest > before.newest:
        wrong = "" if before is None else _torn(before, now)
        return Seen(now.first, now.names, mono_s), wrong
    if now.newest < before.newest:
        back = before.newest - now.newest
        return Seen(now.first, now.names, mono_s), f"The playlist went back by {back} segments."
    still_s = mono_s - before.mono_s
    if still_s > STILL_TARGETS * now.target_s:
        return before, f"The playlist has named nothing new for {still_s:.0f} s."
    return before, _torn(before, now)


def _torn(before: Seen, now: Playlist) -> str:
    """Segments that both name must be the same: a player has them, or comes for them."""
    for number in range(max(before.first, now.first), before.newest + 1):
        if before.names[number - before.first] != now.names[number - now.first]:
            return f"Segment {number} of the playlist is another one than it was."
    return ""


def _attributes(row: str) -> dict[str, str]:
    return {one[1]: one[2] or one[3] or "" for one in _ATTRIBUTE.finditer(row)}


def _uri(word: str) -> str:
    if len(word) > URI_CHARS_MAX or not word.isprintable():
        _refuse("a name in it is too long or not printable")
    return word


def _whole(word: str) -> int:
    if not _NUMBER.fullmatch(word):
        _refuse(f"{word[:20]!r} is no number")
    return int(word)


def _seconds(word: str) -> float:
    if not _SECONDS.fullmatch(word):
        _refuse(f"{word[:20]!r} is no duration")
    return float(word)


def _refuse(what: str) -> NoReturn:
    words = f"This is no playlist that can be played: {what}."
    raise MalformedError(words)
