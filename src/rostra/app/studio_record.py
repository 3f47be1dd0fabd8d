"""What the studio writes down of a space: the journal on disk, and the same events for the desk."""

import asyncio
from collections.abc import Callable
from typing import Any

import structlog

from rostra.domain.errors import HouseError
from rostra.domain.ports import Backbone, Clock
from rostra.programme.drivers.journal import Journal
from rostra.wire.messages import HouseEvent, event_subject, to_json

_LOG = structlog.get_logger(__name__)


class Record:
    """The record of one space; belongs to the event loop's thread.

    A disk that is full or gone costs the record its line, never the programme its sound: it is
    logged once until a line succeeds again, and counted. `journal` opens the file, again for each
    line until it succeeds.
    """

    def __init__(
        self, space: str, journal: Callable[[], Journal], backbone: Backbone, clock: Clock
    ) -> None:
        self._space = space
        self._open = journal
        self._journal: Journal | None = None
        self._backbone = backbone
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()
        self._failing = False
        self.lost_lines = 0

    def write(self, kind: str, body: dict[str, Any]) -> None:
        """One line, now."""
        now = self._clock.now()
        try:
            if self._journal is None:
                self._journal = self._open()
            self._journal.append(now, kind, body)
            self._failing = False
        except HouseError as error:
            self._complain(error)
        event = HouseEvent(space=self._space, kind=kind, utc_us=now.utc_us, body=body)
        task = asyncio.get_running_loop().create_task(self._tell(to_json(event)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def sync(self) -> None:
        """Bring lines to the disk, at most once a second; to be called again and again."""
        if self._journal is None:
            return
        try:
            self._journal.sync(self._clock.now())
        except HouseError as error:
            self._complain(error)

    def close(self) -> None:
        """Finish the file."""
        if self._journal is not None:
            self._journal.close()

    def _complain(self, error: HouseError) -> None:
        self.lost_lines += 1
        if not self._failing:
            _LOG.error("journal", space=self._space, reason=error.sentence)
        self._failing = True

    async def _tell(self, event: bytes) -> None:
        try:
            await self._backbone.publish(event_subject(self._space), event)
        except HouseError as error:
            _LOG.warning("event not told", space=self._space, reason=error.sentence)
