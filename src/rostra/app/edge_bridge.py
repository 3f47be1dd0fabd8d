"""Between the backbone and the listener loop: a thread of its own that carries what comes."""

import asyncio
import contextlib
import threading
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

import structlog

from rostra.app.edge_feed import Feed
from rostra.app.edge_loops import Loops
from rostra.app.edge_photos import Photos
from rostra.app.edge_wanted import Wanted, rest
from rostra.delivery.drivers.hall import Hall
from rostra.delivery.drivers.loop import EdgeLoop
from rostra.delivery.service import Now
from rostra.domain.errors import HouseError, MalformedError
from rostra.domain.ports import Backbone, Entry
from rostra.domain.space import DOORS_OPEN
from rostra.wire.hold import HoldLoop
from rostra.wire.messages import (
    BUCKET_DEFS,
    BUCKET_EDGES,
    BUCKET_STATE,
    SUBJECT_PROGRAMMES,
    EdgeTally,
    ProgrammeMessage,
    from_bucket,
    pack,
    programme_subject,
    read_programme,
    tally_subject,
    to_json,
)
from rostra.wire.states import EdgeInfo, SpaceDef, SpaceState

TALLY_S: Final = 1.0
"""How often an edge tells its counts; the studio merges at the same pace."""

ANNOUNCE_S: Final = 3.0
"""How often an edge renews its address, which expires after ten seconds."""

RETRY_S: Final = 1.0
"""After a failure that the backbone's own patience did not cover."""

FEEDS_MAX: Final = 1_024
"""Spaces followed at once; the hall keeps fewer channels."""

ANSWER_WAIT_S: Final = 5.0
"""How long the loop may take to count; as long as it may be stuck and still be healthy."""

STOP_WAIT_S: Final = 1.0
"""How long the backbone may take to say goodbye."""

Connect = Callable[[], Awaitable[Backbone]]
_log = structlog.get_logger("edge")


