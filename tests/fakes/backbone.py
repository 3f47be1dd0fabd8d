"""`domain.ports.Backbone` in memory, for one event loop: the port's promises without a server."""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from fnmatch import fnmatchcase

from rostra.domain.errors import HouseError
from rostra.domain.limits import MESSAGE_WINDOW
from rostra.domain.ports import Entry, Handler, Responder

WATCH_QUEUE_MAX = 10_000
"""Entries that a test may leave unread before that is its mistake."""


class FakeBackbone:
    """Everything is delivered in order; `down` makes every call fail as a dead server would."""

    def __init__(self) -> None:
        self.down = False
        self.published: dict[str, list[bytes]] = defaultdict(list)
        self.objects: dict[str, bytes] = {}
        self.kept: dict[str, deque[bytes]] = defaultdict(lambda: deque(maxlen=MESSAGE_WINDOW))
        """What the memory stream holds, by subject."""
        self._handlers: list[tuple[str, Handler]] = []
        self._responders: dict[str, Responder] = {}
        self._buckets: dict[str, dict[str, Entry]] = defaultdict(dict)
        self._watchers: dict[str, list[asyncio.Queue[Entry]]] = defaultdict(list)
        self._revision = 0

    @property
    def connected(self) -> bool:
        return not self.down

    def _check(self) -> None:
        if self.down:
            sentence = "The backbone cannot be reached (a test took it down)."
            raise HouseError(sentence)

    async def publish(self, subject: str, payload: bytes) -> None:
        self._check()
        self.published[subject].append(payload)
        self.kept[subject].append(payload)
        for pattern, handler in list(self._handlers):
            if fnmatchcase(subject, pattern):
                await handler(subject, payload)

    async def subscribe(self, subject: str, handler: Handler) -> None:
        self._check()
        self._handlers.append((subject, handler))

    async def serve(self, subject: str, responder: Responder) -> Callable[[], Awaitable[None]]:
        self._check()
        self._responders[subject] = responder

        async def stop() -> None:
            self._responders.pop(subject, None)

        return stop

    async def ask(self, subject: str, payload: bytes, timeout_s: float) -> bytes:
        self._check()
        responder = self._responders.get(subject)
        if responder is None:
            sentence = f"Nobody answers on {subject}."
            raise HouseError(sentence)
        return await asyncio.wait_for(responder(payload), timeout_s)

    async def recent(self, subject: str) -> list[bytes]:
        self._check()
        return list(self.kept[subject])

    async def get(self, bucket: str, key: str) -> Entry | None:
        self._check()
        held = self._buckets[bucket].get(key)
        return held if held is not None and held.value is not None else None

    async def put(self, bucket: str, key: str, value: bytes) -> int:
        self._check()
        return self._write(bucket, key, value)

    async def create(self, bucket: str, key: str, value: bytes) -> int | None:
        self._check()
        held = self._buckets[bucket].get(key)
        return None if held and held.value is not None else self._write(bucket, key, value)

    async def update(self, bucket: str, key: str, value: bytes, revision: int) -> int | None:
        self._check()
        held = self._buckets[bucket].get(key)
        if held is None or held.revision != revision:
            return None
        return self._write(bucket, key, value)

    async def delete(self, bucket: str, key: str, revision: int | None = None) -> None:
        self._check()
        held = self._buckets[bucket].get(key)
        if held is not None and revision in (None, held.revision):
            self._write(bucket, key, None)

    async def watch(
        self, bucket: str, told: Callable[[], None] | None = None
    ) -> AsyncIterator[Entry]:
        queue: asyncio.Queue[Entry] = asyncio.Queue(WATCH_QUEUE_MAX)
        for entry in self._buckets[bucket].values():
            if entry.value is not None:
                queue.put_nowait(entry)
        self._watchers[bucket].append(queue)
        try:
            while not queue.empty():
                yield queue.get_nowait()
            if told is not None:
                told()
            while True:
                yield await queue.get()
        finally:
            self._watchers[bucket].remove(queue)

    async def put_object(self, name: str, data: bytes) -> None:
        self._check()
        self.objects[name] = data

    async def get_object(self, name: str) -> bytes | None:
        self._check()
        return self.objects.get(name)

    async def close(self) -> None:
        self._handlers.clear()

    def _write(self, bucket: str, key: str, value: bytes | None) -> int:
        self._revision += 1
        entry = Entry(key, value, self._revision)
        self._buckets[bucket][key] = entry
        for queue in self._watchers[bucket]:
            queue.put_nowait(entry)
        return self._revision
