"""One space in this studio: its life, its stage, its programme, and what it tells the house."""

import asyncio
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import structlog

from rostra.app.endings import end_all
from rostra.app.lifecycle import SECOND_US, Life, commanded, due
from rostra.app.machine import NS_PER_US
from rostra.app.studio_clock import ClockThread
from rostra.app.studio_record import Record
from rostra.app.studio_telling import Outbox, StateBoard
from rostra.domain.errors import HouseError, PeerError
from rostra.domain.ports import Backbone, Clock
from rostra.domain.space import Cause, Role, State
from rostra.programme.drivers.run import ProgrammeRun
from rostra.programme.limiter import Sound
from rostra.programme.pace import Pace, first_block
from rostra.programme.timeline import ClockStep, Timeline
from rostra.stage.drivers.room import StageFacts, StageRoom
from rostra.stage.floor import Floor
from rostra.stage.ports import Engine
from rostra.wire.messages import SpaceDef, SpaceState, pack, to_json
from rostra.wire.stagelink import End, Start

TICK_S: Final = 0.1
"""How often a space looks at the clock: T0 itself is planned by sample, not by this."""

COUNT_EVERY_US: Final = 10 * SECOND_US
"""How often the head count goes into the journal."""

TAIL_S: Final = 0.6
"""After the end the programme fades and its last messages leave: five of them."""

REOPEN_MAX: Final = 5
"""Times that a failed clock of one space is started again; then the studio lets the space go and
takes it anew, if no other studio does."""

_LOG = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Means:
    """What a space needs of the studio."""

    backbone: Backbone
    clock: Clock
    engine: Engine
    hold_pcm: Sound
    fresh_id: Callable[[], str]
    listening: Callable[[str], int]
    """Open connections of a space over all edges."""
    record: Callable[[str], Record]
    configuration: Mapping[str, Any]
    """What the journal keeps of the versions and options that an evening ran on; no secret."""


