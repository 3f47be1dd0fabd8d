"""A backbone, a studio, and what the desk and an edge see of them."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.nats_server import Server

from rostra.app.studio import Card, Studio
from rostra.app.studio_calls import Keys
from rostra.domain.ports import Backbone
from rostra.domain.space import State
from rostra.programme.drivers.recording import Bounds
from rostra.stage.drivers.webrtc import WebRtcEngine
from rostra.wire.drivers.nats import NatsBackbone, furnish
from rostra.wire.messages import (
    BUCKET_DEFS,
    BUCKET_STATE,
    Answer,
    Call,
    Offer,
    ProgrammeMessage,
    Reply,
    call_subject,
    from_json,
    pack,
    programme_subject,
    read_programme,
    read_reply,
    to_json,
)
from rostra.wire.states import SpaceDef, SpaceState
from rostra.wire.tickets import Ticket, TicketKind, sign

SPACE = "hall"
PATIENCE_S = 15.0
DESK_KEY = Ed25519PrivateKey.generate()
OWN_KEY = Ed25519PrivateKey.generate()


class Evening:
    """One backbone, one studio, and what the desk and an edge see of them."""

    def __init__(self, server: Server, data: Path) -> None:
        self.server = server
        self.data = data
        self.messages: list[ProgrammeMessage] = []
        self.states: list[SpaceState] = []
        self._news = asyncio.Condition()
        self._tasks: list[asyncio.Task[None]] = []
        self._running: tuple[NatsBackbone, WebRtcEngine, asyncio.Task[None]] | None = None

    async def begin(self) -> None:
        self.desk = await self.server.client("desk")
        self.edge = await self.server.client("edge")
        await self.start_studio()
        await self.edge.subscribe(programme_subject(SPACE), self._message)
        self._tasks.append(asyncio.create_task(self._watch(self.edge)))

    async def start_studio(self, name: str = "first") -> None:
        backbone = await self.server.client("studio")
        await furnish(backbone)
        engine = WebRtcEngine()
        keys = Keys(desk=DESK_KEY.public_key(), own=OWN_KEY)
        card = Card(name, recording=Bounds(free_bytes_min=0))
        self.studio = Studio(backbone, engine, self.data, keys, card)
        self._running = backbone, engine, asyncio.create_task(self.studio.run())

    async def stop_studio(self) -> None:
        assert self._running is not None
        _, engine, task = self._running
        self._running = None
        self.studio.stop()
        await task
        await engine.close()

    async def crash_studio(self) -> None:
        """It falls silent: no word to the backbone, none to its speakers."""
        assert self._running is not None
        await self._running[0].close()
        await self.stop_studio()

    async def end(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._running is not None:
            await self.stop_studio()

    async def plan(self, **more: object) -> None:
        given = {"id": SPACE, "title": "Town hall", "t0_utc_us": time.time_ns() // 1_000}
        space = SpaceDef(**(given | more))  # type: ignore[arg-type] # a test's shorthand
        await self.desk.put(BUCKET_DEFS, SPACE, to_json(space))

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S), self._news:
            await self._news.wait_for(true)

    async def until_state(self, state: State) -> SpaceState:
        await self.until(lambda: bool(self.states) and self.states[-1].state is state)
        return self.states[-1]

    async def call(self, call: Call) -> Reply:
        return read_reply(await self.desk.ask(call_subject(SPACE), pack(call), PATIENCE_S))

    def link(self, kind: TicketKind, *, expires_in_s: int = 60) -> str:
        expires = int(time.time()) + expires_in_s
        return sign(Ticket(kind, SPACE, "link", expires), DESK_KEY)

    def offers(self, ticket: str, name: str) -> Callable[[str], Awaitable[Answer]]:
        async def post(sdp: str) -> Answer:
            reply = await self.call(Offer(ticket=ticket, sdp=sdp, name=name))
            assert isinstance(reply, Answer), reply
            return reply

        return post

    async def _message(self, _subject: str, payload: bytes) -> None:
        self.messages.append(read_programme(payload))
        async with self._news:
            self._news.notify_all()

    async def _watch(self, backbone: Backbone) -> None:
        async for entry in backbone.watch(BUCKET_STATE):
            if entry.value is not None:
                self.states.append(from_json(SpaceState, entry.value))
                async with self._news:
                    self._news.notify_all()
