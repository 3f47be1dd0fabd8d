"""The studio on a real backbone: planned spaces begin, are heard, obey their hosts, and go on."""

import time

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.integration.stage.stage_rig import coded, power_db, tone
from tests.integration.studio.evening import PATIENCE_S, SPACE, Evening

from rostra.domain.errors import PeerError
from rostra.domain.space import State
from rostra.programme.drivers.decode import UnitDecoder
from rostra.stage.drivers.speaker import Speaker
from rostra.wire.messages import (
    Command,
    Done,
    EdgeTally,
    Offer,
    Refusal,
    SpaceTally,
    call_subject,
    pack,
    read_reply,
    tally_subject,
)
from rostra.wire.stagelink import Ack, End, Mute
from rostra.wire.tickets import Ticket, TicketKind, sign


async def test_an_operators_space_is_live_at_once_and_on_the_grid(evening: Evening) -> None:
    await evening.plan(start_at_once=True)
    state = await evening.until_state(State.LIVE)
    await evening.until(lambda: len(evening.messages) >= 20)
    numbers = [message.number for message in evening.messages]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert {message.run for message in evening.messages} == {state.run}


async def test_a_planned_space_opens_its_doors_and_starts_at_t0(evening: Evening) -> None:
    await evening.plan(t0_utc_us=time.time_ns() // 1_000 + 900_000_000)
    await evening.until_state(State.LOBBY)
    host = Speaker(coded(tone(500.0, 20.0)))
    await host.connect(evening.offers(evening.link(TicketKind.HOST), "Grace"))
    t0 = time.time_ns() // 1_000 + 2_000_000
    await evening.plan(t0_utc_us=t0)
    live = await evening.until_state(State.LIVE)
    await host.close()
    assert 0 <= live.since_utc_us - t0 < 250_000
    told = [notice for message in evening.messages for notice in message.notices]
    assert any(one.kind == "state" and one.body["state"] == "lobby" for one in told)


async def test_a_speaker_is_heard_in_the_programme(evening: Evening) -> None:
    await evening.plan(start_at_once=True)
    await evening.until_state(State.LIVE)
    speaker = Speaker(coded(tone(700.0, 20.0)))
    await speaker.connect(evening.offers(evening.link(TicketKind.SPEAKER), "Ada"))
    await evening.until(lambda: any(one.name == "Ada" for one in evening.states[-1].stage))
    first = len(evening.messages)
    await evening.until(lambda: len(evening.messages) >= first + 25)
    decoder = UnitDecoder()
    pcm = np.concatenate(
        [decoder.feed(unit) for message in evening.messages[first:] for unit in message.aac]
    )
    heard = pcm[len(pcm) // 2 :]
    assert power_db(heard, 700.0) > power_db(heard, 1_900.0) + 30
    assert power_db(heard, 700.0) > -40
    await speaker.close()


async def test_a_host_opens_the_doors_early_mutes_and_ends(evening: Evening) -> None:
    await evening.plan(t0_utc_us=time.time_ns() // 1_000 + 7_200_000_000)
    await evening.until_state(State.SCHEDULED)
    host = Speaker(coded(tone(500.0, 20.0)))
    await host.connect(evening.offers(evening.link(TicketKind.HOST), "Grace"))
    await evening.until_state(State.LOBBY)
    assert await evening.call(Command(evening.link(TicketKind.HOST), "start")) == Done("live")
    host.say(Mute(n=1, on=True))
    await host.word(Ack)
    await evening.until(lambda: any(one.muted for one in evening.states[-1].stage))
    host.say(End(n=2))
    await evening.until_state(State.ENDED)
    last = [notice for message in evening.messages for notice in message.notices]
    assert any(one.kind == "state" and one.body["state"] == "ended" for one in last)
    await host.close()


async def test_links_are_checked_at_the_studio(evening: Evening) -> None:
    await evening.plan(start_at_once=True)
    await evening.until_state(State.LIVE)
    strangers = sign(
        Ticket(TicketKind.HOST, SPACE, "link", int(time.time()) + 60), Ed25519PrivateKey.generate()
    )
    for ticket, status, words in (
        (strangers, 403, "not made by this house"),
        (evening.link(TicketKind.HOST, expires_in_s=-1), 401, "expired"),
        (evening.link(TicketKind.SPEAKER), 403, "something else"),
        ("no-ticket", 403, "incomplete"),
    ):
        reply = await evening.call(Command(ticket, "end"))
        assert isinstance(reply, Refusal)
        assert reply.status == status
        assert words in reply.sentence
    assert evening.states[-1].state is State.LIVE


async def test_the_desk_cannot_sign_itself_a_resume_ticket(evening: Evening) -> None:
    await evening.plan(start_at_once=True)
    await evening.until_state(State.LIVE)
    reply = await evening.call(Offer(evening.link(TicketKind.RESUME), "v=0"))
    assert isinstance(reply, Refusal)
    assert "not made by this house" in reply.sentence


async def test_a_broken_offer_is_refused_and_nobody_is_disturbed(evening: Evening) -> None:
    await evening.plan(start_at_once=True)
    await evening.until_state(State.LIVE)
    reply = await evening.call(Offer(evening.link(TicketKind.SPEAKER), "not an sdp"))
    assert isinstance(reply, Refusal)
    assert reply.status == 400
    garbage = await evening.desk.ask(call_subject(SPACE), b"\xc1garbage", PATIENCE_S)
    assert isinstance(read_reply(garbage), Refusal)
    before = len(evening.messages)
    await evening.until(lambda: len(evening.messages) >= before + 10)
    assert evening.states[-1].stage == ()


async def test_another_studio_goes_on_with_the_same_run(evening: Evening) -> None:
    await evening.plan(start_at_once=True)
    await evening.until_state(State.LIVE)
    await evening.until(lambda: len(evening.messages) >= 10)
    before = evening.messages[-1]
    await evening.stop_studio()
    await evening.start_studio()
    await evening.until(lambda: evening.messages[-1].number > before.number + 20)
    after = evening.messages[-1]
    assert (after.run, after.epoch_utc_us) == (before.run, before.epoch_utc_us)
    numbers = [message.number for message in evening.messages]
    assert numbers == sorted(set(numbers))


async def test_the_head_count_comes_from_the_edges(evening: Evening) -> None:
    await evening.plan(start_at_once=True)
    await evening.until_state(State.LIVE)
    tally = EdgeTally("edge-0", "epoch", 1, (SpaceTally(SPACE, push=41, mp3=1),))
    await evening.edge.publish(tally_subject("edge-0"), pack(tally))
    await evening.edge.publish(tally_subject("edge-0"), b"\xc1")
    await evening.until(lambda: evening.states[-1].listening == 42)
    await evening.until(lambda: evening.states[-1].listening == 0)


async def test_speakers_wait_for_the_doors(evening: Evening) -> None:
    await evening.plan(t0_utc_us=time.time_ns() // 1_000 + 7_200_000_000)
    await evening.until_state(State.SCHEDULED)
    speaker = Speaker(coded(tone(500.0, 1.0)))
    with pytest.raises((AssertionError, PeerError), match="not open yet"):
        await speaker.connect(evening.offers(evening.link(TicketKind.SPEAKER), "Ada"))
    await speaker.close()
