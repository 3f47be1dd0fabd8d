"""Watching a bucket: every key as it is, then every change, again after each reconnect."""

import asyncio
import contextlib
import json
import secrets
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import structlog
from nats import errors
from nats.aio.client import Client
from nats.aio.msg import Msg

from rostra.domain.ports import Entry

HEARTBEAT_S: Final = 2
"""The server says that it is still there; three silent ones and the watch begins anew."""
RETRY_S: Final = 0.25
"""Before a watch that could not begin (no bucket yet) tries again."""
PATIENCE: Final = 12
"""Three seconds of trying: a bucket may be a moment younger than its watchers."""
WAITING_MAX: Final = 4_096
"""Changes that a slow reader may leave waiting; beyond it the watch begins anew."""
BEGIN_WAIT_S: Final = 2.0
"""The server answers in milliseconds."""
IDLE_S: Final = 10
"""The server forgets a watch whose reader is gone after this long."""

_NANOSECONDS: Final = 1_000_000_000
_log = structlog.get_logger("backbone")


def is_gone(headers: dict[str, str] | None) -> bool:
    """Whether a bucket's message says that its key was deleted or has expired."""
    return headers is not None and bool(headers.keys() & {"KV-Operation", "Nats-Marker-Reason"})


class Watcher:
    """One reader of one bucket; remembers its keys over interruptions.

    `told` is called when a round has given every key as it is.
    """

    def __init__(self, client: Client, bucket: str, told: Callable[[], None] | None = None) -> None:
        self._told = told or (lambda: None)
        self._client = client
        self._bucket = bucket
        self._known: set[str] = set()
        self._queue: asyncio.Queue[Msg | None] = asyncio.Queue()
        self._broken = False
        self._failures = 0

    def interrupt(self) -> None:
        """Make the present round of `entries` end, because the connection is another one."""
        self._broken = True
        with contextlib.suppress(asyncio.QueueFull):
            self._queue.put_nowait(None)

    async def entries(self) -> AsyncIterator[Entry]:
        """One round: the keys as they are, then changes, until interrupted or out of step."""
        self._queue = asyncio.Queue(maxsize=WAITING_MAX)
        self._broken = False
        try:
            box = await self._client.subscribe(self._client.new_inbox(), cb=self._take)
        except errors.Error:
            await asyncio.sleep(RETRY_S)
            return
        try:
            pending = await self._begin(box.subject)
            if pending is None:
                await asyncio.sleep(RETRY_S)
                return
            async for entry in self._round(pending):
                yield entry
        finally:
            with contextlib.suppress(errors.Error):
                await box.unsubscribe()

    async def _begin(self, inbox: str) -> int | None:
        """Start an ordered delivery; how many keys will come, or None if it cannot start."""
        name = f"watch-{secrets.token_hex(8)}"
        stream, keys = f"KV_{self._bucket}", f"$KV.{self._bucket}.>"
        wish = {"stream_name": stream, "config": _consumer(name, inbox, keys), "action": "create"}
        try:
            answer = await self._client.request(
                f"$JS.API.CONSUMER.CREATE.{stream}.{name}.{keys}",
                json.dumps(wish).encode(),
                BEGIN_WAIT_S,
            )
        except errors.Error as error:
            self._complain(str(error))
            return None
        body = json.loads(answer.data)
        if "error" in body:
            self._complain(body["error"].get("description", "refused"))
            return None
        self._failures = 0
        return int(body["num_pending"]) + int(body.get("delivered", {}).get("consumer_seq", 0))

    async def _round(self, pending: int) -> AsyncIterator[Entry]:
        seen: set[str] = set()
        step = 0
        fresh = pending == 0
        if fresh:
            for entry in self._vanished(seen):
                yield entry
            self._told()
        while True:
            message = await self._next()
            if message is None:
                return
            if (message.headers or {}).get("Status"):
                continue
            meta = message.metadata
            if meta.sequence.consumer != step + 1:
                return
            step += 1
            entry = self._entry(message, meta.sequence.stream)
            seen.add(entry.key)
            if not (entry.value is None and entry.key not in self._known and not fresh):
                yield self._learn(entry)
            if not fresh and step >= pending:
                fresh = True
                for gone in self._vanished(seen):
                    yield gone
                self._told()

    async def _next(self) -> Msg | None:
        """The next message, or None when this round is over."""
        if self._broken:
            return None
        try:
            async with asyncio.timeout(3 * HEARTBEAT_S):
                message = await self._queue.get()
        except TimeoutError:
            return None
        return None if self._broken else message

    async def _take(self, message: Msg) -> None:
        try:
            self._queue.put_nowait(message)
        except asyncio.QueueFull:
            self._broken = True

    def _entry(self, message: Msg, revision: int) -> Entry:
        key = message.subject.removeprefix(f"$KV.{self._bucket}.")
        return Entry(key, None if is_gone(message.headers) else message.data, revision)

    def _learn(self, entry: Entry) -> Entry:
        if entry.value is None:
            self._known.discard(entry.key)
        else:
            self._known.add(entry.key)
        return entry

    def _vanished(self, seen: set[str]) -> list[Entry]:
        """Keys that were there before an interruption and are not any more."""
        gone = sorted(self._known - seen)
        self._known -= set(gone)
        return [Entry(key, None, 0) for key in gone]

    def _complain(self, reason: str) -> None:
        self._failures += 1
        if self._failures == PATIENCE:
            _log.warning("a watch cannot begin yet", bucket=self._bucket, reason=reason)


def _consumer(name: str, inbox: str, keys: str) -> dict[str, Any]:
    """An ephemeral, ordered push consumer that starts with the newest value of every key."""
    return {
        "name": name,
        "deliver_subject": inbox,
        "deliver_policy": "last_per_subject",
        "ack_policy": "none",
        "max_deliver": 1,
        "filter_subject": keys,
        "replay_policy": "instant",
        "idle_heartbeat": HEARTBEAT_S * _NANOSECONDS,
        "inactive_threshold": IDLE_S * _NANOSECONDS,
        "num_replicas": 1,
        "mem_storage": True,
    }
