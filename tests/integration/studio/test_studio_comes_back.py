"""Studios crash, the backbone goes away, and the show goes on where it was."""

import asyncio
import time

import msgspec
import pytest
from tests.integration.stage.stage_rig import coded, tone
from tests.integration.studio.evening import SPACE, Evening

from rostra.app import studio as studio_module
from rostra.app import studio_show
from rostra.domain.grid import MESSAGE_SAMPLES, SAMPLE_RATE_HZ
from rostra.domain.space import Cause, State
from rostra.programme.drivers.journal import journal_path
from rostra.stage.drivers.speaker import Speaker
from rostra.wire.drivers.nats_streams import LEASE_TTL_S
from rostra.wire.messages import BUCKET_DEFS, BUCKET_STATE, to_json
from rostra.wire.stagelink import Ack, End, Mute, StageView
from rostra.wire.states import OnStage, SpaceDef, SpaceState
from rostra.wire.tickets import TicketKind

SECOND_US = 1_000_000
HOUR_US = 3_600 * SECOND_US


def now_us() -> int:
    return time.time_ns() // 1_000


async def live(evening: Evening) -> SpaceState:
    await evening.plan(start_at_once=True)
    state = await evening.until_state(State.LIVE)
    await evening.until(lambda: len(evening.messages) >= 10)
    return state


async def on_stage(evening: Evening, ticket: str, name: str) -> Speaker:
    speaker = Speaker(coded(tone(700.0, 60.0)))
    await speaker.connect(evening.offers(ticket, name))
    await evening.until(lambda: any(one.here for one in evening.states[-1].stage))
    return speaker


def numbers(evening: Evening) -> list[int]:
    return [message.number for message in evening.messages]


async def test_a_crashed_studio_finds_run_places_and_mutes_again(evening: Evening) -> None:
    before = await live(evening)
    ticket = evening.link(TicketKind.SPEAKER)
    resume = ""

    async def post(sdp: str) -> object:
        nonlocal resume
        answer = await evening.offers(ticket, "Ada")(sdp)
        resume = answer.resume
        return answer

    speaker = Speaker(coded(tone(700.0, 60.0)))
    await speaker.connect(post)  # type: ignore[arg-type] # an Answer
    speaker.say(Mute(n=1, on=True))
    await speaker.word(Ack)
    await evening.until(lambda: any(one.muted for one in evening.states[-1].stage))
    [place] = evening.states[-1].stage
    await evening.crash_studio()
    await speaker.gone.wait()
    assert speaker.bye == ""
    crashed = time.monotonic()
    await evening.start_studio()
    await evening.until(lambda: any(not one.here for one in evening.states[-1].stage))
    ada = OnStage(place.id, "Ada", "speaker", muted=True, here=False)
    assert evening.states[-1].stage == (ada,)
    heard = len(evening.messages)
    await evening.until(lambda: len(evening.messages) > heard + 3)
    assert time.monotonic() - crashed < LEASE_TTL_S
    back = Speaker(coded(tone(700.0, 60.0)))
    await back.connect(evening.offers(resume, "Somebody else"))
    await evening.until(lambda: any(one.here for one in evening.states[-1].stage))
    assert evening.states[-1].stage == (msgspec.structs.replace(ada, here=True),)
    assert (evening.states[-1].run, evening.states[-1].epoch_utc_us) == (
        before.run,
        before.epoch_utc_us,
    )
    assert numbers(evening) == sorted(set(numbers(evening)))
    await back.close()


async def test_another_studio_takes_over_from_a_crashed_one(evening: Evening) -> None:
    before = await live(evening)
    await evening.crash_studio()
    await evening.start_studio("second")
    last = evening.messages[-1].number
    await evening.until(lambda: evening.messages[-1].number > last + 10)
    assert {message.run for message in evening.messages} == {before.run}
    assert numbers(evening) == sorted(set(numbers(evening)))


async def test_the_backbone_restarts_and_nobody_on_stage_notices(evening: Evening) -> None:
    before = await live(evening)
    speaker = await on_stage(evening, evening.link(TicketKind.SPEAKER), "Ada")
    evening.server.kill()
    speaker.say(Mute(n=1, on=True))
    await speaker.word(Ack)  # the stage needs no backbone
    await evening.server.start()
    last = evening.messages[-1].number
    await evening.until(lambda: evening.messages[-1].number > last + 20)
    await evening.until(lambda: any(one.muted for one in evening.states[-1].stage))
    assert {message.run for message in evening.messages} == {before.run}
    assert numbers(evening) == sorted(set(numbers(evening)))
    assert not speaker.gone.is_set()
    assert await evening.edge.recent(f"prog.{SPACE}")  # newcomers get their minute again
    await speaker.close()


