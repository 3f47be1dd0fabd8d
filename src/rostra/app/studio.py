"""The studio: takes each space that the desk has planned, and runs it until it is over."""

import asyncio
import platform
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import structlog
import uvloop
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from rostra import __version__
from rostra.app.admin import Admin
from rostra.app.config import Settings
from rostra.app.endings import end_all
from rostra.app.lifecycle import SECOND_US
from rostra.app.machine import MachineClock, fresh_id
from rostra.app.secrets import credentials
from rostra.app.studio_calls import Door, Keys
from rostra.app.studio_identity import Identity
from rostra.app.studio_lease import Lease, StudioBackbone
from rostra.app.studio_metrics import registry_of
from rostra.app.studio_record import Record
from rostra.app.studio_space import Means, StudioSpace
from rostra.audience.headcount import HeadCount, Heads
from rostra.domain.errors import HouseError, MalformedError
from rostra.domain.space import OVER, State
from rostra.programme.drivers.journal import Journal, journal_path
from rostra.programme.drivers.loops import default_hold_pcm
from rostra.stage.drivers.webrtc import WebRtcEngine
from rostra.stage.ports import IceOptions, IceServer
from rostra.wire.drivers.nats import NatsBackbone, furnish
from rostra.wire.messages import (
    BUCKET_DEFS,
    BUCKET_STATE,
    SUBJECT_TALLIES,
    SpaceDef,
    SpaceState,
    call_subject,
    from_json,
    read_tally,
)

SPACES_MAX: Final = 200
"""Spaces that one studio answers for, most of them only planned: each costs a subscription and a
lease. More than these wait until one is over."""

PLACE_WAIT_S: Final = 10.0
"""A space that waits longer is worth a word; past evenings give their place back at once."""

AGAIN_S: Final = 1.0
"""Before a space that failed is taken again, here or by another studio."""

STOP_WAIT_S: Final = 3.0
"""Time to say goodbye on a stop; the house waits five."""

_LOG = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Card:
    """Who a studio is: what its leases say, and what it runs on, for the journal."""

    name: str
    """No other living studio has it (`studio_identity`)."""
    configuration: Mapping[str, Any] = field(default_factory=dict)


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
        self._heads = HeadCount()
        self._defs: dict[str, SpaceDef] = {}
        self._spaces: dict[str, StudioSpace] = {}
        self._caring: dict[str, asyncio.Task[None]] = {}
        self._places = asyncio.Semaphore(SPACES_MAX)
        self._stopping = asyncio.Event()
        self._means = Means(
            backbone=backbone,
            clock=self._clock,
            engine=engine,
            hold_pcm=default_hold_pcm(),
            fresh_id=fresh_id,
            listening=self._listening,
            record=self._record,
            configuration=card.configuration,
        )

    def spaces(self) -> tuple[StudioSpace, ...]:
        """The spaces that this studio holds now."""
        return tuple(self._spaces.values())

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
            await end_all(watching, stopping, *self._caring.values())
        if not watching.cancelled():
            watching.result()

    async def _tally(self, _subject: str, payload: bytes) -> None:
        try:
            self._heads.take(read_tally(payload), self._clock.now().mono_ns)
        except MalformedError as error:
            _LOG.warning("tally", reason=error.sentence)

    async def _watch_defs(self) -> None:
        async for entry in self._backbone.watch(BUCKET_DEFS):
            if entry.value is None:
                continue
            try:
                self._defined(from_json(SpaceDef, entry.value))
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
            await asyncio.shield(lease.release())
        return False

    async def _run_space(self, name: str, lease: Lease) -> bool:
        """True when the space is over, False when another studio took it."""
        state = await self._state_of(name)
        if state.state in OVER:
            return True
        space = StudioSpace(self._defs[name], state, self._means, lambda: lease.holds)
        self._spaces[name] = space
        door = Door(space, self._keys, self._now_s, fresh_id)
        stop_serving = await self._backbone.serve(call_subject(name), door.answer)
        living = asyncio.create_task(space.live())
        losing = asyncio.create_task(lease.lost())
        try:
            await asyncio.wait({living, losing}, return_when=asyncio.FIRST_COMPLETED)
            return living.done() and (living.result() is None)
        finally:
            await end_all(living, losing)
            await stop_serving()

    async def _state_of(self, name: str) -> SpaceState:
        """The space's state as another studio, or this one, left it; else that of a new space."""
        kept = await self._backbone.get(BUCKET_STATE, name)
        if kept is not None and kept.value is not None:
            try:
                return from_json(SpaceState, kept.value)
            except MalformedError as error:
                _LOG.error("a broken state is written anew", space=name, reason=error.sentence)
        plan = self._defs[name]
        return SpaceState(name, plan.title, State.SCHEDULED, plan.t0_utc_us)

    def _record(self, space: str) -> Record:
        path = journal_path(self._data, space)
        return Record(space, lambda: Journal(path, self._clock.now()), self._backbone, self._clock)

    def _listening(self, space: str) -> int:
        return self._heads.totals(self._clock.now().mono_ns).get(space, Heads()).total

    def _now_s(self) -> int:
        return self._clock.now().utc_us // SECOND_US


def run(settings: Settings) -> int:
    """The studio's process: until SIGTERM or SIGINT."""
    uvloop.run(_main(settings))
    return 0


async def _main(settings: Settings) -> None:
    name = credentials(settings, "studio")
    backbone = await NatsBackbone.connect(settings.nats_url, name.user, name.password, "studio")
    engine = WebRtcEngine(_ice(settings))
    identity = Identity(settings.data / "run" / "studio.id", fresh_id)
    card = Card(identity.name, _configuration(settings, identity.name))
    studio = Studio(backbone, engine, settings.data, _keys(settings), card)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, studio.stop)
    admin = Admin(
        settings.studio_port,
        registry_of(studio.spaces),
        lambda: None if backbone.connected else "The backbone is not connected.",
    )
    try:
        await furnish(backbone)
        await studio.run()
    finally:
        admin.close()
        async with asyncio.timeout(STOP_WAIT_S):
            await engine.close()
        await backbone.close()
        identity.close()


def _keys(settings: Settings) -> Keys:
    own = load_pem_private_key((settings.secrets / "studio.key").read_bytes(), None)
    desk = load_pem_public_key((settings.secrets / "desk.pub").read_bytes())
    if not isinstance(own, Ed25519PrivateKey) or not isinstance(desk, Ed25519PublicKey):
        sentence = f"The keys in {settings.secrets} are not Ed25519. Remove them and start again."
        raise HouseError(sentence)
    return Keys(desk=desk, own=own)


def _configuration(settings: Settings, name: str) -> dict[str, Any]:
    """What an evening ran on, as the journal keeps it; credentials stay out."""
    stage = settings.stage
    return {
        "rostra": __version__,
        "python": platform.python_version(),
        "studio": name,
        "public_address": stage.public_address,
        "udp_ports": stage.udp_ports,
        "ice_servers": [url for one in stage.ice_servers for url in one.urls],
    }


def _ice(settings: Settings) -> IceOptions:
    stage = settings.stage
    first, last = (int(port) for port in (stage.udp_ports or "0-0").split("-"))
    servers = tuple(IceServer(one.urls, one.username, one.credential) for one in stage.ice_servers)
    return IceOptions(stage.public_address, first, last, servers)
