"""Watching a bucket whose keys are all renewed: by listening, with no right to read it back.

Who may write a bucket and have the server deliver it again could have it delivered anywhere, the
programme included. Edges write bucket `edges`, so nobody reads that one back: each edge renews
its key several times before it would expire, and whoever listens knows all within that time.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final

from nats import errors
from nats.aio.client import Client
from nats.aio.msg import Msg

from rostra.domain.ports import Entry
from rostra.wire.drivers.nats_streams import EDGE_TTL_S
from rostra.wire.drivers.nats_watch import is_gone

LISTENED: Final = {"edges": EDGE_TTL_S}
"""Buckets that are heard and not read, with the life of their keys in seconds."""
WAITING_MAX: Final = 4_096
"""Renewals that a slow reader may leave waiting; the next renewal makes up for one lost."""


class Listener:
    """One reader of one such bucket."""

    def __init__(self, client: Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket
        self._ttl_s = LISTENED[bucket]
        self._due: dict[str, float] = {}
        self._values: dict[str, bytes] = {}
        self._queue: asyncio.Queue[Msg] = asyncio.Queue(WAITING_MAX)

    async def entries(self) -> AsyncIterator[Entry]:
        """Each key that is new or changed, and None for each that was not renewed in time."""
        box = await self._client.subscribe(f"$KV.{self._bucket}.*", cb=self._take)
        try:
            while True:
                for entry in await self._next():
                    yield entry
        finally:
            with contextlib.suppress(errors.Error):
                await box.unsubscribe()

    async def _next(self) -> list[Entry]:
        now = asyncio.get_running_loop().time()
        first_due = min(self._due.values(), default=now + self._ttl_s)
        try:
            async with asyncio.timeout_at(first_due):
                message = await self._queue.get()
        except TimeoutError:
            return self._expired(first_due)
        return self._heard(message)

    def _heard(self, message: Msg) -> list[Entry]:
        key = message.subject.removeprefix(f"$KV.{self._bucket}.")
        if is_gone(message.headers):
            return self._forget([key])
        self._due[key] = asyncio.get_running_loop().time() + self._ttl_s
        if self._values.get(key) == message.data:
            return []
        self._values[key] = message.data
        return [Entry(key, message.data, 0)]

    def _expired(self, now: float) -> list[Entry]:
        return self._forget([key for key, due in self._due.items() if due <= now])

    def _forget(self, keys: list[str]) -> list[Entry]:
        for key in keys:
            self._due.pop(key, None)
        return [Entry(key, None, 0) for key in keys if self._values.pop(key, None) is not None]

    async def _take(self, message: Msg) -> None:
        with contextlib.suppress(asyncio.QueueFull):
            self._queue.put_nowait(message)
