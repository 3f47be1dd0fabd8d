"""Raw listeners of push, AAC and MP3 that keep each frame with the moment at which it came."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Self

from rostra.wire.adts import AdtsReader
from rostra.wire.icy import IcyReader
from rostra.wire.messages import Notice
from rostra.wire.mp4_read import Emsg, MediaFragment, Mp4Reader
from rostra.wire.notices import read as read_notice

READ_BYTES = 64 * 1024
MP3_FRAME_BYTES = 192
WAIT_S = 30.0

Take = Callable[[bytes], list[bytes]]


def _push(pts: list[tuple[int, int]], notices: list[Notice]) -> Take:
    reader = Mp4Reader()

    def take(data: bytes) -> list[bytes]:
        boxes = reader.feed(data)
        notices.extend(read_notice(box.payload) for box in boxes if isinstance(box, Emsg))
        parts = [box for box in boxes if isinstance(box, MediaFragment)]
        pts.extend((part.base_pts, part.end_pts) for part in parts)
        return [unit for part in parts for unit in part.units]

    return take


def _icy(titles: list[str]) -> Take:
    reader, left = IcyReader(), bytearray()

    def take(data: bytes) -> list[bytes]:
        sound, said = reader.feed(data)
        titles.extend(said)
        left.extend(sound)
        whole = len(left) // MP3_FRAME_BYTES * MP3_FRAME_BYTES
        frames = [bytes(left[at : at + MP3_FRAME_BYTES]) for at in range(0, whole, MP3_FRAME_BYTES)]
        del left[:whole]
        return frames

    return take


@dataclass
class Ear:
    """One open stream; frames and arrivals (monotonic seconds) go side by side."""

    name: str
    frames: list[bytes] = field(default_factory=list)
    arrivals: list[float] = field(default_factory=list)
    pts: list[tuple[int, int]] = field(default_factory=list)
    """First and following sample of each fragment of push."""
    notices: list[Notice] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    ended: bool = False

    def since(self, moment: float) -> list[bytes]:
        """The frames that came after `moment`."""
        return [frame for frame, at in zip(self.frames, self.arrivals, strict=True) if at > moment]

    def longest_wait_s(self, start: float, end: float) -> float:
        """The longest time without a byte of sound between two moments."""
        moments = [start, *(at for at in self.arrivals if start < at < end), end]
        return max(after - before for before, after in pairwise(moments))


class Ears:
    """One listener of each name (`push.mp4`, …) at one edge; `async with` opens and closes them."""

    def __init__(self, port: int, space: str, names: tuple[str, ...]) -> None:
        self.all = {name: Ear(name) for name in names}
        self._port = port
        self._space = space
        self._tasks: list[asyncio.Task[None]] = []
        self._heard = asyncio.Condition()

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._listen(ear)) for ear in self.all.values()]
        await self.until(lambda ear: bool(ear.frames))
        return self

    async def __aexit__(self, *_error: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def until(self, enough: Callable[[Ear], bool]) -> None:
        """Return when it is true of every listener."""
        async with asyncio.timeout(WAIT_S), self._heard:
            await self._heard.wait_for(lambda: all(map(enough, self.all.values())))

    async def _listen(self, ear: Ear) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        # HTTP/1.0: the body is the stream itself.
        path = f"/live/{self._space}/{ear.name}"
        writer.write(f"GET {path} HTTP/1.0\r\nIcy-MetaData: 1\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        assert b" 200 " in head.splitlines()[0], head
        adts = AdtsReader()
        take = {"push.mp4": _push(ear.pts, ear.notices), "stream.aac": adts.feed}.get(ear.name)
        take = take or _icy(ear.titles)
        try:
            while data := await reader.read(READ_BYTES):
                frames = take(data)
                ear.frames += frames
                ear.arrivals += [time.monotonic()] * len(frames)
                async with self._heard:
                    self._heard.notify_all()
        finally:
            ear.ended = True
            writer.close()
