"""Tells studios and edges what is planned: bucket `defs`, now if possible, else as soon as it is.

When the backbone does not take a definition it is remembered and tried again, so that planning
a space needs no backbone, and a lost bucket is filled anew.
"""

import asyncio
from typing import Final

import structlog

from rostra.domain.errors import HouseError
from rostra.domain.ports import Backbone
from rostra.domain.schedule import PlannedSpace
from rostra.web.metrics import Metrics
from rostra.web.ports import Spaces
from rostra.web.workers import Workers
from rostra.wire.messages import BUCKET_DEFS, to_json
from rostra.wire.states import SpaceDef

PUT_TIMEOUT_S: Final = 2.0
"""What a person who creates a space waits for the backbone at most."""

RETRY_S: Final = 1.0
"""Pause between tries while the backbone is away."""

_log = structlog.get_logger("desk")


class Definitions:
    """Keeps bucket `defs` in step with the store."""

    def __init__(
        self, backbone: Backbone, spaces: Spaces, workers: Workers, metrics: Metrics
    ) -> None:
        self._backbone = backbone
        self._spaces = spaces
        self._workers = workers
        self._metrics = metrics
        self._waiting: dict[str, PlannedSpace] = {}
        self._wake = asyncio.Event()

    async def tell(self, space: PlannedSpace) -> bool:
        """Put one definition; True if the backbone has it, False if it will be tried again."""
        self._waiting[space.id] = space
        if await self._put(space):
            return True
        self._wake.set()
        return False

    async def tell_all(self) -> None:
        """Have every space that is not over put again: at start, and after a reconnect."""
        last: PlannedSpace | None = None
        while some := await self._workers.store.run(self._spaces.not_over, last):
            for space in some:
                self._waiting.setdefault(space.id, space)
            last = some[-1]
            self._wake.set()

    async def run(self) -> None:
        """Put what waits, for ever."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            for space in list(self._waiting.values()):
                if not await self._put(space):
                    self._wake.set()
                    await asyncio.sleep(RETRY_S)
                    break

    async def _put(self, space: PlannedSpace) -> bool:
        try:
            async with asyncio.timeout(PUT_TIMEOUT_S):
                await self._backbone.put(BUCKET_DEFS, space.id, to_json(definition(space)))
        except (HouseError, TimeoutError) as error:
            reason = getattr(error, "sentence", "no answer in time")
            _log.warning("definition waits for the backbone", space=space.id, reason=reason)
            self._count()
            return False
        if self._waiting.get(space.id) is space:
            del self._waiting[space.id]
        self._count()
        return True

    def _count(self) -> None:
        self._metrics.waiting_definitions.set(len(self._waiting))


def definition(space: PlannedSpace) -> SpaceDef:
    """A space as studios and edges are told of it."""
    return SpaceDef(
        id=space.id,
        title=space.title,
        t0_utc_us=space.t0_utc_us,
        hosts=space.hosts,
        description=space.description,
        language=space.language,
        doors_before_s=space.doors_before_s,
        cancelled=space.cancelled,
        start_at_once=space.start_at_once,
        hold=space.hold,
        announcements=dict(space.announcements),
    )
