"""Puts a space's messages in order before they go to the loop: gaps are fetched, once."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from rostra.domain.errors import HouseError, MalformedError
from rostra.domain.limits import MESSAGE_WINDOW
from rostra.wire.messages import ProgrammeMessage, read_programme

RECENT_WAIT_S: Final = 0.5
"""A lookup is worth less than this much silence; hold audio would begin soon after."""

LOOKS_BETWEEN_S: Final = 5.0
"""The least time between two lookups of one space: a lossy network must not become a storm."""


class Feed:
    """One space's messages. `recent` asks the memory stream, `out` takes messages in order."""

    def __init__(
        self,
        recent: Callable[[], Awaitable[list[bytes]]],
        out: Callable[[ProgrammeMessage], None],
    ) -> None:
        self._recent = recent
        self._out = out
        self._run = ""
        self._next = 0
        self._pending: list[ProgrammeMessage] = []
        self._looking: asyncio.Task[None] | None = None
        self._looked_s = float("-inf")

    @property
    def run(self) -> str:
        """The run that was heard last, empty before the first message."""
        return self._run

    def take(self, message: ProgrammeMessage) -> None:
        """A message came."""
        gap = message.run != self._run or message.number > self._next
        if len(self._pending) < MESSAGE_WINDOW:
            self._pending.append(message)
        if self._looking is None and not (gap and self.look_back()):
            self._flush([])

    def look_back(self) -> bool:
        """Fetch what the stream holds, unless that was just done; True if it is under way."""
        now_s = asyncio.get_running_loop().time()
        if self._looking is not None:
            return True
        if now_s - self._looked_s < LOOKS_BETWEEN_S:
            return False
        self._looked_s = now_s
        self._looking = asyncio.create_task(self._look())
        return True

    async def _look(self) -> None:
        held: list[ProgrammeMessage] = []
        try:
            async with asyncio.timeout(RECENT_WAIT_S):
                payloads = await self._recent()
            held = [read_programme(payload) for payload in payloads]
        except (HouseError, MalformedError, TimeoutError):
            held = []
        finally:
            self._looking = None
        self._flush(held)

    def _flush(self, held: list[ProgrammeMessage]) -> None:
        arrived, self._pending = self._pending, []
        newest = (arrived or held)[-1:]
        if not newest:
            return
        run = newest[0].run
        if run != self._run:
            self._run, self._next = run, 0
        together = {m.number: m for m in (*held, *arrived) if m.run == run}
        for number in sorted(together):
            if number >= self._next:
                self._next = number + 1
                self._out(together[number])
