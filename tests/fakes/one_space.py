"""One `StudioSpace` on a clock that only the test moves: its clock's thread is driven by hand."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from tests.fakes.backbone import FakeBackbone
from tests.fakes.engine import MemoryEngine, MemoryPeer
from tests.until import until

from rostra.app import studio_show
from rostra.app.studio_clock import ClockThread
from rostra.app.studio_means import Found, Means
from rostra.app.studio_record import Record
from rostra.app.studio_space import TICK_S, StudioSpace
from rostra.audience.crowd import Figures
from rostra.audience.forum import Forum
from rostra.domain.grid import HOLD_LOOP_SAMPLES
from rostra.domain.ports import Moment
from rostra.domain.space import Role, State
from rostra.wire.messages import ProgrammeMessage, read_programme
from rostra.wire.states import SpaceDef, SpaceState

SPACE = "tea"
EPOCH_US = 1_723_500_000_000_000
SECOND_US = 1_000_000
S = 1_000_000_000


class HandClock:
    """Both clocks of a machine; UTC steps when the test says so."""

    def __init__(self) -> None:
        self.mono_ns = 1_000 * S
        self.utc_off_us = EPOCH_US - 1_000 * SECOND_US

    def now(self) -> Moment:
        return Moment(self.mono_ns, self.utc_us)

    @property
    def utc_us(self) -> int:
        return self.mono_ns // 1_000 + self.utc_off_us

    def step(self, seconds: float) -> None:
        self.utc_off_us += int(seconds * SECOND_US)


@dataclass
class MemoryPages:
    lines: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def append(self, now: Moment, kind: str, body: dict[str, Any]) -> None:
        assert now.utc_us
        self.lines.append((kind, body))

    def due(self, now: Moment) -> bool:
        return now.mono_ns < 0

    def sync(self, now: Moment) -> None: ...

    def close(self) -> None: ...

    @property
    def kinds(self) -> list[str]:
        return [kind for kind, _ in self.lines]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [body for one, body in self.lines if one == kind]


@dataclass
class Holding:
    holds: bool = True
    disputed: bool = False


class OneSpace:
    """The space and all that it stands on; `run` lets virtual time pass.

    Hold audio is silence and the stage a loud tone, so that a message shows what was heard.
    """

    def __init__(self, patch: pytest.MonkeyPatch, **plan: Any) -> None:  # noqa: ANN401 - of SpaceDef
        self.clock = HandClock()
        self.backbone = FakeBackbone()
        self.engine = MemoryEngine()
        self.pages = MemoryPages()
        self.hold = Holding()
        self.messages: list[ProgrammeMessage] = []
        self.figures = Figures()
        self.forum = Forum()
        self.reactions: list[dict[str, int]] = []
        given = {"id": SPACE, "title": "Tea", "t0_utc_us": EPOCH_US + 3_600 * SECOND_US}
        self.plan = SpaceDef(**(given | plan))  # type: ignore[arg-type] # a test's shorthand
        self._threads: list[HandDriven] = []
        patch.setattr(studio_show, "ClockThread", self._thread)
        self.space = self.found(Found(SpaceState(SPACE, "Tea", State.SCHEDULED, 0)))

    def found(self, found: Found, boot: str = "boot") -> StudioSpace:
        """A space as another studio left it."""
        means = Means(
            backbone=self.backbone,
            clock=self.clock,
            engine=self.engine,
            hold_pcm=np.zeros(HOLD_LOOP_SAMPLES, np.float32),
            fresh_id=lambda: "run",
            boot=boot,
            audience=lambda _, __: self.figures,
            reactions=lambda _: self.reactions.pop() if self.reactions else {},
            asks=lambda _: (),
            forum=lambda _: self.forum,
            record=lambda space, disputed: Record(
                space, lambda: self.pages, self.backbone, self.clock, disputed
            ),
            configuration={},
        )
        self.space = StudioSpace(self.plan, found, means, self.hold)
        tone = np.sin(2 * np.pi * 480 * np.arange(960) / 48_000).astype(np.float32) * 0.5
        step = self.space.room.step

        def loud(block: int, mono_ns: int) -> Any:  # noqa: ANN401 - a block
            mixed = step(block, mono_ns)
            return type(mixed)(mix=tone, levels=mixed.levels, mix_level=mixed.mix_level)

        self.space.room.step = loud  # type: ignore[method-assign] # what the stage says
        self.space.outbox.send = self._message  # type: ignore[method-assign] # what is heard
        return self.space

    async def run(self, seconds: float) -> None:
        """Let so much time pass: the clock's thread first, then the space's own look."""
        end_ns = self.clock.mono_ns + int(seconds * S)
        while self.clock.mono_ns < end_ns:
            look_ns = min(end_ns, self.clock.mono_ns + int(TICK_S * S))
            for thread in self._threads:
                thread.until(look_ns)
            self.clock.mono_ns = max(self.clock.mono_ns, look_ns)
            await self.settle()
            self.space._tick()
        await self.settle()

    async def settle(self) -> None:
        """Let the loop do what others asked of it, and the record write."""
        for _ in range(5):
            await asyncio.sleep(0)
        await until(lambda: self.space._record._writing is None)

    async def enter(self, participant: str, role: Role = Role.SPEAKER) -> MemoryPeer:
        """Somebody joins and connects."""
        await self.space.join(participant, participant.title(), role, "offer", "resume")
        peer = self.engine.peers[-1]
        peer.sink.connected()
        peer.sink.opened()
        return peer

    def state(self) -> SpaceState:
        """As it would be told now."""
        return self.space._state()

    def _thread(self, **how: Any) -> "HandDriven":  # noqa: ANN401 - of ClockThread
        self._threads.append(HandDriven(self.clock, **how))
        return self._threads[-1]

    def _message(self, message: bytes) -> None:
        self.messages.append(read_programme(message))


class HandDriven(ClockThread):
    """The clock's thread without a thread; sleeping moves the clock."""

    def __init__(self, hand: HandClock, **how: Any) -> None:  # noqa: ANN401 - of ClockThread
        super().__init__(**how)
        self._hand = hand
        self._end_ns = 0
        self.running = False

    def start(self) -> None:
        self.running = True

    def stop(self) -> None:
        self.running = False

    def join(self, timeout: float | None = None) -> None: ...

    def until(self, end_ns: int) -> None:
        self._end_ns = end_ns
        while self.running and self._hand.mono_ns < end_ns:
            try:
                self._once()
            except Exception as error:  # noqa: BLE001 - as the thread does
                self.running = False
                self._failed(error)

    def _nap(self, seconds: float) -> None:
        self._hand.mono_ns = min(self._end_ns, self._hand.mono_ns + max(1, int(seconds * S)))
