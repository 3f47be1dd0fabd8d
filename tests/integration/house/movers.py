"""Listeners of push that do as they are told: on `move` they go over to another edge."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from tests.integration.house.crowd import CONNECT_AT_ONCE

from rostra.domain.grid import SAMPLE_RATE_HZ
from rostra.wire.mp4_read import Emsg, MediaFragment, Mp4Reader
from rostra.wire.notices import read as read_notice

WAIT_S = 40.0


@dataclass
class Mover:
    """One listener: the stretches of sound that it got, as first and following sample."""

    sound: list[tuple[int, int]] = field(default_factory=list)
    told: asyncio.Event = field(default_factory=asyncio.Event)
    moved: asyncio.Event = field(default_factory=asyncio.Event)
    within_s: int = 0
    heard_there: int = 0
    """Fragments since it moved."""

    @property
    def lost_s(self) -> float:
        """Sound that is missing between the first and the last sample."""
        lost, end = 0, None
        for first, after in sorted(self.sound):
            lost += max(0, first - end) if end is not None else 0
            end = after if end is None else max(end, after)
        return lost / SAMPLE_RATE_HZ


class Movers:
    """`count` listeners at one edge that move to another when told; `async with` ends them."""

    def __init__(self, here: int, there: int, space: str, count: int) -> None:
        self.all = [Mover() for _ in range(count)]
        self._ports = (here, there)
        self._target = f"/live/{space}/push.mp4"
        self._few = asyncio.Semaphore(CONNECT_AT_ONCE)
        self._tasks: list[asyncio.Task[None]] = []
        self._news = asyncio.Condition()

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._stay(one)) for one in self.all]
        await self._until(lambda one: bool(one.sound))
        return self

    async def __aexit__(self, *_error: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def until_all_are_told(self) -> None:
        """Return when each has been asked to move."""
        await self._until(lambda one: one.told.is_set())

    async def until_all_listen_there(self, fragments: int) -> None:
        """Return when each got so many fragments from the other edge."""
        await self._until(lambda one: one.heard_there >= fragments)

    def _failed(self) -> list[asyncio.Task[None]]:
        return [task for task in self._tasks if task.done()]

    async def _until(self, enough: Callable[[Mover], bool]) -> None:
        async with asyncio.timeout(WAIT_S), self._news:
            await self._news.wait_for(lambda: self._failed() or all(map(enough, self.all)))
        for task in self._failed():
            task.result()

    async def _stay(self, one: Mover) -> None:
        here = asyncio.create_task(self._listen(one, self._ports[0]))
        told = asyncio.create_task(one.told.wait())
        try:
            done, _ = await asyncio.wait({here, told}, return_when=asyncio.FIRST_COMPLETED)
            if here in done:
                here.result()
            await asyncio.sleep(random.uniform(0, one.within_s))
            there = asyncio.create_task(self._listen(one, self._ports[1]))
            await one.moved.wait()
        finally:
            here.cancel()
            told.cancel()
        await there

    async def _listen(self, one: Mover, port: int) -> None:
        boxes = Mp4Reader()
        async with self._few:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(f"GET {self._target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            assert b" 200 " in head.splitlines()[0], head
        try:
            while size := int(await reader.readline(), 16):
                for item in boxes.feed(await reader.readexactly(size)):
                    self._take(one, port, item)
                await reader.readexactly(2)
                async with self._news:
                    self._news.notify_all()
        finally:
            writer.close()

    def _take(self, one: Mover, port: int, item: object) -> None:
        if isinstance(item, MediaFragment):
            one.sound.append((item.base_pts, item.end_pts))
            if port == self._ports[1]:
                one.heard_there += 1
                one.moved.set()
        elif isinstance(item, Emsg):
            notice = read_notice(item.payload)
            if notice.kind == "move" and not one.told.is_set():
                one.within_s = int(notice.body["within_s"])
                one.told.set()
