"""Answers requests below a run: playlists, now or when they are due, and their files."""

import gzip
from typing import Final

from rostra.delivery.answers import (
    CORS,
    CORS_AGE,
    FOREVER,
    GZIP_MIN_BYTES,
    NEVER,
    PLAYLIST_CACHE,
    PLAYLIST_TYPE,
    RELOAD_CACHE,
    SEGMENT_TYPE,
    Answer,
)
from rostra.delivery.channel import Channel
from rostra.delivery.crowd import Caller, Crowd
from rostra.delivery.directives import Reload, read
from rostra.delivery.hls import INITS, Shelf, master
from rostra.delivery.holding import Hold
from rostra.delivery.paths import Kind, Route
from rostra.delivery.refusals import Code, RefusedError
from rostra.domain.media import Codec

KINDS: Final = frozenset(
    {Kind.PLAYLIST, Kind.INIT, Kind.SEGMENT, Kind.PART, Kind.FILL, Kind.FILL_PART}
)
"""What is below a run."""

_GZIP_LEVEL: Final = 6


def master_answer(channel: Channel, crowd: Crowd, caller: Caller) -> Answer:
    """The master playlist: it names the run, and Opus where there is some.

    Never kept: it may carry a listener's own id on to the playlists.
    """
    body = master(channel.window.run, opus=channel.shelf.carries(Codec.OPUS))
    headers = {"Content-Type": PLAYLIST_TYPE, "Cache-Control": NEVER, **CORS}
    return Answer(200, crowd.master(body, caller), headers)


def answer(channel: Channel, route: Route, target: bytes, accepts: str) -> Answer | Hold:
    """What is asked for, or what to wait for. Raises RefusedError.

    `accepts` is the request's Accept-Encoding.
    """
    if route.run != channel.window.run:
        raise RefusedError(Code.OLD_RUN, run=route.run)
    if not channel.shelf.carries(route.codec):
        raise RefusedError(Code.NOT_CARRIED, codec=route.codec)
    if route.kind is Kind.PLAYLIST:
        return _playlist(channel, route, target, packed="gzip" in accepts)
    if route.kind is Kind.PART and channel.shelf.hinted(route.number, route.part):
        return Hold(channel, route.run, Reload(route.number, route.part))
    body, cache = _file(channel.shelf, route)
    return Answer(200, body, {"Content-Type": SEGMENT_TYPE, "Cache-Control": cache, **CORS})


def _file(shelf: Shelf, route: Route) -> tuple[bytes, str]:
    match route.kind:
        case Kind.INIT:
            return INITS[route.codec](), FOREVER
        case Kind.SEGMENT:
            return shelf.segment(route.number, route.codec), FOREVER
        case Kind.PART:
            return shelf.part(route.number, route.part, route.codec), FOREVER
        case Kind.FILL:
            return shelf.fill(route.edge, route.number, route.codec), NEVER
    return shelf.fill_part(route.edge, route.number, route.part, route.codec), NEVER


def _playlist(channel: Channel, route: Route, target: bytes, *, packed: bool) -> Answer | Hold:
    shelf, reload = channel.shelf, read(target)
    if reload is not None and not shelf.over:
        shelf.check(reload)
        if shelf.begun and not shelf.ready(reload):
            return Hold(channel, route.run, reload)
    key = (route.codec, packed, reload is not None)
    kept = shelf.answers.get(key)
    if kept is None:
        cache = PLAYLIST_CACHE if reload is None else RELOAD_CACHE
        kept = shelf.answers[key] = _made(shelf.media(route.codec), cache, packed=packed)
    return kept


def _made(body: bytes, cache: str, *, packed: bool) -> Answer:
    headers = {
        "Content-Type": PLAYLIST_TYPE,
        "Cache-Control": cache,
        "Vary": "Accept-Encoding",
        **CORS_AGE,
    }
    if packed and len(body) >= GZIP_MIN_BYTES:
        body = gzip.compress(body, _GZIP_LEVEL, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Answer(200, body, headers)
