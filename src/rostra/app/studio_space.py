"""One space in this studio: its life, its stage, its programme, and what it tells the house."""

import asyncio
from typing import Any, Final

import structlog

from rostra.app import studio_forum
from rostra.app.attendance import Attendance
from rostra.app.endings import end_all, unbroken
from rostra.app.lifecycle import Life, commanded, due
from rostra.app.studio_doors import check_open
from rostra.app.studio_hold import HoldProgramme
from rostra.app.studio_means import Counts, Found, Hold, Means, begun_of, plan_left, plan_of
from rostra.app.studio_show import Gear, Show
from rostra.app.studio_t0 import T0
from rostra.app.studio_telling import Outbox, StateBoard
from rostra.audience.crowd import Figures
from rostra.domain.errors import RostraError
from rostra.domain.ports import Moment
from rostra.domain.space import Cause, Role, State
from rostra.programme.limiter import Sound
from rostra.stage import keeping
from rostra.stage.drivers.room import StageRoom
from rostra.stage.drivers.talk import OfStudio
from rostra.stage.facts import StageFacts
from rostra.stage.floor import NEWCOMER, Floor
from rostra.stage.places import ON_STAGE, Arrival
from rostra.web.languages import in_language
from rostra.wire.messages import to_json
from rostra.wire.stagelink import Break, End, Later, Mute, Parting, Start, Up
from rostra.wire.states import SpaceDef, SpaceState

TICK_S: Final = 0.1
"""How often a space looks at the clock: T0 itself is planned by sample, not by this."""

COUNT_EVERY_NS: Final = 10_000_000_000
"""How often the head count goes into the journal."""

TAIL_S: Final = 0.6
"""After the end the programme fades and its last messages leave: five of them."""

ROOM_CLOSE_S_MAX: Final = 0.8
"""How long connections may take to close when the studio ends; the kernel closes the others."""

_LOG = structlog.get_logger(__name__)


