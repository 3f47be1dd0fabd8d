"""The backbone over NATS: messages, requests, small shared state, and the last minute of sound."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from typing import Final

import structlog
from nats import errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.errors import APIError, NotFoundError
from nats.js.object_store import ObjectStore

from rostra.domain.errors import HouseError, RostraError
from rostra.domain.limits import MESSAGE_WINDOW
from rostra.domain.ports import Entry, Handler, Responder
from rostra.wire.drivers.nats_buckets import Buckets
from rostra.wire.drivers.nats_listen import LISTENED, Listener
from rostra.wire.drivers.nats_objects import read_batch, read_object
from rostra.wire.drivers.nats_streams import furnish_streams
from rostra.wire.drivers.nats_watch import Watcher

CONNECT_WAIT_S: Final = 10.0
"""How long a process that must have the backbone tries before it says that it is not there."""
ANSWER_WAIT_S: Final = 2.0
"""The server is one hop away and answers in milliseconds; longer means that it is not well."""
RECONNECT_WAIT_S: Final = 0.25
"""Between two tries to connect: short beside the second of sound that a listener holds."""
PING_S: Final = 5
"""A server that vanished without a word is noticed after two unanswered pings."""
PENDING_BYTES_MAX: Final = 256 * 1024
"""What may wait for a stalled server: some ten seconds of one programme, then new ones drop."""
SUBSCRIPTION_MESSAGES_MAX: Final = 8_192
"""What a slow handler may leave waiting: a minute of fourteen programmes."""
SUBSCRIPTION_BYTES_MAX: Final = 32 * 1024 * 1024
"""The same in bytes, so that large messages cannot fill the memory."""
ANSWERING_MAX: Final = 64
"""Requests of one subject answered at once; an offer takes a second of waiting, not of work."""
OBJECT_WAIT_S: Final = 10.0
"""A hold loop is a few chunks; a card is one."""

_log = structlog.get_logger("backbone")


class NatsBackbone:
    """`rostra.domain.ports.Backbone` on a NATS server with JetStream.

    Counters for metrics: `dropped` (publishes refused), `refused` (messages that came by a
    detour), `reconnects`.
    """

    def __init__(self, name: str, inbox: str) -> None:
        self.dropped = 0
        self.refused = 0
        self.reconnects = 0
        self._name = name
        self._inbox = inbox
        self._client = Client()
        self._js = self._client.jetstream(timeout=ANSWER_WAIT_S)
        self._buckets = Buckets(self._request, self._direct)
        self._up = asyncio.Event()
        self._once_up = False
        self._closing = False
        self._early: list[Callable[[], Awaitable[None]]] = []
        self._renewals: list[Callable[[], Awaitable[None]]] = []
        self._watchers: set[Watcher] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._last_error: Exception | None = None
        self._denied = asyncio.Event()

    @classmethod
    async def connect(
        cls, url: str, user: str, password: str, name: str, *, must: bool = True
    ) -> "NatsBackbone":
        """Connect as `user`; `name` is what the server's own lists show.

        With `must` the connection stands at return, or HouseError after `CONNECT_WAIT_S`.
        Without, it returns at once and keeps trying for as long as it lives.
        """
        self = cls(name, f"_INBOX_{user}")
        trying = asyncio.create_task(self._try(url, user, password))
        self._keep(trying)
        if must:
            await self._must_be_up(trying, url, user)
        return self

    async def _try(self, url: str, user: str, password: str) -> None:
        await self._client.connect(
            url,
            user=user,
            password=password,
            name=self._name,
            inbox_prefix=self._inbox,
            max_reconnect_attempts=-1,
            reconnect_time_wait=RECONNECT_WAIT_S,  # type: ignore[arg-type]  # slept as given
            connect_timeout=2,
            ping_interval=PING_S,
            max_outstanding_pings=2,
            pending_size=PENDING_BYTES_MAX,
            error_cb=self._on_error,
            disconnected_cb=self._on_disconnect,
            reconnected_cb=self._on_reconnect,
            closed_cb=self._on_close,
        )
        self._once_up = True
        for begin in self._early:
            await begin()
        self._early.clear()
        self._up.set()

    async def _must_be_up(self, trying: asyncio.Task[None], url: str, user: str) -> None:
        denied = asyncio.create_task(self._denied.wait())
        done, _ = await asyncio.wait(
            {trying, denied}, timeout=CONNECT_WAIT_S, return_when=asyncio.FIRST_COMPLETED
        )
        denied.cancel()
        if trying in done and trying.exception() is None:
            return
        trying.cancel()
        await self.close()
        if self._denied.is_set():
            sentence = (
                f"The backbone at {url} refuses the credentials of {user}: another house may use"
                " this port, or the secrets below --data are of another one. See `rostra ps`."
            )
            raise HouseError(sentence) from self._last_error
        sentence = (
            f"The backbone at {url} does not answer within {CONNECT_WAIT_S:.0f} s"
            f" ({self._last_error}). Start `rostra serve`, or set nats.url."
        )
        raise HouseError(sentence) from self._last_error

    @property
    def jetstream(self) -> JetStreamContext:
        """The client's own view of JetStream, for furnishing."""
        return self._js

    @property
    def connected(self) -> bool:
        """Whether the server is there at this moment."""
        return self._up.is_set()

    async def wait_connected(self, timeout_s: float) -> None:
        """Return as soon as the server is there; HouseError after `timeout_s`."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._up.wait()
        except TimeoutError as error:
            sentence = f"The backbone is not there ({self._last_error}). See `rostra ps`."
            raise HouseError(sentence) from error

    def on_connected(self, renew: Callable[[], Awaitable[None]]) -> None:
        """Call `renew` after every reconnect: memory streams die with their server."""
        self._renewals.append(renew)

    async def publish(self, subject: str, payload: bytes) -> None:
        """Send to whoever listens now; HouseError if too much waits for the server already."""
        if self._client.pending_data_size + len(payload) > PENDING_BYTES_MAX or not self._once_up:
            self.dropped += 1
            sentence = f"The backbone takes nothing at the moment; {subject} was dropped."
            raise HouseError(sentence)
        with self._translated(f"take {subject}"):
            await self._client.publish(subject, payload)

    async def subscribe(self, subject: str, handler: Handler) -> None:
        """Call `handler(subject, payload)` for each message, in order, until closed.

        A message with a reply address or headers is not a plain publish: somebody made the
        server deliver it here by a detour around the rights of subjects. It is refused.
        """

        async def receive(message: Msg) -> None:
            if message.reply or message.headers:
                self.refused += 1
                return
            await self._guarded(handler(message.subject, message.data), subject)

        async def begin() -> None:
            with self._translated(f"subscribe to {subject}"):
                await self._client.subscribe(
                    subject,
                    cb=receive,
                    pending_msgs_limit=SUBSCRIPTION_MESSAGES_MAX,
                    pending_bytes_limit=SUBSCRIPTION_BYTES_MAX,
                )
                await self._flush()

        await self._begin(begin)

    async def serve(self, subject: str, responder: Responder) -> Callable[[], Awaitable[None]]:
        """Answer requests on `subject` (one answerer of a group); returns how to stop."""
        slots = asyncio.Semaphore(ANSWERING_MAX)
        stops: list[Callable[[], Awaitable[None]]] = []

        async def answer(message: Msg) -> None:
            try:
                reply = await responder(message.data)
                await self._client.publish(message.reply, reply)
            finally:
                slots.release()

        async def receive(message: Msg) -> None:
            await slots.acquire()
            self._keep(asyncio.create_task(self._guarded(answer(message), subject)))

        async def begin() -> None:
            with self._translated(f"serve {subject}"):
                taken = await self._client.subscribe(subject, queue="answerers", cb=receive)
                stops.append(taken.unsubscribe)
                await self._flush()

        async def stop() -> None:
            if begin in self._early:
                self._early.remove(begin)
            with contextlib.suppress(errors.Error, TimeoutError):
                for one in stops:
                    await one()
                await self._flush()

        await self._begin(begin)
        return stop

    async def ask(self, subject: str, payload: bytes, timeout_s: float) -> bytes:
        """Send a request and return its answer; HouseError if none comes in time."""
        try:
            return (await self._request(subject, payload, timeout_s=timeout_s)).data
        except errors.NoRespondersError as error:
            sentence = f"Nobody answers {subject} at the moment. Try again in a few seconds."
            raise HouseError(sentence) from error

    async def recent(self, subject: str) -> list[bytes]:
        """What the memory stream still holds of `subject`, oldest first."""
        messages = await self._batch("PROG", subject, MESSAGE_WINDOW)
        return [message.data for message in messages]

    async def put(self, bucket: str, key: str, value: bytes) -> int:
        """Write a key and return its revision."""
        return await self._buckets.put(bucket, key, value)

    async def create(self, bucket: str, key: str, value: bytes) -> int | None:
        """Write a key only if it is absent; its revision, or None if somebody holds it."""
        return await self._buckets.create(bucket, key, value)

    async def update(self, bucket: str, key: str, value: bytes, revision: int) -> int | None:
        """Write a key only if it still has `revision`; the new one, or None if it has not."""
        return await self._buckets.update(bucket, key, value, revision)

    async def delete(self, bucket: str, key: str) -> None:
        """Remove a key; no error if it is absent."""
        await self._buckets.delete(bucket, key)

    async def watch(self, bucket: str) -> AsyncGenerator[Entry, None]:
        """Every key as it is now, then every change, for ever (reconnects included).

        After a reconnect every key comes again, and those that vanished meanwhile come as None.
        Bucket `edges` is heard, not read: its keys come as they are renewed, once each.
        """
        if bucket in LISTENED:
            await self._up.wait()
            async for entry in Listener(self._client, bucket).entries():
                yield entry
        watcher = Watcher(self._client, bucket)
        self._watchers.add(watcher)
        try:
            while not self._closing:
                await self._up.wait()
                async for entry in watcher.entries():
                    yield entry
        finally:
            self._watchers.discard(watcher)

    async def put_object(self, name: str, data: bytes) -> None:
        """Store a blob under its name, in chunks (NATS object store, bucket `objects`)."""
        await self.wait_connected(ANSWER_WAIT_S)
        with self._translated(f"store the object {name}"):
            async with asyncio.timeout(OBJECT_WAIT_S):
                await ObjectStore("objects", "OBJ_objects", self._js).put(name, data)

    async def get_object(self, name: str) -> bytes | None:
        """Fetch a blob, or None; HouseError if its bytes are not those that were stored."""
        return await read_object(name, self._direct, self._batch)

    async def close(self) -> None:
        """Flush and leave."""
        self._closing = True
        for watcher in self._watchers:
            watcher.interrupt()
        self._up.set()
        with contextlib.suppress(errors.Error, OSError, TimeoutError):
            await self._client.close()
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # -- what the server does -------------------------------------------------------------

    async def _request(
        self,
        subject: str,
        payload: bytes,
        headers: dict[str, str] | None = None,
        timeout_s: float = ANSWER_WAIT_S,
    ) -> Msg:
        await self.wait_connected(min(timeout_s, ANSWER_WAIT_S))
        with self._translated(f"answer {subject} within {timeout_s:g} s"):
            return await self._client.request(subject, payload, timeout_s, headers=headers)

    async def _direct(self, stream: str, subject: str) -> Msg | None:
        """The newest message of a subject, or None."""
        try:
            message = await self._request(f"$JS.API.DIRECT.GET.{stream}.{subject}", b"")
        except errors.NoRespondersError as error:
            sentence = f"The backbone has no stream {stream} yet. Start a studio or the house."
            raise HouseError(sentence) from error
        return None if (message.headers or {}).get("Status") else message

    async def _batch(self, stream: str, subject: str, limit: int) -> list[Msg]:
        await self.wait_connected(ANSWER_WAIT_S)
        with self._translated(f"read {subject} back"):
            return await read_batch(self._client, stream, subject, limit)

    # -- the connection -------------------------------------------------------------------

    async def _begin(self, begin: Callable[[], Awaitable[None]]) -> None:
        if self._once_up:
            await begin()
        else:
            self._early.append(begin)

    async def _flush(self) -> None:
        if self._client.is_connected:
            await self._client.flush(int(ANSWER_WAIT_S))

    async def _guarded(self, work: Awaitable[None], subject: str) -> None:
        try:
            await work
        except RostraError as error:
            _log.warning("message refused", subject=subject, reason=error.sentence)
        except errors.Error as error:
            _log.warning("answer lost", subject=subject, reason=str(error))
        except Exception:  # noqa: BLE001 - one handler's fault must not end the others
            _log.exception("a handler failed", subject=subject)

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @contextlib.contextmanager
    def _translated(self, what: str) -> Iterator[None]:
        try:
            yield
        except errors.NoRespondersError:
            raise
        except (errors.Error, APIError, NotFoundError, OSError, TimeoutError) as error:
            if isinstance(error, errors.OutboundBufferLimitError):
                self.dropped += 1
            sentence = f"The backbone did not {what} ({error}). See `rostra ps`."
            raise HouseError(sentence) from error

    async def _on_error(self, error: Exception) -> None:
        if str(error) != str(self._last_error):
            _log.warning("backbone", peer=self._name, reason=str(error) or type(error).__name__)
        self._last_error = error
        if "uthorization" in str(error) and not self._once_up:
            self._denied.set()

    async def _on_disconnect(self) -> None:
        if not self._closing:
            self._up.clear()
            _log.warning("the backbone is lost", peer=self._name)

    async def _on_reconnect(self) -> None:
        self.reconnects += 1
        self._last_error = None
        self._up.set()
        _log.info("the backbone is back", peer=self._name)
        for watcher in self._watchers:
            watcher.interrupt()
        for renew in self._renewals:
            self._keep(asyncio.create_task(self._guarded(renew(), "renewal")))

    async def _on_close(self) -> None:
        if not self._closing:
            _log.error("the backbone closed this connection for good", peer=self._name)


async def furnish(backbone: NatsBackbone) -> None:
    """Create the house's streams and buckets now, and again whenever the server comes back.

    Idempotent; for a process whose credentials may create streams (house, studio).
    """
    await backbone.wait_connected(CONNECT_WAIT_S)

    async def renew() -> None:
        await furnish_streams(backbone.jetstream)

    await renew()
    backbone.on_connected(renew)