async def test_an_end_while_the_backbone_is_away_is_told_when_it_is_back(evening: Evening) -> None:
    await live(evening)
    host = await on_stage(evening, evening.link(TicketKind.HOST), "Grace")
    evening.server.kill()
    host.say(End(n=1))
    await asyncio.wait_for(host.gone.wait(), 10)
    assert "has ended" in host.bye
    assert evening.states[-1].state is State.LIVE
    await evening.server.start()
    await evening.until_state(State.ENDED)


async def test_a_start_is_on_time_while_the_backbone_is_away(evening: Evening) -> None:
    await evening.plan(t0_utc_us=now_us() + HOUR_US // 4)
    await evening.until_state(State.LOBBY)
    host = await on_stage(evening, evening.link(TicketKind.HOST), "Grace")
    t0 = now_us() + 4 * SECOND_US
    await evening.plan(t0_utc_us=t0)
    await evening.until(lambda: evening.states[-1].t0_utc_us == t0)
    evening.server.kill()
    async with asyncio.timeout(10):
        await host.word(StageView, lambda view: view.state == "live")
    assert 0 <= now_us() - t0 < SECOND_US
    await evening.server.start()
    started = await evening.until_state(State.LIVE)
    assert 0 <= started.since_utc_us - t0 < SECOND_US
    await host.close()


async def test_a_stepped_clock_moves_no_run_that_is_taken_over(evening: Evening) -> None:
    """The clock was set an hour ahead in this run; it is ten seconds old all the same."""
    await evening.stop_studio()
    epoch = now_us() - HOUR_US - 10 * SECOND_US
    left = SpaceState(
        SPACE, "Town hall", State.LIVE, epoch, run="run", epoch_utc_us=epoch, stepped_us=HOUR_US
    )
    studio = await evening.server.client("studio")
    await studio.put(BUCKET_STATE, SPACE, to_json(left))
    await evening.plan(t0_utc_us=epoch)
    await evening.start_studio()
    await evening.until(lambda: len(evening.messages) >= 5)
    first_s = evening.messages[0].number * MESSAGE_SAMPLES / SAMPLE_RATE_HZ
    assert 9 < first_s < 20
    assert evening.messages[0].run == "run"
    assert evening.states[-1].stepped_us == HOUR_US


async def test_a_broken_state_is_written_anew(evening: Evening) -> None:
    await evening.edge.close()  # this test's own edge would trip over it
    studio = await evening.server.client("studio")
    await studio.put(BUCKET_STATE, SPACE, b"{broken")
    await evening.plan(start_at_once=True)
    async with asyncio.timeout(10):
        async for entry in studio.watch(BUCKET_STATE):
            if entry.value is not None and b'"live"' in entry.value:
                break


async def test_a_journal_that_cannot_be_opened_costs_no_sound(evening: Evening) -> None:
    journal_path(evening.data, SPACE).parent.write_text("a file where the folder should be")
    await live(evening)
    assert evening.states[-1].state is State.LIVE


async def test_a_clock_that_fails_again_and_again_gets_a_new_space(
    evening: Evening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio_module, "AGAIN_S", 0.1)
    before = await live(evening)
    [space] = evening.studio.spaces()
    steps = 0

    def fail(_block: int, _mono_ns: int) -> object:
        nonlocal steps
        steps += 1
        raise ZeroDivisionError

    monkeypatch.setattr(space.room, "step", fail)
    await evening.until(lambda: bool(evening.studio.spaces()))
    last = evening.messages[-1].number
    await evening.until(lambda: evening.messages[-1].number > last + 20)
    assert steps == studio_show.REOPEN_MAX + 1
    assert evening.studio.spaces() != (space,)
    assert {message.run for message in evening.messages} == {before.run}


async def test_past_evenings_keep_no_place_and_more_spaces_than_places_wait(
    evening: Evening, monkeypatch: pytest.MonkeyPatch
) -> None:
    await evening.stop_studio()
    assert studio_module.SPACES_MAX >= 100
    monkeypatch.setattr(studio_module, "SPACES_MAX", 1)
    monkeypatch.setattr(studio_module, "PLACE_WAIT_S", 0.1)
    studio = await evening.server.client("studio")
    for name in ("past0", "past1", "past2", "first"):
        plan = SpaceDef(name, name, now_us(), start_at_once=True)
        if name != "first":
            over = SpaceState(name, name, State.ENDED, now_us())
            await studio.put(BUCKET_STATE, name, to_json(over))
        await evening.desk.put(BUCKET_DEFS, name, to_json(plan))
    await evening.start_studio()
    running = evening.studio.spaces
    await evening.until(lambda: [one.space.id for one in running()] == ["first"])
    await evening.plan(start_at_once=True)
    entries = studio.watch(BUCKET_DEFS)
    async with asyncio.timeout(10):
        while (await anext(entries)).key != SPACE:
            pass
        first_state = await studio.get(BUCKET_STATE, "first")
    assert first_state is not None
    assert await studio.get(BUCKET_STATE, SPACE) is None
    running()[0].command("end", Cause.OPERATOR)
    await evening.until(lambda: [one.space.id for one in running()] == [SPACE])
    await entries.aclose()
