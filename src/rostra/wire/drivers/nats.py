"""The backbone over NATS: messages, requests, small shared state, and the last minute of sound."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from typing import Final

import structlog
from nats import errors
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.object_store import ObjectStore

from rostra.domain.errors import HouseError
from rostra.domain.limits import MESSAGE_WINDOW
from rostra.domain.ports import Entry, Handler, Responder
from rostra.wire.drivers.nats_buckets import Buckets
from rostra.wire.drivers.nats_connection import ANSWER_WAIT_S, CONNECT_WAIT_S, Connection, Work
from rostra.wire.drivers.nats_listen import LISTENED, Listener
from rostra.wire.drivers.nats_objects import (
    check_object,
    keep_object,
    read_batch,
    read_object,
)
from rostra.wire.drivers.nats_streams import furnish_streams
from rostra.wire.drivers.nats_watch import Watcher

SUBSCRIPTION_MESSAGES_MAX: Final = 8_192
"""What a slow handler may leave waiting: a minute of fourteen programmes."""
SUBSCRIPTION_BYTES_MAX: Final = 32 * 1024 * 1024
"""The same in bytes, so that large messages cannot fill the memory."""
ANSWERING_MAX: Final = 64
"""Requests of one subject answered at once; an offer takes a second of waiting, not of work."""
OBJECT_WAIT_S: Final = 10.0
"""A hold loop is a few chunks; a card is one."""
FURNISH_AGAIN_S: Final = 0.5
"""Between two tries to furnish a server that came back and is still reading its disk."""

_log = structlog.get_logger("backbone")


class NatsBackbone:
    """`rostra.domain.ports.Backbone` on a NATS server with JetStream.

    Counters for metrics: `dropped` (publishes refused), `refused` (messages that came by a
    detour), `overrun` (messages dropped before a slow handler), `reconnects`.
    """

    def __init__(self, name: str, inbox: str) -> None:
        self.refused = 0
        self._line = Connection(name, inbox)
        self._js = self._line.client.jetstream(timeout=ANSWER_WAIT_S)
        self._buckets = Buckets(self._line.request, self._direct)

    @classmethod
    async def connect(
        cls, url: str, user: str, password: str, name: str, *, must: bool = True
    ) -> "NatsBackbone":
        """Connect as `user`; `name` is what the server's own lists show.

        With `must` the connection stands at return, or HouseError after `CONNECT_WAIT_S`.
        Without, it returns at once and keeps trying for as long as it lives.
        """
        self = cls(name, f"_INBOX_{user}")
        await self._line.open(url, user, password, must=must)
        return self

    @property
    def jetstream(self) -> JetStreamContext:
        """The client's own view of JetStream, for furnishing."""
        return self._js

    @property
    def dropped(self) -> int:
        """Publishes that were refused."""
        return self._line.dropped

    @property
    def overrun(self) -> int:
        """Messages that came faster than their handler took them, and were dropped."""
        return self._line.overrun

    @property
    def reconnects(self) -> int:
        """How often the server came back."""
        return self._line.reconnects

    @property
    def connected(self) -> bool:
        """Whether the server is there at this moment."""
        return self._line.connected

    async def wait_connected(self, timeout_s: float) -> None:
        """Return as soon as the server is there; HouseError after `timeout_s`."""
        await self._line.wait_connected(timeout_s)

    def on_connected(self, renew: Work) -> None:
        """Call `renew` after every reconnect: memory streams die with their server."""
        self._line.on_connected(renew)

    async def publish(self, subject: str, payload: bytes) -> None:
        """Send to whoever listens now; HouseError if too much waits for the server already."""
        await self._line.publish(subject, payload)

    async def subscribe(self, subject: str, handler: Handler) -> None:
        """Call `handler(subject, payload)` for each message, in order, until closed.

        A message with a reply address or headers is not a plain publish: somebody made the
        server deliver it here by a detour around the rights of subjects. It is refused.
        """

        async def receive(message: Msg) -> None:
            if message.reply or message.headers:
                self.refused += 1
                return
            await self._line.guarded(handler(message.subject, message.data), subject)

        async def begin() -> None:
            with self._line.translated(f"subscribe to {subject}"):
                await self._line.client.subscribe(
                    subject,
                    cb=receive,
                    pending_msgs_limit=SUBSCRIPTION_MESSAGES_MAX,
                    pending_bytes_limit=SUBSCRIPTION_BYTES_MAX,
                )
                await self._line.flush()

        await self._line.begin(begin)

    async def serve(self, subject: str, responder: Responder) -> Work:
        """Answer requests on `subject` (one answerer of a group); returns how to stop."""
        slots = asyncio.Semaphore(ANSWERING_MAX)
        stops: list[Work] = []

        async def answer(message: Msg) -> None:
            try:
                reply = await responder(message.data)
                await self._line.client.publish(message.reply, reply)
            finally:
                slots.release()

        async def receive(message: Msg) -> None:
            await slots.acquire()
            self._line.spawn(self._line.guarded(answer(message), subject))

        async def begin() -> None:
            with self._line.translated(f"serve {subject}"):
                taken = await self._line.client.subscribe(
                    subject,
                    queue="answerers",
                    cb=receive,
                    pending_msgs_limit=SUBSCRIPTION_MESSAGES_MAX,
                    pending_bytes_limit=SUBSCRIPTION_BYTES_MAX,
                )
                stops.append(taken.unsubscribe)
                await self._line.flush()

        async def stop() -> None:
            self._line.not_yet(begin)
            with contextlib.suppress(errors.Error, TimeoutError):
                for one in stops:
                    await one()
                await self._line.flush()

        await self._line.begin(begin)
        return stop

    async def ask(self, subject: str, payload: bytes, timeout_s: float) -> bytes:
        """Send a request and return its answer; HouseError if none comes in time."""
        try:
            return (await self._line.request(subject, payload, timeout_s=timeout_s)).data
        except errors.NoRespondersError as error:
            sentence = f"Nobody answers {subject} at the moment. Try again in a few seconds."
            raise HouseError(sentence) from error

    async def recent(self, subject: str) -> list[bytes]:
        """What the memory stream still holds of `subject`, oldest first."""
        messages = await self._batch("PROG", subject, MESSAGE_WINDOW)
        return [message.data for message in messages]

    async def get(self, bucket: str, key: str) -> Entry | None:
        """A key as it is now, or None; for a role that may read the bucket back."""
        return await self._buckets.get(bucket, key)

    async def put(self, bucket: str, key: str, value: bytes) -> int:
        """Write a key and return its revision."""
        return await self._buckets.put(bucket, key, value)

    async def create(self, bucket: str, key: str, value: bytes) -> int | None:
        """Write a key only if it is absent; its revision, or None if somebody holds it."""
        return await self._buckets.create(bucket, key, value)

    async def update(self, bucket: str, key: str, value: bytes, revision: int) -> int | None:
        """Write a key only if it still has `revision`; the new one, or None if it has not."""
        return await self._buckets.update(bucket, key, value, revision)

    async def delete(self, bucket: str, key: str, revision: int | None = None) -> None:
        """Remove a key, or only if it still has `revision`; no error if it is absent or has not."""
        await self._buckets.delete(bucket, key, revision)

    async def watch(
        self, bucket: str, told: Callable[[], None] | None = None
    ) -> AsyncGenerator[Entry, None]:
        """Every key as it is now, then every change, for ever (reconnects included).

        `told` is called each time that every key as it is has been given.
        After a reconnect every key comes again, and those that vanished meanwhile come as None.
        Bucket `edges` is heard, not read: its keys come as they are renewed, once each.
        """
        if bucket in LISTENED:
            await self._line.until_up()
            async for entry in Listener(self._line.client, bucket).entries():
                yield entry
        watcher = Watcher(self._line.client, bucket, told)
        with self._line.interrupted_by_reconnects(watcher.interrupt):
            while not self._line.closing:
                await self._line.until_up()
                async for entry in watcher.entries():
                    yield entry

    async def put_object(self, name: str, data: bytes) -> None:
        """Store a blob under its name, in chunks (NATS object store, bucket `objects`)."""
        check_object(name, len(data))
        await self._line.wait_connected(ANSWER_WAIT_S)
        with self._line.translated(f"store the object {name}"):
            async with asyncio.timeout(OBJECT_WAIT_S):
                await ObjectStore("objects", "OBJ_objects", self._js).put(name, data)

    async def keep_object(self, name: str, data: bytes) -> None:
        """Store a blob under a name that follows from its bytes, without reading anything back.

        What is there already stays: for a role that may write objects and not read them.
        """
        check_object(name, len(data))
        await self._line.wait_connected(ANSWER_WAIT_S)
        with self._line.translated(f"store the object {name}"):
            async with asyncio.timeout(OBJECT_WAIT_S):
                await keep_object(self._js, name, data)

    async def get_object(self, name: str) -> bytes | None:
        """Fetch a blob, or None; HouseError if its bytes are not those that were stored."""
        return await read_object(name, self._direct, self._batch)

    async def close(self) -> None:
        """Flush and leave."""
        await self._line.close()

    async def _direct(self, stream: str, subject: str) -> Msg | None:
        """The newest message of a subject, or None."""
        try:
            message = await self._line.request(f"$JS.API.DIRECT.GET.{stream}.{subject}", b"")
        except errors.NoRespondersError as error:
            sentence = f"The backbone has no stream {stream} yet. Start a studio or the house."
            raise HouseError(sentence) from error
        return None if (message.headers or {}).get("Status") else message

    async def _batch(self, stream: str, subject: str, limit: int) -> list[Msg]:
        await self._line.wait_connected(ANSWER_WAIT_S)
        with self._line.translated(f"read {subject} back"):
            return await read_batch(self._line.client, stream, subject, limit)


async def furnish(backbone: NatsBackbone) -> None:
    """Create the house's streams and buckets now, and again whenever the server comes back.

    Idempotent; for a process whose credentials may create streams (the studio's).
    """
    await backbone.wait_connected(CONNECT_WAIT_S)

    async def renew() -> None:
        while backbone.connected:
            try:
                await furnish_streams(backbone.jetstream)
            except HouseError as error:  # JetStream may come up later than its server
                _log.warning("not furnished yet", reason=error.sentence)
                await asyncio.sleep(FURNISH_AGAIN_S)
            else:
                return

    await furnish_streams(backbone.jetstream)
    backbone.on_connected(renew)
