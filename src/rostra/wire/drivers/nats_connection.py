"""One process's connection to NATS: made, kept over the server's restarts, and well spoken."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from typing import Any, Final

import structlog
from nats import errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.errors import APIError, NotFoundError

from rostra.domain.errors import HouseError, RostraError

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

Work = Callable[[], Awaitable[None]]

_log = structlog.get_logger("backbone")


class Connection:
    """A client of the server that reconnects for ever, and says in plain words what fails.

    `dropped` counts publishes that were refused, `overrun` messages that came faster than they
    were taken, `reconnects` the server's returns.
    """

    def __init__(self, name: str, inbox: str) -> None:
        self.client = Client()
        self.dropped = 0
        self.overrun = 0
        self.reconnects = 0
        self.closing = False
        self._name = name
        self._inbox = inbox
        self._up = asyncio.Event()
        self._once_up = False
        self._early: list[Work] = []
        self._renewals: list[Work] = []
        self._interrupts: set[Callable[[], None]] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._last_error: Exception | None = None
        self._denied = asyncio.Event()

    async def open(self, url: str, user: str, password: str, *, must: bool) -> None:
        """Connect (see `NatsBackbone.connect`)."""
        trying = self.spawn(self._try(url, user, password))
        if must:
            await self._must_be_up(trying, url, user)

    async def _try(self, url: str, user: str, password: str) -> None:
        await self.client.connect(
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
        for begin in self._early:  # what fails here, the client repeats when it reconnects
            await self.guarded(begin(), "subscription")
        self._early.clear()
        if self.client.is_connected:
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

    async def until_up(self) -> None:
        """Return as soon as the server is there, or this connection closes."""
        await self._up.wait()

    def on_connected(self, renew: Work) -> None:
        """Call `renew` after every reconnect: memory streams die with their server."""
        self._renewals.append(renew)

    @contextlib.contextmanager
    def interrupted_by_reconnects(self, interrupt: Callable[[], None]) -> Iterator[None]:
        """Call `interrupt` after each reconnect and on closing, while the context lasts."""
        self._interrupts.add(interrupt)
        try:
            yield
        finally:
            self._interrupts.discard(interrupt)

    async def publish(self, subject: str, payload: bytes) -> None:
        """Send to whoever listens now; HouseError if too much waits for the server already."""
        if self.client.pending_data_size + len(payload) > PENDING_BYTES_MAX or not self._once_up:
            self.dropped += 1
            sentence = f"The backbone takes nothing at the moment; {subject} was dropped."
            raise HouseError(sentence)
        with self.translated(f"take {subject}"):
            await self.client.publish(subject, payload)

    async def request(
        self,
        subject: str,
        payload: bytes,
        headers: dict[str, str] | None = None,
        timeout_s: float = ANSWER_WAIT_S,
    ) -> Msg:
        """One round trip; NoRespondersError where nobody listens, else HouseError."""
        await self.wait_connected(min(timeout_s, ANSWER_WAIT_S))
        with self.translated(f"answer {subject} within {timeout_s:g} s"):
            return await self.client.request(subject, payload, timeout_s, headers=headers)

    async def begin(self, begin: Work) -> None:
        """Do it now, or as soon as the server is there for the first time."""
        if self._once_up:
            await begin()
        else:
            self._early.append(begin)

    def not_yet(self, begin: Work) -> bool:
        """Take back what `begin` was to do, if the server was never there; whether it was so."""
        if begin not in self._early:
            return False
        self._early.remove(begin)
        return True

    async def flush(self) -> None:
        """Wait until the server has read what was sent.

        nats-py's flush writes its PING at once, but commands wait for another task of the client:
        the PING overtakes them. During the first round trip that task has its turn, and the
        second PING follows what it wrote.
        """
        for _ in range(2):
            if self.client.is_connected:
                await self.client.flush(int(ANSWER_WAIT_S))

    async def guarded(self, work: Awaitable[None], subject: str) -> None:
        """Do it, and log what goes wrong: one message must not cost the next."""
        try:
            await work
        except RostraError as error:
            _log.warning("message refused", subject=subject, reason=error.sentence)
        except errors.Error as error:
            _log.warning("answer lost", subject=subject, reason=str(error))
        except Exception:  # noqa: BLE001 - one handler's fault must not end the others
            _log.exception("a handler failed", subject=subject)

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """A task that ends with this connection."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    @contextlib.contextmanager
    def translated(self, what: str) -> Iterator[None]:
        """Say what the server did not do, whatever the client raised for it."""
        try:
            yield
        except errors.NoRespondersError:
            raise
        except (errors.Error, APIError, NotFoundError, OSError, TimeoutError) as error:
            if isinstance(error, errors.OutboundBufferLimitError):
                self.dropped += 1
            sentence = f"The backbone did not {what} ({error}). See `rostra ps`."
            raise HouseError(sentence) from error

    async def close(self) -> None:
        """Flush and leave."""
        self.closing = True
        for interrupt in tuple(self._interrupts):
            interrupt()
        self._up.set()
        with contextlib.suppress(errors.Error, OSError, TimeoutError):
            await self.client.close()
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # -- the client's news

    async def _on_error(self, error: Exception) -> None:
        if isinstance(error, errors.SlowConsumerError):
            self.overrun += 1
        if str(error) != str(self._last_error):
            _log.warning("backbone", peer=self._name, reason=str(error) or type(error).__name__)
        self._last_error = error
        if "uthorization" in str(error) and not self._once_up:
            self._denied.set()

    async def _on_disconnect(self) -> None:
        if not self.closing:
            self._up.clear()
            _log.warning("the backbone is lost", peer=self._name)

    async def _on_reconnect(self) -> None:
        self.reconnects += 1
        self._last_error = None
        self._up.set()
        _log.info("the backbone is back", peer=self._name)
        for interrupt in tuple(self._interrupts):
            interrupt()
        for renew in self._renewals:
            self.spawn(self.guarded(renew(), "renewal"))

    async def _on_close(self) -> None:
        if not self.closing:
            _log.error("the backbone closed this connection for good", peer=self._name)
