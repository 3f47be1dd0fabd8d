"""The floor of a running studio: bans at every door, hosts that come and go, invitations."""

import asyncio
import dataclasses
import time
from dataclasses import dataclass, field

import pytest
from tests.integration.stage.stage_rig import coded, tone
from tests.integration.studio.evening import DESK_KEY, SPACE, Evening

from rostra.domain.space import State
from rostra.stage import invitations, lock
from rostra.stage.drivers.speaker import Speaker
from rostra.stage.invitations import claim_of
from rostra.wire.messages import Answer, Claim, Offer, Refusal, Reply
from rostra.wire.stagelink import (
    Ack,
    Ban,
    Dismiss,
    Invite,
    Leave,
    Mute,
    QueueView,
    SetRole,
    StageView,
    Told,
    Up,
)
from rostra.wire.tickets import Ticket, TicketKind, sign

SECONDS = 60.0
SECRET, OTHER = "s" * 43, "o" * 43


@dataclass
class Person:
    """Somebody with a link, a device and an account of their own, who may lie about each."""

    evening: Evening
    name: str
    kind: TicketKind = TicketKind.SPEAKER
    link: str = ""
    device: str = ""
    account: str = ""
    resume: str = ""
    participant: str = ""
    speakers: list[Speaker] = field(default_factory=list)

    def ticket(self) -> str:
        subject = self.link or f"link-of-{self.name}"
        return sign(Ticket(self.kind, SPACE, subject, int(time.time()) + 60), DESK_KEY)

    async def offers(self, sdp: str, *, back: bool = False, secret: str = "") -> Reply:
        """By the link, or back by the resume ticket, or by the secret of an invitation."""
        given = {"name": self.name, "device": self.device, "account": self.account}
        ticket = self.resume if back else self.ticket()
        call = Claim(secret, sdp, **given) if secret else Offer(ticket, sdp, **given)
        return await self.evening.call(call)

    async def come(self, *, back: bool = False, secret: str = "") -> Reply:
        """Offer with a real connection; the answer, or the refusal."""
        reply: Reply | None = None

        async def post(sdp: str) -> Answer:
            nonlocal reply
            reply = await self.offers(sdp, back=back, secret=secret)
            if not isinstance(reply, Answer):
                raise ConnectionRefusedError
            self.resume, self.participant = reply.resume, reply.participant
            return reply

        speaker = Speaker(coded(tone(700.0, SECONDS)))
        try:
            await speaker.connect(post)
            self.speakers.append(speaker)
        except ConnectionRefusedError:
            pass
        assert reply is not None
        return reply

    async def refused(
        self, match: str, *, status: int = 403, back: bool = False, secret: str = ""
    ) -> None:
        """The door refuses who they are before it looks at the offer, which would be a 400."""
        reply = await self.offers("no sdp", back=back, secret=secret)
        assert isinstance(reply, Refusal), f"{self} came in"
        assert match in reply.sentence
        assert reply.status == status

    async def does(self, command: Up) -> None:
        self.speakers[-1].say(command)
        async with asyncio.timeout(10):
            await self.speakers[-1].word(Ack, lambda word: word.n == command.n)

    async def close(self) -> None:
        await asyncio.gather(*(speaker.close() for speaker in self.speakers))


@dataclass
class Raised:
    listener: str
    claim: str
    name: str = "Lea"
    note: str = "May I?"


def raise_hands(evening: Evening, *hands: Raised) -> None:
    """What the audience tells the studio from now on."""
    [space] = evening.studio.spaces()
    space._means = dataclasses.replace(space._means, asks=lambda _: hands)


async def live(evening: Evening) -> Person:
    """A live space, with its host."""
    await evening.plan(start_at_once=True)
    await evening.until_state(State.LIVE)
    host = Person(evening, "Grace", TicketKind.HOST)
    await host.come()
    return host


async def test_a_banned_speaker_finds_every_door_closed(evening: Evening) -> None:
    host = await live(evening)
    mallory = Person(evening, "Mallory", link="general", device="phone", account="m")
    await mallory.come()
    first = mallory.resume
    await mallory.come()  # twice: another participant
    anna = Person(evening, "Anna", link="general", device="laptop")
    await anna.come()
    await host.does(Ban(n=1, who=mallory.participant))
    for speaker in mallory.speakers:
        await asyncio.wait_for(speaker.gone.wait(), 10)
    assert "banned" in mallory.speakers[-1].bye
    await evening.until(lambda: evening.states[-1].floor.closed_links == ("general",))
    assert [one.name for one in evening.states[-1].stage] == ["Grace", "Anna"]

    hidden = dataclasses.replace(mallory, device="", account="", speakers=[])
    await mallory.refused("took you off", back=True)
    await hidden.refused("took you off", back=True)
    hidden.resume = first  # of the other connection, which the ban took along
    await hidden.refused("took you off", back=True)
    await mallory.refused("banned")
    await hidden.refused("closed by a host")
    await dataclasses.replace(hidden, device="phone", link="other").refused("banned")
    await dataclasses.replace(hidden, account="m", link="other").refused("banned")
    await dataclasses.replace(hidden, device="phone", kind=TicketKind.HOST).refused("banned")

    raise_hands(evening, Raised("mallorys-listener", claim_of(SECRET)))
    await host.speakers[-1].word(QueueView, lambda view: view.total == 1)
    await host.does(Invite(n=2, who=claim_of(SECRET)))
    await mallory.refused("banned", secret=SECRET)
    await host.does(Ban(n=3, who=claim_of(SECRET)))  # the hand, too
    await hidden.refused("Nobody has invited", secret=SECRET)
    raise_hands(evening, Raised("mallorys-listener", claim_of(OTHER)))
    [space] = evening.studio.spaces()
    await asyncio.sleep(0.3)  # three looks at the hands
    assert len(space.floor.queue) == 0

    await anna.come(back=True)  # others of the link that was closed keep their places
    await evening.stop_studio()
    await evening.start_studio()
    await evening.until(lambda: len(evening.studio.spaces()) == 1)
    await mallory.refused("took you off", back=True)
    await mallory.refused("banned")
    await hidden.refused("closed by a host")
    await asyncio.gather(host.close(), anna.close(), mallory.close())


