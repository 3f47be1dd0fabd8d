"""The studio: takes each space that the desk has planned, and runs it until it is over."""

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import structlog
import uvloop

from rostra.app.admin import Admin
from rostra.app.beginning import SECOND_US
from rostra.app.config import Settings
from rostra.app.endings import end_all, unbroken
from rostra.app.machine import MachineClock, fresh_id
from rostra.app.secrets import credentials
from rostra.app.studio_booth import Booth
from rostra.app.studio_calls import Door, Keys
from rostra.app.studio_found import find
from rostra.app.studio_identity import Identity
from rostra.app.studio_lease import Lease, StudioBackbone
from rostra.app.studio_means import Means, NoTape
from rostra.app.studio_metrics import StudioCounts, registry_of
from rostra.app.studio_record import Record
from rostra.app.studio_setup import (
    BOOT_ID,
    boot_name,
    bounds_of,
    configuration_of,
    ice_of,
    keys_of,
)
from rostra.app.studio_space import StudioSpace
from rostra.audience.crowd import Crowd, Figures
from rostra.audience.voices import Asked
from rostra.domain.errors import HouseError, MalformedError, RostraError
from rostra.domain.space import OVER
from rostra.programme.drivers.journal import Journal, journal_path
from rostra.programme.drivers.loops import default_hold_pcm
from rostra.programme.drivers.recording import Bounds, Recorder, recordings
from rostra.stage.drivers.webrtc import WebRtcEngine
from rostra.wire.drivers.nats import NatsBackbone, furnish
from rostra.wire.messages import BUCKET_DEFS, SUBJECT_TALLIES, call_subject, from_bucket, read_tally
from rostra.wire.states import SpaceDef

SPACES_MAX: Final = 200
"""Spaces that one studio answers for, most of them only planned: each costs a subscription and a
lease. More than these wait until one is over."""

PLACE_WAIT_S: Final = 10.0
"""A space that waits longer is worth a word; past evenings give their place back at once."""

AGAIN_S: Final = 1.0
"""Before a space that failed is taken again, here or by another studio."""

SPACES_END_S_MAX: Final = 1.2
"""On a stop: for every space to let its people go, finish its record and give its lease back."""

LEAVE_S_MAX: Final = 0.4
"""And then for the connections that are left, and for the backbone, each."""

STOP_WAIT_S: Final = SPACES_END_S_MAX + 2 * LEAVE_S_MAX
"""Two seconds, all in all; the house kills after three (`supervisor.ROLES_END_S`)."""

RELEASE_S_MAX: Final = 0.3
"""A lease that cannot be released in this time expires by itself."""

_LOG = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Card:
    """Who a studio is: what its leases say, and what it runs on, for the journal."""

    name: str
    """No other living studio has it (`studio_identity`)."""
    configuration: Mapping[str, Any] = field(default_factory=dict)
    boot: str = ""
    """Names this machine's monotonic clock, if that is known."""
    recording: Bounds | None = None
    """How much is recorded; None records nothing."""