class Bridge:
    """Runs `asyncio` in a thread: watches, programme, tallies, the announcement of this edge.

    `epoch` is new at every start of the process, so that nobody counts an edge twice.
    """

    def __init__(self, connect: Connect, loop: EdgeLoop, info: EdgeInfo, epoch: str) -> None:
        self.malformed = 0
        """Messages that did not read."""
        self.tally = EdgeTally(info.id, epoch, 0)
        """What was told last."""
        self._connect = connect
        self._edge = loop
        self._info = info
        self._epoch = epoch
        self._backbone: Backbone | None = None
        self._feeds: dict[str, Feed] = {}
        self._loops = Loops(lambda space, loop: self._put(partial(_fill_with, space, loop)))
        self._photos = Photos(lambda name, data: self._put(partial(self._show, name, data)))
        self._told: set[str] = set()
        self._aio = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._work, name="backbone", daemon=True)
        self._main: asyncio.Task[None] | None = None
        self._ending = False
        self._sequence = 0
        """Of the tally told last: it goes on when the bridge is built anew, for the epoch does."""
        self._news = asyncio.Event()
        """There is something to announce before its time."""

    @property
    def aio(self) -> asyncio.AbstractEventLoop:
        """The thread's event loop."""
        return self._aio

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin; returns at once, whether the backbone is there or not."""
        self._thread.start()

    def tell(self, info: EdgeInfo) -> None:
        """Announce this edge anew, at once; from any thread."""
        self._info = info
        with contextlib.suppress(RuntimeError):  # it has ended already
            self._aio.call_soon_threadsafe(self._news.set)

    def stop(self) -> None:
        """End the thread."""
        with contextlib.suppress(RuntimeError):  # it has ended already
            self._aio.call_soon_threadsafe(self._cancel)
        self._thread.join(STOP_WAIT_S)

    def _cancel(self) -> None:
        self._ending = True
        if self._main is not None:
            self._main.cancel()

    def _work(self) -> None:
        asyncio.set_event_loop(self._aio)
        self._main = self._aio.create_task(self._for_ever())
        with contextlib.suppress(asyncio.CancelledError):
            self._aio.run_until_complete(self._main)
        self._aio.run_until_complete(self._aio.shutdown_asyncgens())
        self._aio.close()

    async def _for_ever(self) -> None:
        # A group whose member fails while it is cancelled raises the failure in its place.
        while not self._ending:
            try:
                await self._run()
            except Exception:  # noqa: BLE001 - logged, and begun anew
                # The listeners stay; without this thread they would hear hold audio for ever.
                _log.exception("the bridge to the backbone broke and is built anew")
            await asyncio.sleep(0 if self._ending else RETRY_S)

    async def _run(self) -> None:
        backbone = self._backbone = await self._patiently(self._connect)
        try:
            async with asyncio.TaskGroup() as group:
                for bucket in (BUCKET_DEFS, BUCKET_STATE, BUCKET_EDGES):
                    group.create_task(self._watch(backbone, bucket))
                group.create_task(self._follow(backbone))
                group.create_task(self._announce(backbone))
                group.create_task(self._count(backbone))
                for wanted in (self._loops, self._photos):
                    group.create_task(self._fetch(wanted, backbone))
        finally:
            with contextlib.suppress(HouseError, TimeoutError):
                async with asyncio.timeout(STOP_WAIT_S):
                    await backbone.close()

    async def _fetch(self, objects: Wanted, backbone: Backbone) -> None:
        while _wanted():
            complete = await objects.look(backbone)
            if _wanted():
                await rest(objects, complete=complete)

    def _show(self, name: str, data: bytes | None, _hall: Hall, _now: Now) -> None:
        gallery = self._edge.service.gallery
        if data is None:
            gallery.take_down(name)
        else:
            gallery.hang(name, data)

    async def _patiently(self, connect: Connect) -> Backbone:
        while True:
            try:
                return await connect()
            except HouseError as error:
                _log.warning("the backbone is not there yet", why=error.sentence)
                await asyncio.sleep(RETRY_S)

    async def _watch(self, backbone: Backbone, bucket: str) -> None:
        while _wanted():
            try:
                async for entry in backbone.watch(bucket, partial(self._all_told, bucket)):
                    self._entry(bucket, entry)
            except HouseError as error:
                _log.warning("a watch broke off", bucket=bucket, why=error.sentence)
            await _pause(RETRY_S)

    def _entry(self, bucket: str, entry: Entry) -> None:
        self._put(partial(_learn, bucket, entry.key, entry.value))
        if bucket == BUCKET_DEFS:
            with contextlib.suppress(MalformedError):
                read = partial(from_bucket, SpaceDef, entry.key)
                self._loops.planned(entry.key, None if entry.value is None else read(entry.value))
        if bucket == BUCKET_STATE and entry.value is not None:
            with contextlib.suppress(MalformedError):
                state = from_bucket(SpaceState, entry.key, entry.value)
                self._loops.lives(entry.key, state)
                self._photos.lives(entry.key, state)
                # A show's state changes every few seconds, and the last minute is worth asking
                # for only where nothing of its run was heard; gaps are seen by the feed itself.
                if state.state in DOORS_OPEN and self._feed(entry.key).run != state.run:
                    self._feed(entry.key).look_back()

    async def _follow(self, backbone: Backbone) -> None:
        async def came(_subject: str, payload: bytes) -> None:
            try:
                message = read_programme(payload)
            except MalformedError as error:
                self.malformed += 1
                if self.malformed == 1:
                    _log.warning("a message did not read; more are only counted", why=str(error))
                return
            self._feed(message.space).take(message)

        while _wanted():
            try:
                await backbone.subscribe(SUBJECT_PROGRAMMES, came)
            except HouseError:
                await _pause(RETRY_S)
            else:
                return

    def _feed(self, space: str) -> Feed:
        feed = self._feeds.get(space)
        if feed is None:
            if len(self._feeds) >= FEEDS_MAX:
                del self._feeds[next(iter(self._feeds))]
            feed = self._feeds[space] = Feed(partial(self._recent, space), self._message)
        return feed

    async def _recent(self, space: str) -> list[bytes]:
        """What the memory stream holds; a feed outlives the connection it began with."""
        return (
            [] if self._backbone is None else await self._backbone.recent(programme_subject(space))
        )

    def _message(self, message: ProgrammeMessage) -> None:
        self._put(partial(_take, message))

    def _put(self, task: Callable[[Hall, Now], None]) -> None:
        self._edge.inbox.put((task, time.monotonic_ns()))

    async def _announce(self, backbone: Backbone) -> None:
        while _wanted():
            wait_s = RETRY_S  # the bucket of a house that starts may be a moment younger
            with contextlib.suppress(HouseError):
                self._news.clear()
                await backbone.put(BUCKET_EDGES, self._info.id, to_json(self._info))
                wait_s = ANNOUNCE_S
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s if _wanted() else 0):
                    await self._news.wait()

    def _all_told(self, bucket: str) -> None:
        self._told.add(bucket)
        if self._told >= {BUCKET_DEFS, BUCKET_STATE}:
            self._put(lambda _hall, _now: self._loaded())

    def _loaded(self) -> None:
        self._edge.service.directory.loaded = True
        self._edge.open_door()

    async def _count(self, backbone: Backbone) -> None:
        lost = self._edge.inbox.lost
        while _wanted():
            await _pause(to_next_tally_s(time.time()))
            self._sequence += 1
            if self._edge.inbox.lost > lost:
                sentence = "The listener loop fell behind and lost entries: all is asked anew."
                raise HouseError(sentence)
            asked: asyncio.Future[EdgeTally] = self._aio.create_future()
            self._put(partial(self._tally, self._sequence, asked))
            # A full inbox loses its oldest, this question perhaps: the next one is asked then.
            with contextlib.suppress(HouseError, TimeoutError):
                async with asyncio.timeout(ANSWER_WAIT_S):
                    self.tally = await asked
                await self._publish(backbone, self.tally)

    async def _publish(self, backbone: Backbone, tally: EdgeTally) -> None:
        try:
            await backbone.publish(tally_subject(self._info.id), pack(tally))
        except BaseException:  # cancelled, too
            self._untold(tally)
            raise

    def _untold(self, tally: EdgeTally) -> None:
        rows = tally.spaces
        self._put(lambda _hall, _now: self._edge.service.crowd.untold(rows))

    def _tally(
        self, sequence: int, asked: "asyncio.Future[EdgeTally]", hall: Hall, now: Now
    ) -> None:
        rows = self._edge.service.tally(hall, now)
        tally = EdgeTally(self._info.id, self._epoch, sequence, rows)
        with contextlib.suppress(RuntimeError):  # the thread is ending
            self._aio.call_soon_threadsafe(self._answer, asked, tally)

    def _answer(self, asked: "asyncio.Future[EdgeTally]", tally: EdgeTally) -> None:
        if asked.done():  # it took too long, and nobody waits for it
            self._untold(tally)
        else:
            asked.set_result(tally)


def to_next_tally_s(utc_s: float) -> float:
    """How long until the next whole second, at least a tenth of one.

    All edges tell at the same moment, so that what a whole house claps comes as one number.
    """
    left_s = TALLY_S - utc_s % TALLY_S
    return left_s if left_s > TALLY_S / 10 else left_s + TALLY_S


def _wanted() -> bool:
    """False once this task is cancelled, also where the cancellation itself was lost.

    `wait_for` before Python 3.12, which the backbone's client uses, loses one that comes with its
    result.
    """
    task = asyncio.current_task()
    return task is None or task.cancelling() == 0


async def _pause(seconds: float) -> None:
    if _wanted():
        await asyncio.sleep(seconds)


def _learn(bucket: str, key: str, value: bytes | None, hall: Hall, now: Now) -> None:
    hall.learn(bucket, key, value, now)


def _fill_with(space: str, loop: HoldLoop | None, hall: Hall, _now: Now) -> None:
    hall.fill_with(space, loop)


def _take(message: ProgrammeMessage, hall: Hall, now: Now) -> None:
    hall.take(message, now)