async def test_a_space_survives_its_hosts_and_a_cohost_keeps_the_role(
    evening: Evening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "GRACE_US", 300_000)
    host = await live(evening)
    anna, late = Person(evening, "Anna"), Person(evening, "Late")
    await anna.come()
    await host.close()  # in mid-talk, without a word
    await anna.speakers[-1].word(StageView, lambda view: view.locked == "no_host")
    await late.come()
    await late.speakers[-1].word(
        StageView, lambda view: {one.name: one.where for one in view.people}["Late"] == "backstage"
    )
    await evening.until(
        lambda: [one.name for one in evening.states[-1].floor.backstage] == ["Late"]
    )
    assert [one.name for one in evening.states[-1].stage] == ["Grace", "Anna"]
    await host.come(back=True)
    await anna.speakers[-1].word(StageView, lambda view: not view.locked)

    await host.does(SetRole(n=1, who=anna.participant, role="cohost"))
    await anna.speakers[-1].word(Told, lambda told: told.word == "cohost")
    await host.does(Leave(n=2))
    await evening.until(lambda: [one.name for one in evening.states[-1].stage] == ["Anna"])
    await evening.crash_studio()
    await evening.start_studio()
    await evening.until(lambda: all(not one.here for one in evening.states[-1].stage))
    await anna.come(back=True)  # with a ticket that says speaker
    await anna.does(Mute(n=3, on=True, who=late.participant))
    await evening.until(lambda: evening.states[-1].floor.backstage[0].muted)
    assert {one.name: one.role for one in evening.states[-1].stage} == {"Anna": "cohost"}
    await asyncio.gather(host.close(), anna.close(), late.close())


async def test_an_invitation_is_for_one_person_once_and_for_a_minute(
    evening: Evening, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = await live(evening)
    lea, thief = Person(evening, "Lea"), Person(evening, "Thief")
    hands = [Raised(f"listener-{secret[0]}", claim_of(secret)) for secret in (SECRET, OTHER)]
    raise_hands(evening, *hands)
    await host.speakers[-1].word(QueueView, lambda view: view.total == 2)
    await lea.refused("Nobody has invited", secret=SECRET)
    began = time.monotonic()
    await host.does(Invite(n=1, who=claim_of(SECRET)))
    said = {"claim": claim_of(SECRET), "state": "open", "within_s": 60}
    await evening.until(
        lambda: any(
            one.kind == "invitation" and one.body == said
            for message in evening.messages
            for one in message.notices
        )
    )
    await thief.refused("Nobody has invited", secret=claim_of(SECRET))  # what everybody reads
    await thief.refused("Nobody has invited", secret=OTHER)  # not invited yet
    broken = await evening.call(Claim(SECRET, "no sdp"))
    assert isinstance(broken, Refusal)
    assert broken.status == 400  # and not used up by it
    both = await asyncio.gather(lea.come(secret=SECRET), thief.come(secret=SECRET))
    assert sorted(isinstance(reply, Answer) for reply in both) == [False, True]
    assert time.monotonic() - began < 10
    await thief.refused("Nobody has invited", secret=SECRET)
    winner = lea if lea.speakers else thief
    await evening.until(
        lambda: winner.name in {one.name for one in evening.states[-1].stage if one.here}
    )

    monkeypatch.setattr(invitations, "WITHIN_S", 0)
    await host.does(Invite(n=2, who=claim_of(OTHER)))
    await thief.refused("is over", status=410, secret=OTHER)
    await host.does(Dismiss(n=3, who=claim_of(OTHER)))
    await host.speakers[-1].word(QueueView, lambda view: view.total == 0)

    await winner.does(Leave(n=1))  # back among the listeners, and only a host calls again
    await asyncio.wait_for(winner.speakers[-1].gone.wait(), 10)
    await winner.refused("Raise your hand", back=True)
    await asyncio.gather(host.close(), lea.close(), thief.close())


async def test_who_takes_the_hand_down_before_they_come_is_known_all_the_same(
    evening: Evening,
) -> None:
    host = await live(evening)
    lea = Person(evening, "Lea")
    raise_hands(evening, Raised("leas-listener", claim_of(SECRET)))
    await host.speakers[-1].word(QueueView, lambda view: view.total == 1)
    await host.does(Invite(n=1, who=claim_of(SECRET)))
    raise_hands(evening)
    await host.speakers[-1].word(QueueView, lambda view: view.total == 0)
    assert isinstance(await lea.come(secret=SECRET), Answer)
    await host.does(Ban(n=2, who=lea.participant))
    raise_hands(evening, Raised("leas-listener", claim_of(OTHER)))
    [space] = evening.studio.spaces()
    await asyncio.sleep(0.8)  # more than one look at the hands
    assert len(space.floor.queue) == 0
    await asyncio.gather(host.close(), lea.close())