class Studio:
    """Every space of this studio, each cared for by a task of its own."""

    def __init__(
        self,
        backbone: StudioBackbone,
        engine: WebRtcEngine,
        data: Path,
        keys: Keys,
        card: Card | None = None,
    ) -> None:
        self._backbone = backbone
        self._clock = MachineClock()
        card = card or Card(fresh_id())
        self._name = card.name
        self._keys = keys
        self._data = data
        self._crowd = Crowd()
        self._defs: dict[str, SpaceDef] = {}
        self._spaces: dict[str, StudioSpace] = {}
        self._caring: dict[str, asyncio.Task[None]] = {}
        self._places = asyncio.Semaphore(SPACES_MAX)
        self._stopping = asyncio.Event()
        self._engine = engine
        self._booth = Booth()
        self._means = Means(
            backbone=backbone,
            clock=self._clock,
            engine=engine,
            hold_pcm=default_hold_pcm(),
            fresh_id=fresh_id,
            audience=self._audience,
            reactions=self._reactions,
            asks=self._asks,
            forum=self._crowd.forum,
            record=self._record,
            configuration=card.configuration,
            boot=card.boot,
            booth=self._booth,
            recorder=partial(self._recorder, card.recording) if card.recording else NoTape,
        )

    def spaces(self) -> tuple[StudioSpace, ...]:
        """The spaces that this studio holds now."""
        return tuple(self._spaces.values())

    def counts(self) -> StudioCounts:
        """What is counted of the studio as a whole."""
        engine = self._engine
        return StudioCounts(
            connections=engine.peers,
            datagrams_dropped=engine.datagrams_dropped,
            offers_failed=engine.offers_failed,
            peers_expelled=engine.peers_expelled,
            tallies_refused=self._crowd.heads.refused,
            hands_refused=self._crowd.voices.hands_refused,
        )

    def stop(self) -> None:
        """Let `run` end."""
        self._stopping.set()

    async def run(self) -> None:
        """Care for every space until `stop`."""
        await self._backbone.subscribe(SUBJECT_TALLIES, self._tally)
        watching = asyncio.create_task(self._watch_defs())
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({watching, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._booth.close()
            await self._end(watching, stopping, *self._caring.values())
        if not watching.cancelled():
            watching.result()

    async def _end(self, *tasks: asyncio.Task[Any]) -> None:
        try:
            async with asyncio.timeout(SPACES_END_S_MAX):
                await end_all(*tasks)
        except TimeoutError:
            _LOG.warning("some spaces did not end in time", seconds=SPACES_END_S_MAX)

    async def _tally(self, _subject: str, payload: bytes) -> None:
        try:
            # Not only those that it holds: one that is let go of for a moment keeps its hands.
            cared = frozenset(self._caring)
            self._crowd.take(read_tally(payload), cared, self._clock.now().mono_ns)
        except MalformedError as error:
            _LOG.warning("tally", reason=error.sentence)

    async def _watch_defs(self) -> None:
        async for entry in self._backbone.watch(BUCKET_DEFS):
            if entry.value is None:
                continue
            try:
                self._defined(from_bucket(SpaceDef, entry.key, entry.value))
            except MalformedError as error:  # it costs only itself
                _LOG.warning("broken definition", key=entry.key, reason=error.sentence)

    def _defined(self, space: SpaceDef) -> None:
        self._defs[space.id] = space
        if space.id in self._spaces:
            self._spaces[space.id].define(space)
        elif space.id not in self._caring:
            self._caring[space.id] = asyncio.create_task(self._care(space.id))

    async def _care(self, space: str) -> None:
        """Run one space whenever its lease is ours, until it is over; whatever fails is retried."""
        lease = Lease(self._backbone, space, self._name)
        await self._place(space)
        try:
            while True:
                if await self._run_once(space, lease):
                    return
                await asyncio.sleep(AGAIN_S)
        finally:
            self._places.release()
            self._caring.pop(space, None)

    async def _place(self, space: str) -> None:
        """Wait for one of the `SPACES_MAX` places."""
        try:
            async with asyncio.timeout(PLACE_WAIT_S):
                await self._places.acquire()
        except TimeoutError:
            _LOG.error("too many spaces for this studio, so one waits", space=space)
            await self._places.acquire()

    async def _run_once(self, space: str, lease: Lease) -> bool:
        """True when the space is over, False when it failed or another studio took it."""
        await lease.taken()
        try:
            return await self._run_space(space, lease)
        except HouseError as error:
            _LOG.warning("a space is interrupted", space=space, reason=error.sentence)
        except Exception:  # noqa: BLE001 - one broken space must not end the others
            _LOG.exception("a space failed", space=space)
        finally:
            self._spaces.pop(space, None)
            await unbroken(_released(lease))
        return False

    async def _run_space(self, name: str, lease: Lease) -> bool:
        """True when the space is over, False when another studio took it."""
        found = await find(self._backbone, self._defs[name])
        if found.state.state in OVER:
            return True
        space = StudioSpace(self._defs[name], found, self._means, lease)
        self._spaces[name] = space
        door = Door(space, self._keys, self._now_s, fresh_id)
        stop_serving = await self._backbone.serve(call_subject(name), door.answer)
        living = asyncio.create_task(space.live())
        losing = asyncio.create_task(lease.lost())
        try:
            await asyncio.wait({living, losing}, return_when=asyncio.FIRST_COMPLETED)
            return living.done() and (living.result() is None)
        finally:
            await unbroken(_let_go(stop_serving, living, losing))

    def _record(self, space: str, disputed: Callable[[], bool]) -> Record:
        path = journal_path(self._data, space)
        return Record(
            space,
            lambda: Journal(path, self._clock.now()),
            self._backbone,
            self._clock,
            disputed,
        )

    def _recorder(self, bounds: Bounds, space: str) -> Recorder:
        def said(sentence: str) -> None:
            _LOG.error("recording", space=space, reason=sentence)

        return Recorder(recordings(self._data, space), bounds, said)

    def _audience(self, space: str, run: str) -> Figures:
        return self._crowd.figures(space, run, self._clock.now().mono_ns)

    def _reactions(self, space: str) -> dict[str, int]:
        return self._crowd.voices.due(space, self._clock.now().mono_ns)

    def _asks(self, space: str) -> tuple[Asked, ...]:
        return self._crowd.voices.asks(space, self._clock.now().mono_ns)

    def _now_s(self) -> int:
        return self._clock.now().utc_us // SECOND_US


def run(settings: Settings) -> int:
    """The studio's process: until SIGTERM or SIGINT."""
    uvloop.run(_main(settings))
    return 0


async def _main(settings: Settings) -> None:
    name = credentials(settings, "studio")
    backbone = await NatsBackbone.connect(settings.nats_url, name.user, name.password, "studio")
    engine = WebRtcEngine(ice_of(settings))
    identity = Identity(settings.data / "run" / "studio.id", fresh_id)
    card = Card(
        identity.name,
        configuration_of(settings, identity.name),
        boot_name(BOOT_ID),
        bounds_of(settings),
    )
    studio = Studio(backbone, engine, settings.data, keys_of(settings), card)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, studio.stop)
    admin = Admin(
        settings.studio_port,
        registry_of(studio.spaces, studio.counts),
        lambda: None if backbone.connected else "The backbone is not connected.",
    )
    try:
        await furnish(backbone)
        await studio.run()
    finally:
        admin.close()
        await leave(engine.close(), backbone.close())
        identity.close()


async def leave(*goodbyes: Coroutine[Any, Any, None]) -> None:
    """Say each goodbye in turn, for `LEAVE_S_MAX` at most: one that hangs costs no other."""
    for goodbye in goodbyes:
        try:
            async with asyncio.timeout(LEAVE_S_MAX):
                await goodbye
        except (TimeoutError, RostraError) as error:
            _LOG.warning("a goodbye was cut short", reason=str(error) or "it took too long")


async def _let_go(stop_serving: Callable[[], Awaitable[None]], *tasks: asyncio.Task[Any]) -> None:
    """End a space; until it has, who calls is told to try again, and then by the next studio."""
    await end_all(*tasks)
    await stop_serving()


async def _released(lease: Lease) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(RELEASE_S_MAX):
            await lease.release()
