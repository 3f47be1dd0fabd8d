"""Tells subscribers: keeps events, spreads them, and sends what is due, each channel by itself."""

import asyncio
import random
from collections import Counter, deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final, ParamSpec, Protocol, TypeVar

import msgspec
import structlog

from rostra.domain.errors import HouseError
from rostra.domain.ports import Clock
from rostra.store.watch_sealing import SealError
from rostra.store.watch_sending import Claimed, SqlOutbox
from rostra.store.watch_subscribers import SqlSubscribers
from rostra.watch.board import Board
from rostra.watch.events import Event
from rostra.watch.moments import US_PER_S
from rostra.watch.outbox import Kind, Outcome, Verdict, settle, witnessed
from rostra.watch.subscribers import Channel, Sealed

EVENTS_UNKEPT_MAX: Final = 1_000
"""Events that wait in memory while the store does not answer; beyond it the oldest go."""
LOOK_EVERY_S: Final = 30.0
"""How often a channel looks though nothing woke it: the clock may have been set."""
LOOK_S_MIN: Final = 0.05
"""The shortest pause between two looks for what is due."""
TIDY_EVERY_S: Final = 600.0
"""How often addresses that nobody confirmed are looked for."""
SEND_S_MAX: Final = 120.0
"""A channel's own bounds are far shorter: this one frees the place of a try that hangs."""

FAULTS: Final = ("keep", "lose", "store", "open", "send", "hang")
"""What the outbox may be doing when it fails, and goes on: keeping an event, losing one for good,
asking its store, opening an address, sending a letter, waiting for a try that does not end."""

_P = ParamSpec("_P")
_T = TypeVar("_T")
_log = structlog.get_logger("watch")


class Post(Protocol):
    """One channel: writes a letter and sends it."""

    at_once: int
    """How many letters may be under way."""

    async def send(self, claimed: Claimed, sealed: Sealed, board: Board) -> Outcome:
        """Try once; never raises for what the other side does."""
        ...


