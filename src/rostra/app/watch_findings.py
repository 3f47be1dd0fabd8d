"""Brings what probes find to the panels at once, and to the store a little later, all together."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

import structlog

from rostra.domain.errors import HouseError
from rostra.domain.ports import Clock
from rostra.watch.probing import Result

WRITE_EVERY_S: Final = 2.0
"""One transaction for what came meanwhile; the page reads the panels and waits for none."""

WAITING_MAX: Final = 5_000
"""Results kept in memory while the disk is full; beyond it the oldest go, and are missed only in
the charts."""

FORGET_EVERY: Final = 1_800
"""Every so many writes, an hour, what is past its days is deleted."""

_log = structlog.get_logger("watch")


class Book(Protocol):
    """What is needed of `store.watch_probes.SqlProbes`."""

    def add(self, results: list[Result], /) -> int:
        """Keep results; how many of them were new."""
        ...

    def forget(self, now_utc_us: int, /) -> int:
        """Delete what is past its days."""
        ...


class Findings:
    """`take` for the probes of this place, `receive` for those of others, `run` to write."""

    def __init__(self, book: Book, clock: Clock, hear: Callable[[Result], None]) -> None:
        self._book = book
        self._clock = clock
        self._hear = hear
        self._waiting: deque[Result] = deque(maxlen=WAITING_MAX)

    def take(self, result: Result) -> None:
        """Hear one result, and keep it for the next write."""
        self._hear(result)
        self._waiting.append(result)

    async def receive(self, results: list[Result]) -> int:
        """Keep and hear what another place tells; how much of it was new.

        It is on disk before the place is answered, which then forgets it.
        """
        new = await asyncio.to_thread(self._book.add, results)
        for result in results:
            self._hear(result)
        return new

    async def run(self) -> None:
        """Write what waits, until cancelled."""
        writes = 0
        while True:
            await asyncio.sleep(WRITE_EVERY_S)
            await self.write()
            writes += 1
            if writes % FORGET_EVERY == 0:
                await asyncio.to_thread(self._book.forget, self._clock.now().utc_us)

    async def write(self) -> None:
        """Write what waits now; what the store does not take waits on."""
        batch = list(self._waiting)
        self._waiting.clear()
        if not batch:
            return
        try:
            await asyncio.to_thread(self._book.add, batch)
        except HouseError:
            self._waiting.extendleft(reversed(batch))
            raise
