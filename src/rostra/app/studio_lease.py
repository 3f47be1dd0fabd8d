"""The lease of a space: one studio runs it, and another may take it when that one is silent."""

import asyncio
from typing import Final, Protocol

import structlog

from rostra.domain.errors import HouseError
from rostra.domain.ports import Backbone, Entry
from rostra.wire.messages import BUCKET_LEASES

HELD_S: Final = 5.0
"""A lease that was not renewed for this long has expired (bucket `leases`)."""

RENEW_S: Final = 1.5
"""Three renewals may be lost before another studio takes over."""

AGAIN_S: Final = 0.1
"""After a renewal that failed: whoever ran the space is the first when the backbone is back."""

YIELD_S: Final = 2 * RENEW_S
"""How long other studios wait for that when the backbone was away."""

_LOG = structlog.get_logger(__name__)


class StudioBackbone(Backbone, Protocol):
    """The backbone as a studio has it: it may read leases and states back."""

    @property
    def connected(self) -> bool:
        """Whether the server is there at this moment."""
        ...

    async def get(self, bucket: str, key: str) -> Entry | None:
        """A key as it is now, or None."""
        ...

    async def delete(self, bucket: str, key: str, revision: int | None = None) -> None:
        """Remove a key, or only if it still has `revision`."""
        ...


class Lease:
    """One studio's hold on one space; `studio` is a name that no other living studio has."""

    def __init__(self, backbone: StudioBackbone, space: str, studio: str) -> None:
        self._backbone = backbone
        self._space = space
        self._studio = studio.encode()
        self._revision = 0
        self._until = 0.0
        self._failing = False

    @property
    def holds(self) -> bool:
        """Whether no other studio can have the space by now: only then is its programme sent."""
        return _now() < self._until

    @property
    def disputed(self) -> bool:
        """Whether another studio may have the space by now, though the backbone could tell.

        So it is after this process was paused, until the next renewal. While the backbone is away
        nobody can take the space, and what happens on its stage is ours to write down.
        """
        return not (self.holds or self._failing)

    async def taken(self) -> None:
        """Return when the lease is ours: at once, or when its holder falls silent.

        What a studio of this name held before it was killed is ours at once.
        """
        while True:
            if not self._backbone.connected:
                await self._yield()
            if await self._tried():
                return
            await asyncio.sleep(RENEW_S)

    async def lost(self) -> None:
        """Renew for as long as it is ours; return when another studio holds it.

        While the backbone is away nobody can take it, and the show goes on.
        """
        while True:
            await asyncio.sleep(AGAIN_S if self._failing else RENEW_S)
            if not await self._tried() and not self._failing:
                self._revision = 0
                self._until = 0.0
                return

    async def release(self) -> None:
        """Let another studio take it at once; nothing happens to a lease that is not ours."""
        self._until = 0.0
        self._revision = 0
        try:
            held = await self._backbone.get(BUCKET_LEASES, self._space)
            if held is not None and held.value == self._studio:
                await self._backbone.delete(BUCKET_LEASES, self._space, held.revision)
        except HouseError as error:
            _LOG.warning("lease not released", space=self._space, reason=error.sentence)

    async def _yield(self) -> None:
        while not self._backbone.connected:  # noqa: ASYNC110 - a state without an event
            await asyncio.sleep(AGAIN_S)
        await asyncio.sleep(YIELD_S)

    async def _tried(self) -> bool:
        """Whether it is ours after one more try; `_failing` if that cannot be known."""
        began = _now()
        try:
            revision = await self._grasp()
        except HouseError as error:
            if not self._failing:
                _LOG.warning("lease", space=self._space, reason=error.sentence)
            self._failing = True
            return False
        self._failing = False
        if revision is None:
            return False
        self._revision = revision
        self._until = began + HELD_S
        return True

    async def _grasp(self) -> int | None:
        """The revision of our hold, or None if another studio has the space.

        A write whose answer was lost may have happened, so a wrong revision alone says nothing:
        the name in the lease does.
        """
        known = self._revision
        while True:
            if known:
                written = await self._backbone.update(
                    BUCKET_LEASES, self._space, self._studio, known
                )
            else:
                written = await self._backbone.create(BUCKET_LEASES, self._space, self._studio)
            if written is not None:
                return written
            held = await self._backbone.get(BUCKET_LEASES, self._space)
            if held is not None and held.value != self._studio:
                return None
            known = held.revision if held is not None else 0


def _now() -> float:
    return asyncio.get_running_loop().time()