class Outbox:
    """`watch.events.Herald`, and the task that tells subscribers. One of it runs a store."""

    def __init__(
        self,
        books: tuple[SqlSubscribers, SqlOutbox],
        posts: Mapping[Channel, Post],
        board: Callable[[], Board],
        clock: Clock,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._subscribers, self._outbox = books
        self._posts = posts
        self._board = board
        self._clock = clock
        self._chance = chance
        self.faults: Counter[str] = Counter(dict.fromkeys(FAULTS, 0))
        outcomes = [(channel, verdict) for channel in posts for verdict in Verdict]
        self.letters: Counter[tuple[Channel, Verdict]] = Counter(dict.fromkeys(outcomes, 0))
        """Tries, by what came of them."""
        self._unkept: deque[Event] = deque(maxlen=EVENTS_UNKEPT_MAX)
        self._wakers: list[asyncio.Event] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    def tell(self, event: Event) -> None:
        """Keep an event (one row, about a millisecond); from any thread, before `run` as well."""
        try:
            self._outbox.keep(event, self._now())
        except HouseError as error:
            self.faults["keep"] += 1
            _log.error("an event waits in memory for the store", event_id=event.id, why=str(error))
            if len(self._unkept) == self._unkept.maxlen:
                self.faults["lose"] += 1
                _log.error("an event is told to nobody", event_id=self._unkept[0].id)
            self._unkept.append(event)
        self.wake()

    def wake(self) -> None:
        """Look at once for what is due: an event was kept, or somebody subscribed."""
        if self._loop is not None:
            with suppress(RuntimeError):  # the loop is closed: the next start looks anyway
                self._loop.call_soon_threadsafe(self._wake_all)

    async def run(self) -> None:
        """Tell subscribers until cancelled; a letter under way is given up at once.

        It is in doubt then, as after a death of the process, and what is in doubt waits again
        first of all.
        """
        self._loop = asyncio.get_running_loop()
        # Made here: what fails is begun again, with threads and wakers of its own.
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="outbox")
        self._wakers.clear()
        try:
            released = await self._patiently(self._outbox.release, self._now())
            if released:
                _log.warning("letters in doubt are sent again", rows=released)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._spread_for_ever())
                tasks.create_task(self._tidy_for_ever())
                for channel, post in self._posts.items():
                    tasks.create_task(self._send_for_ever(channel, post))
        finally:
            self._loop = None
            self._threads.shutdown(wait=True, cancel_futures=True)

    async def _spread_for_ever(self) -> None:
        woken = self._waker()
        while True:
            woken.clear()
            while self._unkept:
                await self._patiently(self._outbox.keep, self._unkept[0], self._now())
                self._unkept.popleft()
            events = await self._patiently(self._outbox.unspread)
            for event in events:
                agreed = event.agreed or witnessed(event, self._board())
                known = msgspec.structs.replace(event, agreed=agreed)
                rows = await self._patiently(self._outbox.spread, known, self._now())
                _log.info("an event was spread", event_id=event.id, subscribers=rows)
            if events:
                self._wake_all()
                continue
            await _wait(woken, LOOK_EVERY_S)

    async def _tidy_for_ever(self) -> None:
        while True:
            gone = await self._patiently(self._subscribers.tidy, self._now())
            await self._patiently(self._outbox.tidy, self._now())
            if gone:
                _log.info("addresses were deleted", subscribers=gone)
            await asyncio.sleep(TIDY_EVERY_S)

    async def _send_for_ever(self, channel: Channel, post: Post) -> None:
        woken = self._waker()
        under_way: set[asyncio.Task[None]] = set()
        async with asyncio.TaskGroup() as tasks:
            while True:
                woken.clear()
                now, free = self._now(), post.at_once - len(under_way)
                claim = self._outbox.claim
                letters = await self._patiently(claim, channel, now, free) if free else []
                for claimed in letters:
                    task = tasks.create_task(self._deliver(post, claimed))
                    under_way.add(task)
                    task.add_done_callback(under_way.discard)
                    task.add_done_callback(lambda _: woken.set())
                full = len(letters) == free  # then the end of any of them wakes
                await _wait(woken, LOOK_EVERY_S if full else await self._pause_s(channel, now))

    async def _pause_s(self, channel: Channel, looked_utc_us: int) -> float:
        due = await self._patiently(self._outbox.next_due_utc_us, channel)
        if due is None or due <= looked_utc_us:
            return LOOK_EVERY_S  # for what is due no place was free: the end of a letter wakes
        pause_s = (due - self._now()) / US_PER_S
        return min(max(pause_s, 0.0) + LOOK_S_MIN, LOOK_EVERY_S)

    async def _deliver(self, post: Post, claimed: Claimed) -> None:
        outcome = await self._try(post, claimed)
        self.letters[claimed.subscriber.channel, outcome.verdict] += 1
        failed, now = claimed.subscriber.failed_letters, self._now()
        settled = settle(claimed.batch, outcome, failed, now, self._chance())
        if outcome.confirmed and claimed.kind is Kind.CONFIRM:
            await self._patiently(self._subscribers.confirm_id, claimed.subscriber.id, now)
        await self._patiently(self._outbox.settle, claimed, outcome, settled, now)
        if outcome.verdict is not Verdict.SENT:
            about = {"channel": claimed.subscriber.channel.value, "tries": settled.tries}
            next_state = "ended" if settled.ends else settled.state.value
            _log.warning("a letter failed", why=outcome.why, then=next_state, **about)

    async def _try(self, post: Post, claimed: Claimed) -> Outcome:
        try:
            sealed = await self._patiently(self._subscribers.open, claimed.subscriber.id)
            if sealed is None:
                return Outcome(Verdict.GONE, "they left meanwhile")
            async with asyncio.timeout(SEND_S_MAX):
                return await post.send(claimed, sealed, self._board())
        except SealError as error:
            self.faults["open"] += 1
            _log.error("an address cannot be opened", why=str(error))
            return Outcome(Verdict.LATER, "the address cannot be opened")
        except TimeoutError:
            self.faults["hang"] += 1
            return Outcome(Verdict.LATER, f"no end after {SEND_S_MAX:.0f} s")
        except Exception:  # noqa: BLE001 - a fault of ours in one letter must not stop the others
            self.faults["send"] += 1
            _log.exception("a letter could not be sent by our own fault")
            return Outcome(Verdict.LATER, "a fault of ours")

    async def _patiently(self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Call the store in a thread, again and again until it answers."""
        loop, pause_s = asyncio.get_running_loop(), 0.1
        while True:
            try:
                return await loop.run_in_executor(self._threads, lambda: work(*args, **kwargs))
            except SealError:
                raise
            except HouseError as error:
                self.faults["store"] += 1
                _log.error("the outbox's store does not answer", why=str(error))
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, LOOK_EVERY_S)

    def _waker(self) -> asyncio.Event:
        self._wakers.append(asyncio.Event())
        return self._wakers[-1]

    def _wake_all(self) -> None:
        for woken in self._wakers:
            woken.set()

    def _now(self) -> int:
        return self._clock.now().utc_us


async def _wait(woken: asyncio.Event, at_most_s: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(at_most_s):
            await woken.wait()
