"""A small house for listeners: one space, real encoders, real sockets, on the clock."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any, Self

import msgspec
import numpy as np

from rostra.domain.grid import (
    AAC_FRAME_SAMPLES,
    HOLD_LOOP_SAMPLES,
    MP3_FRAME_SAMPLES,
    OPUS_FRAME_SAMPLES,
    PART_SAMPLES,
    SAMPLE_RATE_HZ,
    SEGMENT_SAMPLES,
    samples_of_us,
    us_of_samples,
)
from rostra.domain.media import Codec
from rostra.programme.drivers.encode import AacEncoder, Mp3Encoder, OpusEncoder
from rostra.wire import adts, mp4
from rostra.wire.messages import Notice
from rostra.wire.notices import payload
from rostra.wire.playlist import MediaPlaylist, Segment, Variant, master, media

TONE_HZ = 1_000
BURST_SAMPLES = 3 * PART_SAMPLES
MOVE_WITH_PART = 4
AGE_US = 60_000_000
"""The run is a minute old when a test begins."""


def _tone() -> tuple[list[bytes], list[bytes], list[bytes]]:
    """A loop of 0.96 s of a tone that fits it, as AAC units, MP3 frames and Opus packets."""
    at = np.arange(4 * HOLD_LOOP_SAMPLES) / SAMPLE_RATE_HZ
    sound = (0.3 * np.sin(2 * np.pi * TONE_HZ * at)).astype(np.float32)
    aac, mp3 = AacEncoder().feed(sound), Mp3Encoder().feed(sound)
    per_loop = HOLD_LOOP_SAMPLES // AAC_FRAME_SAMPLES
    return aac[per_loop : 2 * per_loop], mp3[40:80], OpusEncoder().feed(sound)[48:96]


class SmallHouse:
    """Answers at `/live/talk/…` as an edge does; attributes make it misbehave."""

    def __init__(self) -> None:
        self.epoch_us = time.time_ns() // 1_000 - AGE_US
        self.state = "live"
        self.lost_parts: frozenset[int] = frozenset()
        """Parts, counted from each connection's first, that are never sent."""
        self.parts_per_connection = 10**9
        self.garbage = False
        self.edges: list[dict[str, Any]] = []
        self.moves_to: list[dict[str, Any]] = []
        """The edges once it drains, which it says with each connection's fourth part."""
        self.connections = 0
        self._aac, self._mp3, self._opus = _tone()
        self.silent_unit = AacEncoder().feed(np.zeros(4 * AAC_FRAME_SAMPLES, np.float32))[-1]
        self._server: asyncio.Server | None = None
        self._visits: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._visitor, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for visit in self._visits:
            visit.cancel()
        await asyncio.gather(*self._visits, return_exceptions=True)
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def _now_pts(self) -> int:
        return samples_of_us(time.time_ns() // 1_000 - self.epoch_us)

    def units(self, pts: int, samples: int) -> list[bytes]:
        first = pts // AAC_FRAME_SAMPLES
        last = (pts + samples) // AAC_FRAME_SAMPLES
        return [self._aac[index % len(self._aac)] for index in range(first, last)]

    def _frames(self, pts: int, samples: int) -> list[bytes]:
        first = -(-pts // MP3_FRAME_SAMPLES)
        last = -(-(pts + samples) // MP3_FRAME_SAMPLES)
        return [self._mp3[index % len(self._mp3)] for index in range(first, last)]

    async def _parts(self) -> AsyncIterator[int]:
        """First sample of each part: a burst, then each when it is complete."""
        pts = (self._now_pts() - BURST_SAMPLES) // PART_SAMPLES * PART_SAMPLES
        for number in range(self.parts_per_connection):
            due_us = self.epoch_us + us_of_samples(pts + PART_SAMPLES)
            await asyncio.sleep(max(0, due_us - time.time_ns() // 1_000) / 1e6)
            if number not in self.lost_parts:
                yield pts
            pts += PART_SAMPLES

    def _visitor(self, read: asyncio.StreamReader, write: asyncio.StreamWriter) -> None:
        visit = asyncio.create_task(self._visit(read, write))
        self._visits.add(visit)
        visit.add_done_callback(self._visits.discard)

    async def _visit(self, read: asyncio.StreamReader, write: asyncio.StreamWriter) -> None:
        try:
            while head := await read.readuntil(b"\r\n\r\n"):
                path = head.split(b" ")[1].decode()
                if path in self._streams():
                    await self._stream(write, *self._streams()[path])
                    break
                self._small(write, path)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            write.close()

    def _streams(self) -> dict[str, tuple[bytes, Callable[[int], bytes]]]:
        return {
            "/live/talk/push.mp4": (mp4.init_segment(), self._part),
            "/live/talk/push-opus.mp4": (mp4.opus_init_segment(), self._opus_part),
            "/live/talk/stream.aac": (b"", self._adts),
            "/live/talk/stream.mp3": (b"", lambda pts: b"".join(self._frames(pts, PART_SAMPLES))),
        }

    def _part(self, pts: int) -> bytes:
        return mp4.fragment(pts // PART_SAMPLES, pts, self.units(pts, PART_SAMPLES))

    def _opus_part(self, pts: int) -> bytes:
        first = pts // OPUS_FRAME_SAMPLES
        places = range(first, first + PART_SAMPLES // OPUS_FRAME_SAMPLES)
        packets = [self._opus[index % len(self._opus)] for index in places]
        return mp4.fragment(pts // PART_SAMPLES, pts, packets, Codec.OPUS)

    def _adts(self, pts: int) -> bytes:
        return b"".join(map(adts.frame, self.units(pts, PART_SAMPLES)))

    async def _stream(
        self, write: asyncio.StreamWriter, first: bytes, cut: Callable[[int], bytes]
    ) -> None:
        self.connections += 1
        write.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + first)
        if self.garbage:
            write.write(b"<html>This is a captive portal.</html>")
        sent = 0
        async for pts in self._parts():
            sent += 1
            if self.moves_to and sent == MOVE_WITH_PART:
                self.edges = self.moves_to
                move = Notice("move", pts, {"within_s": 0.3})
                write.write(mp4.emsg(pts, 1, payload(move)))
            write.write(cut(pts))
            await write.drain()

    def _small(self, write: asyncio.StreamWriter, path: str) -> None:
        try:
            status, body = "200 OK", self._body(path)
        except KeyError:
            words = "There is no space of this name here."
            status, body = "404 Not Found", msgspec.json.encode({"error": {"sentence": words}})
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n"
        write.write(head.encode() + body)

    def _body(self, path: str) -> bytes:
        name = path.removeprefix("/live/talk/").removeprefix("r1/aac/")
        if name.startswith("seg-"):
            pts = int(name[4:-4]) * SEGMENT_SAMPLES
            return mp4.fragment(0, pts, self.units(pts, SEGMENT_SAMPLES))
        answers: dict[str, Callable[[], bytes]] = {
            "/live/edges.json": lambda: msgspec.json.encode({"edges": self.edges}),
            "state.json": self._state,
            "master.m3u8": lambda: master(
                (Variant("r1/aac/audio.m3u8", mp4.AAC_CODEC, 56_000),)
            ).encode(),
            "audio.m3u8": self._playlist,
            "init.mp4": mp4.init_segment,
        }
        return answers[name]()

    def _playlist(self) -> bytes:
        newest = self._now_pts() // SEGMENT_SAMPLES
        numbers = range(max(0, newest - 6), newest)
        segments = (Segment(number, f"seg-{number}.m4s", SEGMENT_SAMPLES) for number in numbers)
        return media(MediaPlaylist(tuple(segments))).encode()

    def _state(self) -> bytes:
        now_us = time.time_ns() // 1_000
        fields = {"id": "talk", "title": "Talk", "state": self.state, "t0_utc_us": self.epoch_us}
        more = {"run": "r1", "epoch_utc_us": self.epoch_us, "now_utc_us": now_us, "edge": "e1"}
        return msgspec.json.encode({**fields, **more})
