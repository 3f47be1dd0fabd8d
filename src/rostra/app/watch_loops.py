"""Keeps the watch's parts going: one that fails is told and begun again, and the page goes on."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from rostra.app.backoff import Backoff
from rostra.domain.errors import HouseError

_log = structlog.get_logger("watch")


@dataclass(frozen=True, slots=True)
class Loop:
    """One part at work; `run` goes on for ever, or returns when it has nothing to do."""

    name: str
    run: Callable[[], Awaitable[None]]


class Loops:
    """The parts of one watch."""

    def __init__(self, loops: tuple[Loop, ...]) -> None:
        self.failures: Counter[str] = Counter({loop.name: 0 for loop in loops})
        self._loops = loops

    async def run(self) -> None:
        """Keep all of them going until cancelled."""
        async with asyncio.TaskGroup() as group:
            for loop in self._loops:
                group.create_task(self._keep(loop), name=loop.name)

    async def _keep(self, loop: Loop) -> None:
        backoff, said = Backoff(), ""
        while True:
            began_s = time.monotonic()
            try:
                await loop.run()
            except HouseError as error:
                if error.sentence != said:
                    _log.error("a part of the watch waits", part=loop.name, why=error.sentence)
                said = error.sentence
            except Exception as error:  # noqa: BLE001 - a part's fault must not end the page
                if repr(error) != said:
                    _log.exception("a part of the watch failed", part=loop.name)
                said = repr(error)
            else:
                return
            self.failures[loop.name] += 1
            backoff = backoff.after_death(time.monotonic() - began_s)
            await asyncio.sleep(backoff.delay_s)
