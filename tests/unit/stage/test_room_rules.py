"""The room over an engine made of memory: limits, commands, and what is said to whom."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from tests.fakes.engine import MemoryEngine, MemoryPeer

from rostra.domain.errors import ForbiddenError, HouseError, PeerError
from rostra.domain.limits import COMMANDS_PER_S_MAX, DATA_CHANNEL_BYTES_MAX, SPEAKERS_MAX
from rostra.domain.ports import Moment
from rostra.domain.space import Role
from rostra.stage.bans import Marks
from rostra.stage.drivers.hosts import QUEUE_EVERY_US
from rostra.stage.drivers.room import QUIET_US_MAX, StageRoom
from rostra.stage.drivers.seat import OFFERS_MAX
from rostra.stage.drivers.talk import OfStudio
from rostra.stage.facts import StageFacts
from rostra.stage.floor import NEVER_CAME_US, Floor
from rostra.stage.places import Arrival
from rostra.wire import stagelink
from rostra.wire.stagelink import (
    Ack,
    Bye,
    Hello,
    Invite,
    Leave,
    Levels,
    Line,
    Lines,
    Mute,
    MuteAll,
    Nack,
    Parting,
    QueueView,
    Remove,
    SetRole,
    StageView,
    Start,
    Up,
)  # fmt: skip

BACK = Arrival(marks=Marks(link="link"), returning=True)


class House:
    def __init__(self) -> None:
        self.engine = MemoryEngine()
        self.floor = Floor()
        self.refusal: Exception | None = None
        self.commands: list[tuple[str, Up]] = []
        self.changes = 0
        self.room = StageRoom(
            self.engine,
            self.floor,
            lambda: StageFacts(title="T"),
            self.command,
            self.changed,
            translate=lambda sentence, language: (
                sentence if language == "en" else f"{language}: {sentence}"
            ),
        )

    async def command(self, participant: str, command: OfStudio) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.commands.append((participant, command))

    def changed(self) -> None:
        self.changes += 1

    async def enter(self, participant: str, role: Role = Role.SPEAKER) -> MemoryPeer:
        await self.room.join(participant, participant.title(), role, "offer", "resume-word")
        peer = self.engine.peers[-1]
        peer.sink.connected()
        peer.sink.opened()
        return peer

    async def settle(self) -> None:
        await self.room.settled()


@pytest.fixture
async def house() -> AsyncIterator[House]:
    made = House()
    yield made
    await made.room.close()


async def test_first_words_are_who_you_are_and_the_stage(house: House) -> None:
    anna = await house.enter("anna")
    assert anna.words[-2] == Hello(me="anna", role="speaker", resume="resume-word")
    view = anna.words[-1]
    assert isinstance(view, StageView)
    assert [(person.id, person.here) for person in view.people] == [("anna", True)]


async def test_a_broken_offer_takes_no_place(house: House) -> None:
    with pytest.raises(PeerError):
        await house.room.join("anna", "Anna", Role.SPEAKER, "broken")
    assert house.room.people() == ()
    await house.enter("anna")
    with pytest.raises(PeerError):
        await house.room.join("anna", "Anna", Role.SPEAKER, "broken")
    assert house.room.people()[0].here


async def test_the_newest_attempt_wins(house: House) -> None:
    for _ in range(OFFERS_MAX + 3):
        await house.room.join("anna", "Anna", Role.SPEAKER, "offer")
    await house.settle()
    assert [peer.is_closed for peer in house.engine.peers] == [True] * (OFFERS_MAX + 2) + [False]


async def test_commands_are_answered_with_their_number(house: House) -> None:
    host, anna = await house.enter("host", Role.HOST), await house.enter("anna")
    host.say(Mute(n=1, on=True, who="anna"))
    host.say(Mute(n=2, on=False, who="anna"))
    anna.say(Start(n=3))
    host.say(Start(n=4))
    await house.settle()
    assert [word.n for word in host.words if isinstance(word, Ack | Nack)] == [1, 2, 4]
    (refused,) = anna.of(Nack)
    assert refused == Nack(n=3, sentence="Only a host can start or end the space.")
    assert house.commands == [("host", Start(n=4))]
    assert house.room.people()[1].muted


@pytest.mark.parametrize(
    ("refusal", "says"),
    [
        (ForbiddenError("Not before the doors open."), "Not before"),
        (HouseError("The backbone is away."), "backbone"),
        (RuntimeError("boom"), "The studio could not do that."),
    ],
)
async def test_a_refused_start_is_a_nack(house: House, refusal: Exception, says: str) -> None:
    host = await house.enter("host", Role.HOST)
    house.refusal = refusal
    host.say(Start(n=5))
    await house.settle()
    (word,) = host.of(Nack)
    assert isinstance(word, Nack)
    assert word.n == 5
    assert says in word.sentence


async def test_more_commands_than_a_person_gives_are_refused(house: House) -> None:
    anna = await house.enter("anna")
    for number in range(COMMANDS_PER_S_MAX + 10):
        anna.say(Mute(n=number, on=True))
    await house.settle()
    acks = [word.n for word in anna.of(Ack) if isinstance(word, Ack)]
    nacks = [word.n for word in anna.of(Nack) if isinstance(word, Nack)]
    assert len(acks) in range(COMMANDS_PER_S_MAX, COMMANDS_PER_S_MAX + 3)
    assert sorted(acks + nacks) == list(range(COMMANDS_PER_S_MAX + 10))


async def test_a_refusal_does_not_read_what_no_command_is(house: House) -> None:
    anna = await house.enter("anna")
    huge = stagelink.pack(Mute(n=7, on=True, who="x" * DATA_CHANNEL_BYTES_MAX))
    for _ in range(COMMANDS_PER_S_MAX + 5):
        anna.sink.message(huge)
    await house.settle()
    assert {word.n for word in anna.of(Nack) if isinstance(word, Nack)} == {0}


async def test_leaving_and_removing_say_goodbye(house: House) -> None:
    host, anna = await house.enter("host", Role.HOST), await house.enter("anna")
    bert = await house.enter("bert")
    anna.say(Leave(n=1))
    host.say(Remove(n=2, who="bert"))
    await house.settle()
    assert anna.words[-2:] == [Ack(n=1), Bye("You have left the stage.", "left")]
    assert bert.words[-1] == Bye("A host took you off the stage.", "removed")
    assert [person.id for person in house.room.people()] == ["host"]


async def test_levels_ten_times_a_second_and_one_packet_a_block(house: House) -> None:
    anna = await house.enter("anna")
    for block in range(50):
        house.room.step(block, block * 20_000_000)
    await house.settle()
    assert len(anna.of(Levels)) == 10
    assert [timestamp for _, timestamp in anna.packets] == [block * 960 for block in range(50)]


async def test_the_silent_share_one_encoding(house: House) -> None:
    host, anna = await house.enter("host", Role.HOST), await house.enter("anna")
    for peer in (host, anna):
        peer.say(Mute(n=1, on=True))
    await house.settle()
    for block in range(5):
        house.room.step(block, block * 20_000_000)
    await house.settle()
    assert all(
        mine[0] is theirs[0] for mine, theirs in zip(host.packets, anna.packets, strict=True)
    )


async def test_a_connection_without_packets_counts_as_lost_until_they_come(house: House) -> None:
    anna = await house.enter("anna")
    anna.sink.packet(1, 0, b"\x08", 1_000_000)
    late_us = 1_000_000 + QUIET_US_MAX + 1
    house.room.step(0, late_us * 1_000)
    await house.settle()
    assert not house.room.people()[0].here
    anna.sink.packet(2, 960, b"\x08", late_us)
    house.room.step(50, late_us * 1_000)
    await house.settle()
    assert house.room.people()[0].here


async def test_who_never_connects_loses_the_place(house: House) -> None:
    await house.room.join("anna", "Anna", Role.SPEAKER, "offer")
    assert not house.room.people()[0].here
    house.room.step(0, (NEVER_CAME_US * 1_000 + 1) + 10**18)
    await house.settle()
    assert house.room.people() == ()
    assert house.engine.peers[0].is_closed


async def test_whose_only_attempt_fails_gives_the_place_back_at_once(house: House) -> None:
    await house.room.join("anna", "Anna", Role.SPEAKER, "offer")
    house.engine.peers[0].sink.closed()
    assert house.room.people() == ()
    bert = await house.enter("bert")
    bert.sink.closed()
    assert [person.here for person in house.room.people()] == [False]


async def test_a_stage_full_of_offers_that_came_to_nothing_lets_the_host_in(house: House) -> None:
    for number in range(SPEAKERS_MAX + 5):
        with contextlib.suppress(PeerError):
            await house.room.join(f"ghost{number}", "G", Role.SPEAKER, "offer")
    host = await house.enter("host", Role.HOST)
    assert len(house.room.people()) == SPEAKERS_MAX + 1
    other = await house.enter("other", Role.HOST)
    back = house.room.join("anna", "Anna", Role.SPEAKER, "offer", "again", arrival=BACK)
    assert await back == "answer"
    await house.settle()
    assert len(house.room.people()) == SPEAKERS_MAX
    assert [peer.is_closed for peer in house.engine.peers[:4]] == [True, True, True, False]
    assert not host.is_closed
    assert not other.is_closed


async def test_who_is_removed_while_connecting_is_told_so(house: House) -> None:
    host = await house.enter("host", Role.HOST)

    async def remove() -> None:
        host.say(Remove(n=1, who="anna"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    house.engine.meanwhile = remove
    with pytest.raises(ForbiddenError, match="A host took you off"):
        await house.room.join("anna", "Anna", Role.SPEAKER, "offer")


async def test_a_space_that_ends_while_somebody_connects_says_so(house: House) -> None:
    async def end() -> None:
        house.engine.meanwhile = None
        house.room.leave("anna", None)
        await house.room.close(Parting.ENDED)

    house.engine.meanwhile = end
    with pytest.raises(PeerError, match="The space has ended") as refused:
        await house.room.join("anna", "Anna", Role.SPEAKER, "offer")
    assert refused.value.status == 409
    await house.settle()
    assert [peer.is_closed for peer in house.engine.peers] == [True]


@pytest.mark.parametrize("at", ["before", "while"])
async def test_a_studio_that_restarts_is_worth_another_try(house: House, at: str) -> None:
    async def close() -> None:
        await house.room.close(None)

    if at == "before":
        await close()
    else:
        house.engine.meanwhile = close
    with pytest.raises(HouseError, match="Try again"):
        await house.room.join("anna", "Anna", Role.SPEAKER, "offer")


async def test_packets_are_counted_over_all_connections_that_were(house: House) -> None:
    for _ in range(2):
        anna = await house.enter("anna")
        anna.sink.packet(1, 0, b"", 1_000)
        anna.sink.packet(2, 0, b"\x08", 1_000)
        house.room.step(1, 2_000_000)
    await house.settle()
    assert house.room.heard.malformed == 2
    assert house.room.heard.jitter.received == 2
    house.room.leave("anna", None)
    assert house.room.heard.jitter.received == 2
    assert house.room.heard.malformed == 2


@dataclass(frozen=True)
class Raised:
    claim: str
    listener: str = "listener"
    name: str = "Lea"
    note: str = ""


async def test_hosts_alone_see_the_queue_at_once_and_then_twice_a_second(house: House) -> None:
    host, anna = await house.enter("host", Role.HOST), await house.enter("anna")
    now = Moment(10 * 10**9, 1)
    hear = house.room.hosts.hear
    hear((), now)
    assert host.of(QueueView) == []
    hear((Raised("a" * 43),), now)
    hear((Raised("a" * 43), Raised("b" * 43)), now)
    assert [view.total for view in host.of(QueueView)] == [1]  # type: ignore[union-attr]
    late = Moment(now.mono_ns + QUEUE_EVERY_US * 1_000, 1)
    hear((Raised("a" * 43), Raised("b" * 43)), late)
    hear((Raised("a" * 43), Raised("b" * 43)), Moment(late.mono_ns * 2, 1))
    assert [view.total for view in host.of(QueueView)] == [1, 2]  # type: ignore[union-attr]
    other = await house.enter("other", Role.HOST)
    assert len(other.of(QueueView)) == 1
    assert anna.of(QueueView) == []
    for number, role in enumerate(("cohost", "speaker", "cohost")):
        host.say(SetRole(n=number, who="anna", role=role))
        await house.settle()
        hear((Raised("a" * 43), Raised("b" * 43)), Moment(late.mono_ns * 2, 1))
    assert [len(peer.of(QueueView)) for peer in (host, other, anna)] == [2, 1, 2]


async def test_hosts_alone_see_everybodys_connection_once_a_second(house: House) -> None:
    host, anna = await house.enter("host", Role.HOST), await house.enter("anna")
    for block in range(100):
        house.room.step(block, 10**9 + block * 20_000_000)
    await house.settle()
    lines = host.of(Lines)
    assert len(lines) == 2
    assert isinstance(lines[0], Lines)
    assert lines[0].lines == {"host": Line(), "anna": Line()}
    assert anna.of(Lines) == []


async def test_an_invitation_is_told_to_the_stream(house: House) -> None:
    host = await house.enter("host", Role.HOST)
    now = Moment(10 * 10**9, 1)
    house.room.hosts.hear((Raised("a" * 43),), now)
    host.say(Invite(n=1, who="a" * 43))
    await house.settle()
    [told] = house.room.hosts.hear((Raised("a" * 43),), now)
    assert (told["claim"], told["state"]) == ("a" * 43, "open")


async def test_a_refusal_is_said_in_the_language_of_who_is_refused() -> None:
    house = House()
    arrival = Arrival(language="es")
    await house.room.join("anna", "Anna", Role.SPEAKER, "offer", "resume", arrival=arrival)
    anna = house.engine.peers[-1]
    anna.sink.connected()
    anna.say(MuteAll(n=1))
    await house.settle()
    assert anna.of(Nack) == [Nack(n=1, sentence="es: Only a host can mute everybody.")]
    await house.room.close()


async def test_a_connection_that_another_replaced_gives_no_more_orders(house: House) -> None:
    old = await house.enter("anna")
    await house.enter("anna")
    old.say(Mute(n=9, on=True))
    await house.settle()
    assert old.of(Ack) == []
    assert not house.room.people()[0].muted