class StudioSpace:
    """A space that this studio answers for; its programme runs while the doors are open.

    Args:
        space: what the desk planned.
        state: the space as it was left: run, clock and the places of its stage are kept.
        means: what the studio gives.
        holds: whether the space is still ours (`Lease.holds`); else nothing of it is published.
    """

    def __init__(
        self, space: SpaceDef, state: SpaceState, means: Means, holds: Callable[[], bool]
    ) -> None:
        self.space = space
        self._means = means
        self.life = Life(state.state, state.since_utc_us, state.reason)
        self._run = state.run
        self._epoch_utc_us = state.epoch_utc_us
        self._stepped_us = state.stepped_us
        self._record = means.record(space.id)
        self._floor = Floor()
        self._floor.restore(state.stage, means.clock.now().mono_ns // NS_PER_US)
        self.room = StageRoom(
            means.engine, self._floor, self._facts, self._from_stage, self._stage_changed
        )
        self._programme: ProgrammeRun | None = None
        self._timeline: Timeline | None = None
        self._thread: ClockThread | None = None
        self.outbox = Outbox(means.backbone, space.id, holds)
        self._board = StateBoard(means.backbone, space.id)
        self._tasks: list[asyncio.Task[None]] = []
        self._loop = asyncio.get_running_loop()
        self._anybody_here = False
        self._told: dict[str, Any] = {}
        self._counted_us = 0
        self._failures = 0
        self.skipped_messages = 0

    # -- what the studio asks

    @property
    def listening(self) -> int:
        """Open connections over all edges."""
        return self._means.listening(self.space.id)

    @property
    def has_room(self) -> bool:
        """Whether people may come on stage now."""
        return self.life.doors_open

    def define(self, space: SpaceDef) -> None:
        """The desk changed the plan."""
        before, self.space = self.space, space
        if self.life.doors_open and space != before:
            self._record.write("plan", self._plan())
        self._plan_live()

    def command(self, action: str, cause: Cause) -> State:
        """Start, end or cancel; PeerError says why not."""
        self._become(commanded(self.life, action, cause, self._now_us()))
        return self.life.state

    def admit_host(self) -> None:
        """A host who comes early opens the doors."""
        if self.life.state is State.SCHEDULED:
            self._become(self.life.moved(State.LOBBY, Cause.HOST, self._now_us()))

    async def join(self, participant: str, name: str, role: Role, sdp: str, resume: str) -> str:
        """Answer an offer; PeerError for a stage that is not open or full, or a broken offer."""
        if role is Role.HOST:
            self.admit_host()
        if not self.has_room:
            raise PeerError(self._closed_sentence(), status=409)
        answer = await self.room.join(participant, name, role, sdp, resume)
        self._record.write("join", {"participant": participant, "role": role.value})
        return answer

    async def live(self) -> None:
        """Live through the space: returns when it is over.

        Raises HouseError when its clock cannot be kept running.
        """
        self._tasks += [asyncio.create_task(one.run()) for one in (self.outbox, self._board)]
        if self.life.doors_open:
            self._open("restart")
        try:
            while not self.life.over:
                self._tick()
                await asyncio.sleep(TICK_S)
            await self._finish()
        finally:
            await self.close()

    async def close(self) -> None:
        """Stop the programme and let everybody go; the space's state stays as it is."""
        self._stop_clock()
        await self.room.close("")  # no word: pages take this for a lost line and come back
        await end_all(*self._tasks)
        self._record.close()

    # -- the clock's thread

    def turn(self, block: int, mono_ns: int) -> None:
        """Mix 20 ms, and send what became complete."""
        programme = self._programme
        if programme is None:
            return
        mixed = self.room.step(block, mono_ns)
        done = programme.step(
            block, mixed.mix, anybody_here=self._anybody_here, state=self.life.state
        )
        for message in done:
            self._loop.call_soon_threadsafe(self.outbox.send, pack(message))

    def skipped(self, messages: int) -> None:
        """The studio fell behind; what is lost is counted and written down."""
        self.skipped_messages += messages
        self._from_thread("skipped", {"messages": messages})

    def stepped(self, step: ClockStep) -> None:
        """UTC stepped; the programme went on as it was."""
        self._stepped_us = step.total_us
        self._from_thread("clock_step", {"delta_us": step.delta_us, "total_us": step.total_us})

    def _from_thread(self, kind: str, body: dict[str, Any]) -> None:
        _LOG.warning("programme " + kind, space=self.space.id, **body)
        self._loop.call_soon_threadsafe(functools.partial(self._record.write, kind, body))

    def _failed(self, error: BaseException) -> None:
        self._loop.call_soon_threadsafe(self._reopen, error)

    # -- life

    def _tick(self) -> None:
        if self._failures > REOPEN_MAX:
            sentence = f"The clock of {self.space.id} failed {self._failures} times."
            raise HouseError(sentence)
        now = self._now_us()
        while (step := due(self.life, self.space, now)) is not None:
            self._become(self.life.moved(*step, now))
        if self._programme is not None:
            self._tell()
        self._board.show(to_json(self._state()))
        self._record.sync()
        if self.life.doors_open and now - self._counted_us >= COUNT_EVERY_US:
            self._counted_us = now
            self._record.write("count", {"listening": self.listening})

    def _become(self, life: Life) -> None:
        before, self.life = self.life, life
        if not before.doors_open and life.doors_open:
            self._open("doors")
        body = {"state": life.state.value, "before": before.state.value, "cause": life.reason}
        self._record.write("state", body)
        _LOG.info("space moved on", space=self.space.id, **body)
        if not life.over:  # the end is shown when its last message has left
            self._board.show(to_json(self._state()), at_once=True)
        self.room.refresh()

    def _open(self, why: str) -> None:
        """Begin the programme, or go on with the run that another studio began."""
        now = self._means.clock.now()
        if not self._run:
            self._run, self._epoch_utc_us = self._means.fresh_id(), now.utc_us
        self._timeline = Timeline(now, self._epoch_utc_us, self._stepped_us)
        self._programme = ProgrammeRun(
            self.space.id, self._run, self._epoch_utc_us, self._means.hold_pcm
        )
        self._plan_live()
        self._told.clear()
        self._thread = ClockThread(
            name=f"clock {self.space.id}",
            clock=self._means.clock,
            timeline=self._timeline,
            pace=Pace(self._timeline, first_block(self._timeline, now.mono_ns)),
            work=self,
            failed=self._failed,
        )
        self._record.write("configuration", {**self._means.configuration, **self._plan()})
        self._record.write(why, {"run": self._run, "epoch_utc_us": self._epoch_utc_us})
        self._thread.start()

    def _plan_live(self) -> None:
        """Plan the crossfade to the stage for T0."""
        if self._programme is None or self._timeline is None or self.space.start_at_once:
            return
        if self.life.state is State.LOBBY:
            self._programme.live_at(self._timeline.pts_of_utc(self.space.t0_utc_us))

    def _reopen(self, error: BaseException) -> None:
        """A clock died: say so, and go on with the same run."""
        self._failures += 1
        _LOG.error("clock failed", space=self.space.id, failures=self._failures, exc_info=error)
        self._record.write("failure", {"error": type(error).__name__})
        self._stop_clock()
        if self._failures <= REOPEN_MAX and self.life.doors_open:
            self._open("restart")

    def _stop_clock(self) -> None:
        if self._thread is not None:
            self._thread.stop()
            self._thread.join()
            self._thread = None
        self._programme = None

    async def _finish(self) -> None:
        """Say that it is over, inside the stream and beside it."""
        if self._programme is not None:
            self._tell()
            await asyncio.sleep(TAIL_S)
            self._stop_clock()
            await self.outbox.emptied()
        self._board.show(to_json(self._state()), at_once=True)
        await self.room.close("The space has ended. Thank you for being on stage.")
        await self._board.told()  # else whoever takes it next would find it still live

    # -- what others hear of it

    def _tell(self) -> None:
        """Put into the stream what changed since it was last told."""
        state = self._state()
        people = [
            {"id": one.id, "name": one.name, "role": one.role, "muted": one.muted,
             "here": one.here, "speaking": one.speaking}
            for one in state.stage
        ]  # fmt: skip
        plan = {"title": state.title, "t0_utc_us": state.t0_utc_us}
        self._tell_if_new("state", {"state": state.state.value, "reason": state.reason} | plan)
        self._tell_if_new("stage", {"people": people})
        self._tell_if_new("count", {"listening": state.listening})

    def _tell_if_new(self, kind: str, body: dict[str, Any]) -> None:
        if self._told.get(kind) == body or self._programme is None:
            return
        try:
            self._programme.notice(kind, body)
        except HouseError:  # the run's first block is not made yet: told at the next look
            return
        self._told[kind] = body

    def _state(self) -> SpaceState:
        space = self.space
        return SpaceState(
            id=space.id,
            title=space.title,
            state=self.life.state,
            t0_utc_us=space.t0_utc_us,
            hosts=space.hosts,
            description=space.description,
            language=space.language,
            since_utc_us=self.life.since_utc_us,
            run=self._run,
            epoch_utc_us=self._epoch_utc_us,
            listening=self.listening,
            stage=self.room.people(),
            stepped_us=self._stepped_us,
        )

    def _facts(self) -> StageFacts:
        return StageFacts(
            title=self.space.title,
            state=self.life.state.value,
            t0_utc_us=self.space.t0_utc_us,
            listening=self.listening,
        )

    def _stage_changed(self) -> None:
        self._anybody_here = any(one.here for one in self.room.people())

    async def _from_stage(self, participant: str, order: Start | End) -> None:
        action = "start" if isinstance(order, Start) else "end"
        self._record.write(action, {"by": participant})
        self.command(action, Cause.HOST)

    def _plan(self) -> dict[str, Any]:
        """What of the desk's plan an evening is judged by later."""
        plan = self.space
        return {"title": plan.title, "t0_utc_us": plan.t0_utc_us, "at_once": plan.start_at_once}

    def _closed_sentence(self) -> str:
        if self.life.over:
            return "This space is over. Nobody can come on stage any more."
        return "The doors are not open yet. Come back half an hour before it begins."

    def _now_us(self) -> int:
        return self._means.clock.now().utc_us
