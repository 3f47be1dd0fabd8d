"""A stage at work: it joins participants to the mix, mixes every 20 ms, and carries their words.

Two threads meet here. The event loop owns the floor, the connections and the commands; the clock,
owned by the studio, calls `step`. They share an immutable tuple of seats and one of rights, each
replaced as a whole.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any, Final

import structlog

from rostra.domain.errors import PeerError, RostraError
from rostra.domain.ports import Moment
from rostra.domain.space import Role, State
from rostra.stage.commands import sweep
from rostra.stage.drivers.closed import closed, gone
from rostra.stage.drivers.console import Console, Delivery, StageBlock
from rostra.stage.drivers.heard import Heard
from rostra.stage.drivers.hosts import HostsBoard
from rostra.stage.drivers.howling import remind_of_howl, tell_of_howl
from rostra.stage.drivers.seat import OFFERS_MAX, Link, Seat
from rostra.stage.drivers.talk import Decided, Orders, StudioCommand, command_number
from rostra.stage.facts import StageFacts, view_of
from rostra.stage.floor import NEWCOMER, Floor
from rostra.stage.places import Arrival
from rostra.stage.ports import Engine, Peer
from rostra.stage.seating import ON_STAGE_ALL, Seating
from rostra.wire import stagelink
from rostra.wire.stagelink import Bye, Hello, Nack, Parting, Quality
from rostra.wire.states import OnStage

QUIET_US_MAX: Final = 5_000_000
"""Without a packet for this long a connection counts as lost: browsers send even silence, and
ICE notices a dead path after 30 s only."""

_LOG = structlog.get_logger(__name__)


class StageRoom:
    """The stage of one space.

    Args:
        engine: who terminates the connections.
        floor: who may speak.
        facts: title, state, T0 and count, asked whenever the stage is shown.
        on_command: carries out what the studio and not the floor does, for a host; raises
            PeerError to refuse.
        on_changed: called on the event loop when anything in `people()` changed.
        now: the moment; monotonic time and that of `step` are one clock.
        translate: a sentence in a language.
        decided: told of each command that the floor carried out.
    """

    def __init__(  # noqa: PLR0913 - what a stage stands on, each by name
        self,
        engine: Engine,
        floor: Floor,
        facts: Callable[[], StageFacts],
        on_command: StudioCommand,
        on_changed: Callable[[], None],
        *,
        now: Callable[[], Moment] | None = None,
        translate: Callable[[str, str], str] = lambda sentence, _: sentence,
        decided: Decided = lambda _, __: None,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._engine = engine
        self._floor = floor
        self._facts = facts
        self._orders = Orders(self, floor, on_command, decided)
        self._on_changed = on_changed
        self._now = now or _machine_now
        self._translate = translate
        self._console = Console()
        self.hosts = HostsBoard(floor, lambda: self._line)
        self._seats: dict[str, Seat] = {}
        self._line: tuple[Seat, ...] = ()
        self._rights: tuple[frozenset[str], Seating] = (frozenset(), ON_STAGE_ALL)
        self._speaking: set[str] = set()
        self._shown = ""
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closed = False
        self._farewell: Parting | None = None
        self.undelivered = 0
        self._parted = Heard()

    # -- joining and leaving: the event loop's thread

    async def join(  # noqa: PLR0913 - who comes, each by name
        self,
        participant: str,
        name: str,
        role: Role,
        sdp: str,
        resume: str = "",
        *,
        arrival: Arrival = NEWCOMER,
    ) -> str:
        """Answer an offer: a new place, or a new connection for a kept one (resume).

        Args:
            participant: the id in the participant's ticket.
            name: as displayed.
            role: what the ticket permits.
            sdp: the offer.
            resume: a ticket that brings this participant back; they are told it.
            arrival: how they come, and what they are known by.

        Returns:
            The SDP answer, candidates included.

        Raises:
            PeerError: 400 broken offer, 403 removed or banned, 409 full or over, 429 too many
                attempts.
            HouseError: the studio is closing, or could not answer by its own fault.
        """
        self._check_open()
        now_us = self._now_us()
        self._floor.check(participant, arrival)
        ghosts = self._floor.make_way(participant, role, now_us, returning=arrival.returning)
        for ghost in ghosts:
            self.leave(ghost, None)
        new = self._floor.join(participant, name, role, now_us, arrival)
        seat = self._seats.setdefault(participant, Seat(participant))
        self._make_way(seat)
        link = Link(self, participant, resume, arrival.language)
        seat.pending.add(link)
        try:
            link.peer, answer = await self._engine.answer(sdp, link)
        except BaseException:
            seat.pending.discard(link)
            if new and not seat.pending and seat.link is None:
                self._forget(participant)
            raise
        if self._seats.get(participant) is not seat:
            self._dismiss(link, None)
            raise self._why_gone(participant)
        self._changed()
        return answer

    def _check_open(self) -> None:
        if self._closed:
            raise closed(self._farewell)

    def _why_gone(self, participant: str) -> RostraError:
        """Why a place was lost while its holder was being answered."""
        if self._closed:
            return closed(self._farewell)
        return gone(removed=participant in self._floor.removed)

    def _make_way(self, seat: Seat) -> None:
        """The newest attempt to connect wins over those that have not come to anything."""
        if sum(link.peer is None for link in seat.pending) >= OFFERS_MAX:
            sentence = "You are connecting from too many places at once. Wait a few seconds."
            raise PeerError(sentence, status=429)
        for link in tuple(seat.pending):
            if link.peer is not None:
                seat.pending.discard(link)
                self._dismiss(link, None)

    def leave(self, participant: str, parting: Parting | None) -> None:
        """Take a participant's place and close their connections with this word."""
        seat = self._seats.get(participant)
        self._forget(participant)
        if seat is not None:
            for link in (seat.link, *seat.pending):
                self._dismiss(link, parting)
        self._changed()

    async def close(self, parting: Parting | None = Parting.ENDED) -> None:
        """Say goodbye to everybody and close their connections.

        Without a word the stage is closed for a moment, and another studio may open it.
        """
        self._closed, self._farewell = True, parting
        for participant in tuple(self._seats):
            self.leave(participant, parting)
        await self.settled()

    async def settled(self) -> None:
        """Wait until what was begun so far is done: deliveries, commands, closing connections."""
        await asyncio.sleep(0)
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def people(self) -> tuple[OnStage, ...]:
        """The stage as everybody may know it."""
        return self._floor.people(self._speaking)

    @property
    def heard(self) -> Heard:
        """What became of the packets of everybody who is or was on this stage."""
        links = (seat.link for seat in self._seats.values())
        return self._parted.and_of(link.voice for link in links if link is not None)

    @property
    def unsuppressed_blocks(self) -> int:
        """See `Console.unsuppressed_blocks`."""
        return self._console.unsuppressed_blocks

    def refresh(self) -> None:
        """Show the stage to its participants, if it or the studio's facts changed."""
        facts = self._facts()
        self._settle_rights(facts)
        view = view_of(facts, self._floor, self.people(), self._now_us())
        shown = stagelink.pack(view)
        if shown != self._shown:
            self._shown = shown
            self._broadcast(shown)

    def _settle_rights(self, facts: StageFacts) -> None:
        seating = self._floor.seating(live=facts.state == State.LIVE)
        self._rights = self._floor.unheard(self._seats.keys()), seating

    # -- the engine's news: the event loop's thread

    def link_connected(self, link: Link) -> None:
        """A connection stands: from now on it is the one that is heard."""
        seat = self._seats.get(link.participant)
        if seat is None or link not in seat.pending:
            self._dismiss(link, None)
            return
        seat.pending.discard(link)
        old, seat.link = seat.link, link
        if old is not None:
            self._parted.add(old.voice)
        self._dismiss(old, Parting.ELSEWHERE)
        self._floor.connected(link.participant, self._now_us())
        self._changed()

    def link_opened(self, link: Link) -> None:
        """First words: who you are, and the stage as it is."""
        place = self._floor.place(link.participant) if link.participant in self._floor else None
        if place is None or link.peer is None:
            return
        hello = Hello(me=place.id, role=place.role.value, resume=link.resume)
        link.peer.send_text(stagelink.pack(hello))
        if self._shown:
            link.peer.send_text(self._shown)
        self.hosts.welcome(link)
        remind_of_howl(self._seats.get(place.id), link)

    def link_message(self, link: Link, text: str | bytes) -> None:
        """A command: obeyed or refused, with one answer."""
        seat = self._seats.get(link.participant)
        superseded = seat is None or (seat.link is not link and link not in seat.pending)
        if superseded or link.participant not in self._floor or link.peer is None:
            return
        try:
            self._floor.spend(link.participant, self._now_us())
        except PeerError as error:
            self._refuse(link, link.peer, text, error.sentence, droppable=True)
            return
        self._spawn(self._obey(link, link.peer, text))

    def link_closed(self, link: Link) -> None:
        """A connection is gone: the place is kept for a while."""
        seat = self._seats.get(link.participant)
        if seat is None:
            return
        seat.pending.discard(link)
        if seat.link is link:
            seat.link = None
            self._parted.add(link.voice)
            self._floor.lost(link.participant, self._now_us())
            self._changed()
        elif self._came_to_nothing(seat):
            self._forget(link.participant)
            self._changed()

    def _came_to_nothing(self, seat: Seat) -> bool:
        """Whether the last attempt of somebody who never was here has failed."""
        never = seat.id in self._floor and not self._floor.place(seat.id).came
        return never and seat.link is None and not seat.pending

    async def _obey(self, link: Link, peer: Peer, text: str | bytes) -> None:
        try:
            await self._orders.obey(link.participant, text, peer, self._now())
        except RostraError as error:
            self._refuse(link, peer, text, error.sentence)
        except Exception:  # noqa: BLE001 - the studio's fault must not end its conversation
            _LOG.exception("a command failed", participant=link.participant)
            self._refuse(link, peer, text, "The studio could not do that.")
        else:
            self._changed()

    def _refuse(
        self, link: Link, peer: Peer, text: str | bytes, why: str, *, droppable: bool = False
    ) -> None:
        nack = Nack(n=command_number(text), sentence=self._translate(why, link.language))
        peer.send_text(stagelink.pack(nack), droppable=droppable)

    # -- the mix: the clock's thread

    def step(self, block: int, mono_ns: int) -> StageBlock:
        """Mix the 20 ms of `block`: decode, mix, encode, and hand the packets to the loop.

        Never waits. `block` counts from the run's epoch; `mono_ns` is `time.monotonic_ns()`.
        """
        line, (unheard, seating) = self._line, self._rights
        mixed, delivery = self._console.turn(line, unheard, block, mono_ns // 1_000, seating)
        try:
            self._loop.call_soon_threadsafe(self._deliver, delivery)
        except RuntimeError:  # the loop is closed: the studio is on its way down
            self.undelivered += 1
        return mixed

    # -- what a block brings: the event loop's thread

    def _deliver(self, delivery: Delivery) -> None:
        for peer, payload in delivery.packets:
            peer.send_audio(payload, delivery.timestamp)
        if delivery.flips:
            for participant, speaking in delivery.flips:
                (self._speaking.add if speaking else self._speaking.discard)(participant)
            self._changed()
        for participant, howls in delivery.howls:
            tell_of_howl(self._seats.get(participant), howls=howls)
        if delivery.levels:
            self._broadcast(delivery.levels, droppable=True)
        if delivery.housekeeping_us:
            self._keep_house(delivery.housekeeping_us)

    def _keep_house(self, now_us: int) -> None:
        lost: dict[str, float] = {}
        for seat in self._line:
            link = seat.link
            if link is None or link.peer is None:
                continue
            lost[seat.id] = seat.loss_pct()
            quality = Quality(loss_pct=lost[seat.id], buffer_ms=link.voice.depth_ms)
            link.peer.send_text(stagelink.pack(quality), droppable=True)
            self._watch(link, now_us)
        self.hosts.show_lines(lost)
        for participant in self._floor.expired(now_us):
            self.leave(participant, Parting.AWAY)
        if sweep(self._floor, self._now()):
            self._changed()
        self._say_told()
        self.refresh()

    def _say_told(self) -> None:
        for who, told in self._floor.take_told():
            link = self._seats[who].link if who in self._seats else None
            if link is not None and link.peer is not None:
                link.peer.send_text(stagelink.pack(told))

    def _watch(self, link: Link, now_us: int) -> None:
        fed_us = link.voice.fed_us
        quiet = bool(fed_us) and now_us - fed_us > QUIET_US_MAX
        who = link.participant
        if self._floor.lost(who, now_us) if quiet else self._floor.connected(who, now_us):
            self._changed()

    def _changed(self) -> None:
        self._settle_rights(self._facts())
        self._line = tuple(self._seats.values())  # after the rights: who is new has theirs
        self._speaking &= set(self._seats)
        self.refresh()
        self._say_told()
        self._on_changed()

    def _forget(self, participant: str) -> None:
        self._floor.leave(participant)
        seat = self._seats.pop(participant, None)
        if seat is not None and seat.link is not None:
            self._parted.add(seat.link.voice)

    def _dismiss(self, link: Link | None, parting: Parting | None) -> None:
        if link is not None and link.peer is not None and not link.is_closed:
            word = stagelink.pack(Bye(parting.sentence, parting.value)) if parting else ""
            self._spawn(link.peer.close(word))

    def _broadcast(self, text: str, *, droppable: bool = False) -> None:
        for seat in self._line:
            if seat.link is not None and seat.link.peer is not None:
                seat.link.peer.send_text(text, droppable=droppable)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _now_us(self) -> int:
        return self._now().mono_us


def _machine_now() -> Moment:
    return Moment(time.monotonic_ns(), time.time_ns() // 1_000)
