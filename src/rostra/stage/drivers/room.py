"""A stage at work: it joins participants to the mix, mixes every 20 ms, and carries their words.

Two threads meet here. The event loop owns the floor, the connections and the commands; the clock,
owned by the studio, calls `step`. They share an immutable tuple of seats, replaced as a whole.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final

import structlog

from rostra.domain.errors import ForbiddenError, HouseError, PeerError, RostraError
from rostra.domain.space import Role
from rostra.stage.drivers.console import Console, Delivery, StageBlock
from rostra.stage.drivers.heard import Heard
from rostra.stage.drivers.seat import OFFERS_MAX, Link, Seat
from rostra.stage.drivers.talk import Orders, StartOrEnd, command_number
from rostra.stage.floor import Floor
from rostra.stage.ports import Engine, Peer
from rostra.wire import stagelink
from rostra.wire.stagelink import Bye, Hello, Nack, Parting, Quality, StageView
from rostra.wire.states import OnStage

QUIET_US_MAX: Final = 5_000_000
"""Without a packet for this long a connection counts as lost: browsers send even silence, and
ICE notices a dead path after 30 s only."""

_LOG = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class StageFacts:
    """What the studio knows and the stage shows: see `stagelink.StageView`."""

    title: str = ""
    state: str = "lobby"
    t0_utc_us: int = 0
    listening: int = 0
    reason: str = ""
    planned_t0_utc_us: int = 0
    waits_for: str = ""


class StageRoom:
    """The stage of one space.

    Args:
        engine: who terminates the connections.
        floor: who may speak.
        facts: title, state, T0 and count, asked whenever the stage is shown.
        on_command: carries out what a host asks of the space; raises PeerError to refuse.
        on_changed: called on the event loop when anything in `people()` changed.
    """

    def __init__(
        self,
        engine: Engine,
        floor: Floor,
        facts: Callable[[], StageFacts],
        on_command: StartOrEnd,
        on_changed: Callable[[], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._engine = engine
        self._floor = floor
        self._facts = facts
        self._orders = Orders(self, floor, on_command)
        self._on_changed = on_changed
        self._console = Console()
        self._seats: dict[str, Seat] = {}
        self._line: tuple[Seat, ...] = ()
        self._muted: frozenset[str] = frozenset()
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
        returning: bool = False,
    ) -> str:
        """Answer an offer: a new place, or a new connection for a kept one (resume).

        Args:
            participant: the id in the participant's ticket.
            name: as displayed.
            role: what the ticket permits.
            sdp: the offer.
            resume: a ticket that brings this participant back; they are told it.
            returning: whether they were on this stage before, and show such a ticket.

        Returns:
            The SDP answer, candidates included.

        Raises:
            PeerError: 400 broken offer, 403 removed, 409 full or over, 429 too many attempts.
            HouseError: the studio is closing, or could not answer by its own fault.
        """
        self._check_open()
        now_us = _now_us()
        for ghost in self._floor.make_way(participant, role, now_us, returning=returning):
            self.leave(ghost, None)
        new = self._floor.join(participant, name, role, now_us)
        seat = self._seats.setdefault(participant, Seat(participant))
        self._make_way(seat)
        link = Link(self, participant, resume)
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
            raise self._closed_error()

    def _closed_error(self) -> RostraError:
        """A stage that is over is told from one whose studio restarts, which is worth a retry."""
        if self._farewell:
            return PeerError(self._farewell.sentence, status=409)
        sentence = "This stage is closed for a moment. Try again in a few seconds."
        return HouseError(sentence)

    def _why_gone(self, participant: str) -> RostraError:
        """Why a place was lost while its holder was being answered."""
        if self._closed:
            return self._closed_error()
        if participant in self._floor.removed:
            sentence = "A host took you off this stage while you were connecting."
            return ForbiddenError(sentence)
        sentence = "Your place went to somebody else while you were connecting. Try again."
        return PeerError(sentence, status=409)

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

    def refresh(self) -> None:
        """Show the stage to its participants, if it or the studio's facts changed."""
        facts = self._facts()
        view = StageView(
            title=facts.title,
            state=facts.state,
            t0_utc_us=facts.t0_utc_us,
            listening=facts.listening,
            people=self.people(),
            reason=facts.reason,
            planned_t0_utc_us=facts.planned_t0_utc_us,
            waits_for=facts.waits_for,
        )
        shown = stagelink.pack(view)
        if shown != self._shown:
            self._shown = shown
            self._broadcast(shown)

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
        self._floor.connected(link.participant)
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

    def link_message(self, link: Link, text: str | bytes) -> None:
        """A command: obeyed or refused, with one answer."""
        if link.participant not in self._floor or link.peer is None:
            return
        try:
            self._floor.spend(link.participant, _now_us())
        except PeerError as error:
            nack = Nack(n=command_number(text), sentence=error.sentence)
            link.peer.send_text(stagelink.pack(nack), droppable=True)
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
            self._floor.lost(link.participant, _now_us())
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
            await self._orders.obey(link.participant, text, peer)
        except RostraError as error:
            nack = Nack(n=command_number(text), sentence=error.sentence)
            peer.send_text(stagelink.pack(nack))
        except Exception:  # noqa: BLE001 - the studio's fault must not end its conversation
            _LOG.exception("a command failed", participant=link.participant)
            nack = Nack(n=command_number(text), sentence="The studio could not do that.")
            peer.send_text(stagelink.pack(nack))
        else:
            self._changed()

    # -- the mix: the clock's thread

    def step(self, block: int, mono_ns: int) -> StageBlock:
        """Mix the 20 ms of `block`: decode, mix, encode, and hand the packets to the loop.

        Never waits. `block` counts from the run's epoch; `mono_ns` is `time.monotonic_ns()`.
        """
        mixed, delivery = self._console.turn(self._line, self._muted, block, mono_ns // 1_000)
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
        if delivery.levels:
            self._broadcast(delivery.levels, droppable=True)
        if delivery.housekeeping_us:
            self._keep_house(delivery.housekeeping_us)

    def _keep_house(self, now_us: int) -> None:
        for seat in self._line:
            link = seat.link
            if link is None or link.peer is None:
                continue
            quality = Quality(loss_pct=seat.loss_pct(), buffer_ms=link.voice.depth_ms)
            link.peer.send_text(stagelink.pack(quality), droppable=True)
            self._watch(link, now_us)
        for participant in self._floor.expired(now_us):
            self.leave(participant, Parting.AWAY)
        self.refresh()

    def _watch(self, link: Link, now_us: int) -> None:
        fed_us = link.voice.fed_us
        quiet = bool(fed_us) and now_us - fed_us > QUIET_US_MAX
        who = link.participant
        if self._floor.lost(who, now_us) if quiet else self._floor.connected(who):
            self._changed()

    def _changed(self) -> None:
        self._line = tuple(self._seats.values())
        self._muted = self._floor.muted
        self._speaking &= set(self._seats)
        self.refresh()
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


def _now_us() -> int:
    return time.monotonic_ns() // 1_000
