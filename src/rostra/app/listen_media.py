"""The ways to listen, as streams of pieces: fMP4 push in AAC or Opus, ADTS, MP3 and HLS."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin

import httpx

from rostra.app.listen_house import check, get
from rostra.domain.errors import MalformedError
from rostra.domain.media import Codec
from rostra.wire import notices
from rostra.wire.adts import AdtsReader
from rostra.wire.messages import Notice
from rostra.wire.mp4_read import Emsg, InitSegment, Item, MediaFragment, Mp4Reader
from rostra.wire.playlist import TARGET_DURATION_S, MediaPlaylist
from rostra.wire.playlist_read import read_master, read_media

HLS_START_SEGMENTS: Final = 2
"""How far behind the newest segment a listener of HLS begins: it has sound at once, and time."""

HLS_POLL_S: Final = TARGET_DURATION_S / 4
"""How soon a playlist that brought nothing new is asked for again (RFC 8216, 6.3.4: half)."""


@dataclass(frozen=True, slots=True)
class Units:
    """Encoded sound; `pts_samples` is None where the transport does not tell."""

    codec: Codec
    units: tuple[bytes, ...]
    pts_samples: int | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """What one read of the connection brought: its size, and the sound that it completed."""

    arrived_ns: int
    size: int
    sounds: tuple[Units, ...]
    move_within_s: float | None = None
    """The edge asks its listeners to go to another one within so many seconds."""
    said: tuple[Notice, ...] = ()
    """What the stream says beside the sound, where it does."""


Source = Callable[[httpx.AsyncClient, str], AsyncGenerator[Piece, None]]


@asynccontextmanager
async def _opened(http: httpx.AsyncClient, url: str) -> AsyncIterator[AsyncIterator[bytes]]:
    """The body of an answer that may never end."""
    async with http.stream("GET", url) as answer:
        if not answer.is_success:
            check(answer, await answer.aread())
        yield answer.aiter_raw()


def _fragments(items: list[Item]) -> tuple[Units, ...]:
    sound = [item for item in items if isinstance(item, MediaFragment)]
    return tuple(Units(item.codec, item.units, item.base_pts) for item in sound)


def _said(items: list[Item]) -> tuple[Notice, ...]:
    return tuple(notices.read(item.payload) for item in items if isinstance(item, Emsg))


def _move(said: tuple[Notice, ...]) -> float | None:
    times = [notice.body.get("within_s") for notice in said if notice.kind == "move"]
    return float(times[-1]) if times and isinstance(times[-1], int | float) else None


async def push(http: httpx.AsyncClient, url: str) -> AsyncGenerator[Piece, None]:
    """`push.mp4` and `push-opus.mp4`: endless fMP4, whose beginning says what is in it."""
    reader = Mp4Reader()
    async with _opened(http, url) as reads:
        async for data in reads:
            arrived_ns = time.monotonic_ns()
            items = reader.feed(data)
            said = _said(items)
            yield Piece(arrived_ns, len(data), _fragments(items), _move(said), said)


async def aac(http: httpx.AsyncClient, url: str) -> AsyncGenerator[Piece, None]:
    """`stream.aac`: endless ADTS."""
    reader = AdtsReader()
    async with _opened(http, url) as reads:
        async for data in reads:
            arrived_ns = time.monotonic_ns()
            yield Piece(arrived_ns, len(data), (Units(Codec.AAC, tuple(reader.feed(data))),))


async def mp3(http: httpx.AsyncClient, url: str) -> AsyncGenerator[Piece, None]:
    """`stream.mp3` without titles: the decoder finds the frames."""
    async with _opened(http, url) as reads:
        async for data in reads:
            yield Piece(time.monotonic_ns(), len(data), (Units(Codec.MP3, (data,)),))


async def hls(http: httpx.AsyncClient, url: str) -> AsyncGenerator[Piece, None]:
    """`master.m3u8`: its first encoding, segment by segment, until the end is announced."""
    variants = read_master(_text(await get(http, url)))
    if not variants:
        sentence = f"{url} lists no encoding."
        raise MalformedError(sentence)
    playlist_url = urljoin(url, variants[0].uri)
    after, codec = -1, Codec.AAC
    while True:
        playlist = read_media(_text(await get(http, playlist_url)))
        names = _new(playlist, after)
        if after < 0 and names:
            piece, items = await _file(http, playlist_url, playlist.init_name, codec)
            codec = next((one.codec for one in items if isinstance(one, InitSegment)), codec)
            yield piece
        for number, name in names:
            yield (await _file(http, playlist_url, name, codec))[0]
            after = number
        if playlist.over:
            return
        if not names:
            await asyncio.sleep(HLS_POLL_S)


def _new(playlist: MediaPlaylist, after: int) -> list[tuple[int, str]]:
    rows = [(segment.number, segment.name) for segment in playlist.segments]
    return rows[-HLS_START_SEGMENTS:] if after < 0 else [row for row in rows if row[0] > after]


async def _file(
    http: httpx.AsyncClient, playlist_url: str, name: str, codec: Codec
) -> tuple[Piece, list[Item]]:
    body = await get(http, urljoin(playlist_url, name))
    items = Mp4Reader(codec).feed(body)
    return Piece(time.monotonic_ns(), len(body), _fragments(items)), items


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace")


SOURCES: Final[dict[str, Source]] = {"push": push, "opus": push, "aac": aac, "mp3": mp3, "hls": hls}
"""By the names of `listen_house.TRANSPORTS`; each ends when the stream does."""
