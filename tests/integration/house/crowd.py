"""Listeners by the hundred: raw sockets on `push.mp4`, each checked for gaps and for its end."""

import asyncio
from dataclasses import dataclass, field
from typing import Self

from rostra.wire.mp4_read import MediaFragment, Mp4Reader

CONNECT_AT_ONCE = 50
READ_BYTES = 64 * 1024
BODY_WAIT_S = 15.0


@dataclass
class Ear:
    """One listener: what it got, and whether it was dropped."""

    fragments: int = 0
    gaps: int = 0
    dropped: bool = False
    end_pts: int | None = None
    _reader: Mp4Reader = field(default_factory=Mp4Reader)

    def feed(self, data: bytes) -> None:
        """Follow the stream's clock."""
        for item in self._reader.feed(data):
            if isinstance(item, MediaFragment):
                self.gaps += self.end_pts is not None and item.base_pts != self.end_pts
                self.end_pts = item.end_pts
                self.fragments += 1


class Crowd:
    """`count` listeners of one space at one edge; `async with` opens and closes them."""

    def __init__(self, port: int, space: str, count: int) -> None:
        self.ears = [Ear() for _ in range(count)]
        self._port = port
        self._target = f"/live/{space}/push.mp4"
        self._few = asyncio.Semaphore(CONNECT_AT_ONCE)
        self._tasks: list[asyncio.Task[None]] = []
        self._heard = asyncio.Condition()

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._listen(ear)) for ear in self.ears]
        await self.until_each_heard(1)
        return self

    async def __aexit__(self, *_error: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def gaps(self) -> int:
        return sum(ear.gaps for ear in self.ears)

    @property
    def dropped(self) -> int:
        return sum(ear.dropped for ear in self.ears)

    async def until_each_heard(self, more: int) -> None:
        """Return when every listener got so many more fragments."""
        goals = [ear.fragments + more for ear in self.ears]
        async with asyncio.timeout(BODY_WAIT_S + more), self._heard:
            await self._heard.wait_for(
                lambda: all(
                    ear.fragments >= goal or ear.dropped
                    for ear, goal in zip(self.ears, goals, strict=True)
                )
            )

    async def _listen(self, ear: Ear) -> None:
        async with self._few:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
            writer.write(f"GET {self._target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            assert b" 200 " in head.splitlines()[0], head
        try:
            while size := int(await reader.readline(), 16):
                ear.feed(await reader.readexactly(size))
                await reader.readexactly(2)
                async with self._heard:
                    self._heard.notify_all()
        except (asyncio.IncompleteReadError, ConnectionError, ValueError):
            pass
        finally:
            ear.dropped = not asyncio.current_task().cancelling()  # type: ignore[union-attr]
            writer.close()