class StudioSpace:
    """A space that this studio answers for; its programme runs while the doors are open.

    Args:
        space: what the desk planned.
        found: the space as it was left: run, clock and the places of its stage are kept.
        means: what the studio gives.
        hold: whether the space is still ours.
    """

    def __init__(self, space: SpaceDef, found: Found, means: Means, hold: Hold) -> None:
        state = found.state
        self.space = space
        self._means = means
        self.life = Life(state.state, state.since_utc_us, state.reason)
        self._planned_before = plan_of(space) if not found.revision else plan_left(state, space)
        self._hold = hold
        self._board = StateBoard(means.backbone, space.id, lambda: hold.holds, found.revision)
        self._record = means.record(space.id, lambda: hold.disputed or not self._board.sure)
        self._floor = Floor()
        now = means.clock.now()
        keeping.restore(self._floor, state, now)
        self.room = StageRoom(
            means.engine,
            self._floor,
            self._facts,
            self._from_stage,
            self._stage_changed,
            now=means.clock.now,
            translate=in_language,
            decided=self._decided,
        )
        self._show = Show(
            space.id,
            begun_of(found),
            Gear(means.clock, means.hold_pcm, means.fresh_id, means.boot),
            self,
        )
        self._holding = HoldProgramme(space, means.backbone, means.booth, self._show)
        self._recorder = means.recorder(space.id)
        self.outbox = Outbox(means.backbone, space.id, lambda: hold.holds and self._board.sure)
        self.forum = studio_forum.restored(means, state)
        self._tasks: list[asyncio.Task[None]] = []
        self.anybody_here = False
        self._places = self._floor.lasting
        self._counted_ns = 0
        self._t0 = T0(space, state, now.utc_us, self._record.write)
        self._attendance = Attendance()
        self._attendance.take_over(state, now)
        self._closing = False

    # -- what the studio asks

    @property
    def audience(self) -> Figures:
        """Who listens, over all edges."""
        return self._means.audience(self.space.id, self._show.begun.run)

    @property
    def floor(self) -> Floor:
        """Who may do what on its stage."""
        return self._floor

    @property
    def counts(self) -> Counts:
        """What is counted of it."""
        return Counts(
            skipped_messages=self._show.skipped_messages,
            reopened=self._show.reopened,
            notices_dropped=self._show.notices_dropped,
            lost_lines=self._record.lost_lines,
            unsaid=self._show.unsaid + self._holding.failures,
            recorded=self._recorder.written,
            unrecorded=self._recorder.missed,
        )

    def now(self) -> Moment:
        """The moment that its floor goes by."""
        return self._means.clock.now()

    def define(self, space: SpaceDef) -> None:
        """The desk changed the plan."""
        before, self.space = self.space, space
        if plan_of(space) != plan_of(before):
            self._record.write("plan", plan_of(space))
        self._t0.define(space)
        self._show.plan()
        self._holding.define(space)

    def command(self, action: str, cause: Cause) -> State:
        """Start (or go on), break, end or cancel; PeerError says why not."""
        self._become(commanded(self.life, action, cause, self._show.utc_us()))
        return self.life.state

    async def join(  # noqa: PLR0913 - who comes, each by name
        self,
        participant: str,
        name: str,
        role: Role,
        sdp: str,
        resume: str,
        *,
        arrival: Arrival = NEWCOMER,
    ) -> str:
        """Answer an offer; a host whose offer holds opens the doors early.

        PeerError for a stage that is not open or full, or a broken offer; HouseError while the
        studio ends, for the next one answers.
        """
        check_open(self.life, self.space, role, closing=self._closing)
        answer = await self.room.join(participant, name, role, sdp, resume, arrival=arrival)
        if role is Role.HOST and self.life.state is State.SCHEDULED:
            self._become(self.life.moved(State.LOBBY, Cause.HOST, self._show.utc_us()))
        self._record.write("join", {"participant": participant, "role": role.value})
        return answer

    async def live(self) -> None:
        """Live through the space: returns when it is over.

        Raises HouseError when its clock cannot be kept running, or another studio has it.
        """
        self._tasks += [asyncio.create_task(one.run()) for one in (self.outbox, self._board)]
        self._holding.define(self.space)
        if plan_of(self.space) != self._planned_before:  # while no studio ran
            self._record.write("plan", plan_of(self.space))
        if self.life.doors_open:
            self._open("restart")
        try:
            while not self.life.over:
                self._tick()
                await asyncio.sleep(TICK_S)
            await self._finish()
        finally:
            await unbroken(self.close())

    async def close(self) -> None:
        """Stop the programme and let everybody go; the space's state stays as it is."""
        self._closing = True
        self._show.close()
        await end_all(*self._tasks)
        goodbyes = self._record.close(), self._let_go(), self._holding.close()
        await asyncio.gather(*goodbyes, asyncio.to_thread(self._recorder.close))

    async def _let_go(self) -> None:
        try:
            async with asyncio.timeout(ROOM_CLOSE_S_MAX):
                # No word: pages take this for a lost line and come back.
                await self.room.close(None)
        except TimeoutError:
            _LOG.warning("connections took too long to close", space=self.space.id)

    # -- what the programme asks (`studio_show.Owner`)

    def mix(self, block: int, mono_ns: int) -> Sound:
        """The stage's 20 ms of `block`; called in the clock's thread."""
        return self.room.step(block, mono_ns).mix

    @property
    def state(self) -> State:
        """Where the space is."""
        return self.life.state

    @property
    def live_utc_us(self) -> int | None:
        """When the clock takes it from the lobby to the stage, if it is to."""
        waits = self.life.state is State.LOBBY and not self.space.start_at_once
        return self._t0.crossfade_utc_us if waits else None

    def send(self, message: bytes) -> None:
        """One message of the programme, complete."""
        self.outbox.send(message)
        self._recorder.add(message)

    def note(self, kind: str, body: dict[str, Any]) -> None:
        """Something for the record."""
        self._record.write(kind, body)

    # -- life

    def _tick(self) -> None:
        self._show.check()
        if self._hold.disputed:
            self._board.doubt()
        self._board.check()
        now = self._show.utc_us()
        self._attendance.look(self.room.people(), self.now().mono_us)
        self._t0.note(self.life, now)
        while (step := self._due(now)) is not None:
            self._become(self.life.moved(*step, now))
        self._t0.note(self.life, now)
        self._show.look()
        state = self._state()
        self._holding.tick(now, state)
        self._tell(state)
        self._board.show(to_json(state))
        self._record.sync()
        self._count()

    def _due(self, now_utc_us: int) -> tuple[State, Cause] | None:
        """What the clock, the operator's word, or who is there makes due, T0 looked at first."""
        host_here = self._attendance.host_here or self.space.start_at_once
        if self._t0.look(self.life, now_utc_us, host_here=host_here):
            self._replan()
        step = due(self.life, self.space, self._t0.begins, now_utc_us)
        return step or self._attendance.due(self.life)

    def _replan(self) -> None:
        """T0 is settled, or another one: the crossfade follows, and everybody is told at once."""
        self._show.plan()
        self._board.show(to_json(self._state()), at_once=True)
        self.room.refresh()

    def _become(self, life: Life) -> None:
        before, self.life = self.life, life
        if life.state is State.LIVE:
            self._attendance.begun()
        if not before.doors_open and life.doors_open:
            self._open("doors")
        body = {"state": life.state.value, "before": before.state.value, "cause": life.reason}
        self._record.write("state", body)
        _LOG.info("space moved on", space=self.space.id, **body)
        if not life.over:  # the end is shown when its last message has left
            self._board.show(to_json(self._state()), at_once=True)
        self.room.refresh()

    def _open(self, why: str) -> None:
        self._record.write("configuration", {**self._means.configuration, **plan_of(self.space)})
        self._show.open(why)
        self._holding.begin(welcomed=why == "restart")

    async def _finish(self) -> None:
        """Say that it is over, inside the stream and beside it."""
        if self._show.running:
            self._tell(self._state())
            await asyncio.sleep(TAIL_S)
            self._show.close()
            await self.outbox.emptied()
        self._board.show(to_json(self._state()), at_once=True)
        await self.room.close(Parting.ENDED)
        await self._board.told()  # else whoever takes it next would find it still live

    # -- what is written down

    def _count(self) -> None:
        now_ns = self._means.clock.now().mono_ns
        if self.life.doors_open and now_ns - self._counted_ns >= COUNT_EVERY_NS:
            self._counted_ns = now_ns
            now = self.audience
            figures = {"listening": now.listening, "hls": now.hls, "unique": now.unique}
            self._record.write("count", figures)

    # -- what others hear of it

    def _tell(self, state: SpaceState) -> None:
        """Put into the stream what changed since it was last told."""
        plan = {"title": state.title, **self._t0.told()}
        plan |= {"message": state.message, "next": state.next, "source": state.source}
        now = {"state": state.state.value, "reason": state.reason}
        self._show.tell("state", now | {"since_utc_us": state.since_utc_us} | plan)
        self._show.tell("stage", keeping.stage_notice(state.stage))
        counts = {"listening": state.listening, "hls": state.hls, "unique": state.unique}
        self._show.tell("count", counts)
        if reactions := self._means.reactions(self.space.id):
            self._show.say("reactions", {"counts": dict(reactions)})
        studio_forum.tell(self.forum, self._show, self.room.hosts, self.now().mono_ns)
        for invitation in self.room.hosts.hear(self._means.asks(self.space.id), self.now()):
            self._show.say("invitation", invitation)

    def _state(self) -> SpaceState:
        space, begun, audience = self.space, self._show.begun, self.audience
        people = self.room.people()
        return SpaceState(
            id=space.id,
            title=space.title,
            state=self.life.state,
            hosts=space.hosts,
            description=space.description,
            language=space.language,
            since_utc_us=self.life.since_utc_us,
            reason=self.life.reason,
            run=begun.run,
            epoch_utc_us=begun.epoch_utc_us,
            listening=audience.listening,
            stage=keeping.on_stage(people),
            stepped_us=begun.stepped_us,
            removed=self._floor.removed,
            boot=begun.boot,
            zero_mono_us=begun.zero_mono_us,
            hls=audience.hls,
            unique=audience.unique,
            hands=audience.hands,
            slips=self._t0.begins.slips,
            next=self._floor.next_up[1],
            message=self._floor.message,
            floor=keeping.kept(self._floor, people),
            **studio_forum.fields(self.forum, self.now().mono_ns),
            **self._t0.told(),
            source=self._show.source.value,
        )

    def _facts(self) -> StageFacts:
        audience = self.audience
        return StageFacts(
            title=self.space.title,
            state=self.life.state.value,
            listening=audience.listening,
            reason=self.life.reason,
            hls=audience.hls,
            unique=audience.unique,
            hands=audience.hands,
            source=self._show.source.value,
            **self._t0.told(),
        )

    def _stage_changed(self) -> None:
        self.anybody_here = any(one.here and one.where == ON_STAGE for one in self.room.people())
        before, self._places = self._places, self._floor.lasting
        if self._places != before and not (self.life.over or self._closing):
            self._board.show(to_json(self._state()), at_once=True)

    async def _from_stage(self, participant: str, order: OfStudio) -> None:
        action = str(order.__struct_config__.tag)
        try:
            if isinstance(order, Later):
                self._postpone(participant, order.minutes)
                return
            if isinstance(order, Start | End | Break):
                self.command(action, Cause.HOST)
            else:
                self.forum.obey(order, self._means.fresh_id())
                self._board.show(to_json(self._state()), at_once=True)  # edges refuse by it
        except RostraError as error:
            why = error.sentence
            self._record.write("refused", {"by": participant, "action": action, "why": why})
            raise
        self._record.write(action, {"by": participant})

    def _postpone(self, participant: str, minutes: int) -> None:
        self._t0.later(self.life, participant, minutes, self._show.utc_us())
        self._replan()

    def _decided(self, participant: str, command: Up) -> None:
        """What hosts decide goes into the record; a microphone of one's own does not."""
        who = getattr(command, "who", "")
        oneself = isinstance(command, Mute) and who in {"", participant}
        if type(command) in keeping.RECORDED and not oneself:
            body = {"by": participant, "does": command.__struct_config__.tag, "who": who}
            self._record.write("floor", body)
