"""Request targets of an edge, parsed into routes: strict, bounded, and ignorant of sockets."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from rostra.delivery.cutting import Form
from rostra.delivery.refusals import Code, RefusedError
from rostra.domain.grid import PARTS_PER_SEGMENT
from rostra.domain.limits import SPACE_ID_CHARS_MAX
from rostra.domain.media import Codec
from rostra.wire.photos import PHOTO

TARGET_BYTES_MAX: Final = 2_048
"""Our own paths are under 120 bytes; players and proxies add a query."""

PATHS_KEPT: Final = 1_024
"""Paths whose routes are remembered: a crowd asks for the same few."""

DIGITS_MAX: Final = 12
"""A segment's number: 12 digits last for 60,000 years of programme."""

_ID: Final = rf"[A-Za-z0-9_-]{{1,{SPACE_ID_CHARS_MAX}}}"

_AUTHORITY: Final = re.compile(r"\Ahttps?://[^/]*", re.IGNORECASE)

_NAMES: Final = (
    r"push\.mp4|push-opus\.mp4|stream\.aac|stream\.mp3|master\.m3u8|state\.json"
    r"|reactions|hands|questions|backs|votes"
)
_NUMBER: Final = rf"(?P<number>0|[1-9][0-9]{{0,{DIGITS_MAX - 1}}})"
_PART: Final = rf"(?P<part>[0-{PARTS_PER_SEGMENT - 1}])"
_RUN: Final = rf"/live/(?P<space>{_ID})/(?P<run>{_ID})/(?P<codec>aac|opus)"


class Kind(StrEnum):
    """What can be asked of an edge."""

    PAGE = "page"
    CARD = "card"
    PHOTO = "photo"
    ASSET = "asset"
    EDGES = "edges"
    HEALTH = "health"
    STREAM = "stream"
    MASTER = "master"
    STATE = "state"
    PLAYLIST = "playlist"
    INIT = "init"
    SEGMENT = "seg"
    PART = "part"
    FILL = "fill"
    FILL_PART = "fillpart"
    VOICE = "voice"
    """Something that a listener posts: a reaction, a hand, a question, a back, a vote."""


@dataclass(frozen=True, slots=True)
class Route:
    """One parsed target; fields that a kind does not have are empty."""

    kind: Kind
    space: str = ""
    run: str = ""
    name: str = ""
    number: int = -1
    part: int = -1
    edge: str = ""
    codec: Codec = Codec.AAC
    form: Form | None = None


_STREAMS: Final = {
    "push.mp4": Form.PUSH,
    "push-opus.mp4": Form.OPUS,
    "stream.aac": Form.AAC,
    "stream.mp3": Form.MP3,
}


def _asset(found: re.Match[str]) -> Route:
    return Route(Kind.ASSET, name=found["name"])


def _photo(found: re.Match[str]) -> Route:
    return Route(Kind.PHOTO, space=found["space"], name=found["name"])


def _live(found: re.Match[str]) -> Route:
    space, name = found["space"], found["name"]
    if name in _STREAMS:
        return Route(Kind.STREAM, space=space, form=_STREAMS[name])
    kind = {"master.m3u8": Kind.MASTER, "state.json": Kind.STATE}.get(name, Kind.VOICE)
    return Route(kind, space=space, name=name)


def _run(found: re.Match[str]) -> Route:
    kind = Kind.PLAYLIST if found["name"] == "audio.m3u8" else Kind.INIT
    codec = Codec(found["codec"])
    return Route(kind, space=found["space"], run=found["run"], codec=codec)


def _file(found: re.Match[str]) -> Route:
    given = found.groupdict()
    return Route(
        Kind(given["kind"]),
        given["space"],
        given["run"],
        number=int(given["number"]),
        part=int(given.get("part", -1)),
        edge=given.get("edge") or "",
        codec=Codec(given["codec"]),
    )


def _page(found: re.Match[str]) -> Route:
    return Route(Kind.CARD if found["card"] else Kind.PAGE, space=found["space"])


_TABLE: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Route]], ...]] = tuple(
    (re.compile(pattern), make)
    for pattern, make in (
        (rf"/s/(?P<space>{_ID})(?P<card>/card\.png)?/?", _page),
        (r"/assets/(?P<name>[A-Za-z0-9_-][A-Za-z0-9_.-]{0,127})", _asset),
        (
            rf"/live/(?P<space>{_ID})/(?P<name>{_NAMES})",
            _live,
        ),
        (rf"/live/(?P<space>{_ID})/photos/(?P<name>{PHOTO.pattern})", _photo),
        (rf"{_RUN}/(?P<name>audio\.m3u8|init\.mp4)", _run),
        (rf"{_RUN}/(?P<kind>seg)-{_NUMBER}\.m4s", _file),
        (rf"{_RUN}/(?P<kind>part)-{_NUMBER}-{_PART}\.m4s", _file),
        (rf"{_RUN}/(?P<kind>fill)-(?P<edge>{_ID})-{_NUMBER}\.m4s", _file),
        # Of its own kind, since an edge's name may end with a number.
        (rf"{_RUN}/(?P<kind>fillpart)-(?P<edge>{_ID})-{_NUMBER}-{_PART}\.m4s", _file),
        (r"/live/edges\.json", lambda _: Route(Kind.EDGES)),
        (r"/healthz", lambda _: Route(Kind.HEALTH)),
    )
)


def parse(target: bytes) -> Route:
    """The route of a request target in origin or absolute form (RFC 9112, sections 3.2.1, 3.2.2).

    A query is ignored, and so is the authority: an edge serves whatever name it is reached by.

    Raises RefusedError: 414 for one too long, 404 for everything else that is not ours.
    """
    if len(target) > TARGET_BYTES_MAX:
        raise RefusedError(Code.TOO_LONG, limit=TARGET_BYTES_MAX)
    return _route(target.partition(b"?")[0])


@lru_cache(maxsize=PATHS_KEPT)
def _route(target: bytes) -> Route:
    path = _AUTHORITY.sub("", target.decode("latin-1"), count=1)
    for pattern, make in _TABLE:
        if found := pattern.fullmatch(path):
            return make(found)
    raise RefusedError(Code.NOTHING_HERE)
