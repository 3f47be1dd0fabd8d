"""What the studio writes down of a space: the journal on disk, and the same events for the desk."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, Protocol

import structlog

from rostra.domain.errors import HouseError
from rostra.domain.ports import Backbone, Clock, Moment
from rostra.wire.messages import HouseEvent, event_subject, to_json

LINES_MAX: Final = 1_000
"""Lines that wait for a disk that stands still, or for word that the space is still ours: an hour
of counts and some hundred arrivals. Beyond it the newest are lost, and counted."""

CLOSE_S_MAX: Final = 0.8
"""How long the last lines may take; a disk that hangs must not hold up the goodbye."""

_LOG = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Line:
    """One line, before it has its place in the chain."""

    now: Moment
    kind: str
    body: dict[str, Any]


class Pages(Protocol):
    """Where the lines go: `programme.drivers.journal.Journal`; each call may wait for the disk."""

    def append(self, now: Moment, kind: str, body: dict[str, Any]) -> None:
        """Add a line; HouseError if the disk refuses."""
        ...

    def due(self, now: Moment) -> bool:
        """Whether `sync` has something to do; asked from any thread, never waits."""
        ...

    def sync(self, now: Moment) -> None:
        """Bring lines to the disk; HouseError if it refuses."""
        ...

    def close(self) -> None:
        """The same, and no more after it."""
        ...


class Record:
    """The record of one space; belongs to the event loop's thread, and never waits for the disk.

    One thread of its own writes, so that lines keep their order and at most one call waits for
    the disk. A disk that is full or gone costs the record its line, never the programme its
    sound: it is logged once until a line succeeds again, and counted. While the space may be
    another studio's (`disputed`) lines wait, and those of a space that is lost are dropped: the
    other one writes its own. `journal` opens the file, again for each line until it succeeds.
    """

    def __init__(
        self,
        space: str,
        journal: Callable[[], Pages],
        backbone: Backbone,
        clock: Clock,
        disputed: Callable[[], bool] = lambda: False,
    ) -> None:
        self._space = space
        self._open = journal
        self._journal: Pages | None = None  # of the disk's thread
        self._backbone = backbone
        self._clock = clock
        self._disputed = disputed
        self._held: deque[Line] = deque()
        self._lines: deque[Line] = deque()
        self._disk = ThreadPoolExecutor(1, thread_name_prefix=f"journal {space}")
        self._writing: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._failing = False
        self._closed = self._given_up = False
        self.lost_lines = 0

    def write(self, kind: str, body: dict[str, Any]) -> None:
        """One line, as of now."""
        line = Line(self._clock.now(), kind, body)
        if self._closed or len(self._held) + len(self._lines) >= LINES_MAX:
            self._lost(f"{kind}: too many lines wait, or the record is closed.")
            return
        self._held.append(line)
        self.sync()

    def sync(self) -> None:
        """Hand lines to the disk; to be called again and again."""
        if not self._disputed():
            while self._held:
                line = self._held.popleft()
                self._spawn(self._tell(line))
                self._lines.append(line)
        due = self._journal is not None and self._journal.due(self._clock.now())
        if (self._lines or due) and self._writing is None and not self._closed:
            self._writing = asyncio.get_running_loop().create_task(self._write())

    async def close(self) -> None:
        """Finish the file, within `CLOSE_S_MAX`; once more is no error."""
        if self._closed:
            return
        self.sync()
        self._closed = True
        if self._held:  # the space is another studio's by now, and so is its record
            self._lost("The space is in other hands.", len(self._held))
            self._held.clear()
        try:
            async with asyncio.timeout(CLOSE_S_MAX):
                await self._finished()
        except TimeoutError:
            self._given_up = True
            self._lost(f"The disk took longer than {CLOSE_S_MAX:g} s.", len(self._lines))
        except HouseError as error:
            self._lost(error.sentence)
        self._disk.shutdown(wait=False)

    async def _write(self) -> None:
        """Give the disk all there is, and what came meanwhile, until nothing waits."""
        try:
            await self._write_all()
        finally:
            self._writing = None

    async def _write_all(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            lines, now = tuple(self._lines), self._clock.now()
            try:
                failed, why = await loop.run_in_executor(self._disk, self._store, lines, now)
            finally:
                for _ in lines:
                    self._lines.popleft()
            if why:
                self._lost(why, failed)
            else:
                self._failing = False
            if not self._lines:
                return

    def _store(self, lines: tuple[Line, ...], now: Moment) -> tuple[int, str]:
        """Write, in the disk's thread; how many lines failed, and the last sentence of it."""
        failed, why = 0, ""
        for line in lines:
            if self._given_up:  # the space may be begun anew, and its chain with it
                break
            try:
                if self._journal is None:
                    self._journal = self._open()
                self._journal.append(line.now, line.kind, line.body)
            except HouseError as error:
                failed, why = failed + 1, error.sentence
        try:
            if self._journal is not None:
                self._journal.sync(now)
        except HouseError as error:
            failed, why = failed + 1, error.sentence
        return failed, why

    async def _finished(self) -> None:
        if self._writing is not None:
            await asyncio.shield(self._writing)
        if self._journal is not None:
            await asyncio.get_running_loop().run_in_executor(self._disk, self._journal.close)

    def _lost(self, why: str, lines: int = 1) -> None:
        self.lost_lines += lines
        if not self._failing:
            _LOG.error("journal", space=self._space, reason=why)
        self._failing = True

    async def _tell(self, line: Line) -> None:
        event = HouseEvent(
            space=self._space, kind=line.kind, utc_us=line.now.utc_us, body=line.body
        )
        try:
            await self._backbone.publish(event_subject(self._space), to_json(event))
        except HouseError as error:
            _LOG.warning("event not told", space=self._space, reason=error.sentence)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
