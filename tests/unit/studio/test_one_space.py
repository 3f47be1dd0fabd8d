"""What one space writes down, keeps over a restart, and lets happen, on a clock of the test's."""

import asyncio
import contextlib

import msgspec
import pytest
from tests.fakes.one_space import EPOCH_US, SECOND_US, SPACE, OneSpace, S
from tests.until import until

from rostra.app import studio_show, studio_space
from rostra.app.studio_means import Found
from rostra.app.studio_show import REOPEN_MAX, STEADY_NS
from rostra.domain.errors import HouseError, PeerError
from rostra.domain.grid import MESSAGE_SAMPLES
from rostra.domain.space import Cause, Role, State
from rostra.programme.timeline import AWAY_US
from rostra.stage.places import Arrival
from rostra.wire.messages import BUCKET_STATE, from_json
from rostra.wire.stagelink import End, Mute, Nack, Remove, Start
from rostra.wire.states import SpaceState

WAIT_S = 5.0


@pytest.fixture
async def one(monkeypatch: pytest.MonkeyPatch) -> OneSpace:
    """Doors open in half an hour."""
    return OneSpace(monkeypatch)


def lobby(monkeypatch: pytest.MonkeyPatch, t0_s: float) -> OneSpace:
    return OneSpace(monkeypatch, t0_utc_us=EPOCH_US + int(t0_s * SECOND_US))


# -- the journal


async def test_t0_has_a_line_of_its_own_and_one_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    one = lobby(monkeypatch, 1.0)
    await one.enter("host", Role.HOST)
    await one.run(3.0)
    kinds = [kind for kind in one.pages.kinds if kind != "count"]
    assert kinds == ["configuration", "doors", "state", "join", "t0", "state"]
    assert one.pages.of("t0") == [{"t0_utc_us": one.plan.t0_utc_us, "state": "lobby"}]
    left = one.state()
    await one.space.close()
    one.found(Found(left, 1))
    one.space._open("restart")
    await one.run(1.0)
    assert one.pages.kinds.count("t0") == 1
    one.space.define(msgspec.structs.replace(one.plan, t0_utc_us=EPOCH_US + 6 * SECOND_US))
    await one.run(3.0)
    assert one.pages.kinds.count("t0") == 2
    await one.space.close()


async def test_an_early_start_has_its_t0_later(monkeypatch: pytest.MonkeyPatch) -> None:
    one = lobby(monkeypatch, 2.0)
    one.space.command("start", Cause.OPERATOR)
    await one.run(1.0)
    assert one.pages.of("t0") == []
    await one.run(2.0)
    assert one.pages.of("t0") == [{"t0_utc_us": one.plan.t0_utc_us, "state": "live"}]
    await one.space.close()


async def test_a_command_is_written_when_it_is_carried_out_and_told_apart_when_refused(
    one: OneSpace,
) -> None:
    host = await one.enter("host", Role.HOST)
    host.say(Start(n=1))
    await one.settle()
    host.say(Start(n=2))
    await one.settle()
    [nack] = host.of(Nack)
    assert isinstance(nack, Nack)
    assert one.pages.of("start") == [{"by": "host"}]
    assert one.pages.of("refused") == [{"by": "host", "action": "start", "why": nack.sentence}]
    assert one.pages.kinds.index("start") > one.pages.kinds.index("state")
    host.say(End(n=3))
    await one.settle()
    assert one.pages.of("end") == [{"by": "host"}]
    await one.space.close()


async def test_a_plan_that_changes_leaves_a_line_before_the_doors_too(one: OneSpace) -> None:
    moved = msgspec.structs.replace(one.plan, t0_utc_us=one.plan.t0_utc_us + SECOND_US)
    one.space.define(moved)
    one.space.define(msgspec.structs.replace(moved, description="More words"))
    await one.settle()
    assert [body["t0_utc_us"] for body in one.pages.of("plan")] == [moved.t0_utc_us]
    await one.space.close()


async def test_a_plan_that_changed_while_no_studio_ran_leaves_a_line(one: OneSpace) -> None:
    left = SpaceState(SPACE, "An older title", State.SCHEDULED, one.plan.t0_utc_us)
    one.found(Found(left, 7))
    living = asyncio.create_task(one.space.live())
    await until(lambda: one.pages.kinds == ["plan"])
    living.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await living
    assert one.pages.of("plan")[0]["title"] == "Tea"


async def test_counts_go_on_after_a_clock_that_steps_back(monkeypatch: pytest.MonkeyPatch) -> None:
    one = lobby(monkeypatch, 1_000.0)
    await one.run(1.0)
    one.clock.step(-3_600)
    await one.run(21.0)
    assert len(one.pages.of("count")) == 3
    await one.space.close()


# -- what the next studio knows


async def test_mutes_and_removals_are_told_at_once_and_outlast_a_restart(one: OneSpace) -> None:
    host, _ = await one.enter("host", Role.HOST), await one.enter("anna")
    await one.enter("bert")
    board = asyncio.create_task(one.space._board.run())

    async def told() -> SpaceState:
        entry = await one.backbone.get(BUCKET_STATE, SPACE)
        assert entry is not None
        assert entry.value is not None
        return from_json(SpaceState, entry.value)

    await one.space._board.told()
    host.say(Remove(n=1, who="bert"))
    host.say(Mute(n=2, on=True, who="anna"))
    async with asyncio.timeout(studio_space.TICK_S * 5):  # long before TELL_EVERY_S
        await one.settle()
        await one.space._board.told()
    left = await told()
    board.cancel()
    assert left.removed == ("bert",)
    assert [person.muted for person in left.stage] == [False, True]
    await one.space.close()
    one.found(Found(left, 2))
    with pytest.raises(PeerError, match="A host took you off"):
        await one.space.join(
            "bert", "Bert", Role.SPEAKER, "offer", "again", arrival=Arrival(returning=True)
        )
    assert [(person.id, person.muted) for person in one.state().stage] == [
        ("host", False),
        ("anna", True),
    ]
    await one.space.close()


async def test_a_clock_set_back_around_a_restart_moves_no_message_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = lobby(monkeypatch, 1_000.0)
    await one.run(15.0)
    left, newest = one.state(), one.messages[-1].number
    await one.space.close()
    one.clock.step(-10.0)
    one.clock.mono_ns += 2 * S  # the studio was away for two seconds
    one.found(Found(left, 1, newest + 1))
    one.space._open("restart")
    await one.run(1.0)
    first = next(message for message in one.messages if message.number > newest)
    away = (first.number - newest) * MESSAGE_SAMPLES / 48_000
    assert 1.9 < away < 2.4
    assert {message.run for message in one.messages} == {left.run}
    [step] = one.pages.of("clock_step")
    assert step["delta_us"] == -10 * SECOND_US
    numbers = [message.number for message in one.messages]
    assert numbers == sorted(set(numbers))
    await one.space.close()


async def test_a_studio_elsewhere_begins_above_what_has_been_heard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = lobby(monkeypatch, 1_000.0)
    await one.run(15.0)
    left, newest = one.state(), one.messages[-1].number
    await one.space.close()
    one.clock.step(-10.0)  # that machine's clock is right, the first one's was ahead
    one.found(Found(left, 1, newest + 1), boot="another")
    one.space._open("restart")
    await one.run(1.0)
    first = next(message for message in one.messages if message.number > newest)
    ahead_us = (first.number - newest) * MESSAGE_SAMPLES * 1_000 // 48
    assert AWAY_US - 200_000 < ahead_us < AWAY_US + 400_000
    numbers = [message.number for message in one.messages]
    assert numbers == sorted(set(numbers))
    await one.space.close()


# -- a clock that fails


def breaks(one: OneSpace) -> None:
    """The stage's next block fails, once."""
    step = one.space.room.step

    def fail(block: int, mono_ns: int) -> object:
        one.space.room.step = step  # type: ignore[method-assign] # it was one block
        raise ZeroDivisionError(block, mono_ns)

    one.space.room.step = fail  # type: ignore[method-assign,assignment] # as above


async def test_a_clock_that_is_started_again_goes_on_although_utc_steps_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = lobby(monkeypatch, 1_000.0)
    await one.run(5.0)
    one.clock.step(-4.0)
    breaks(one)
    await one.run(5.0)
    numbers = [message.number for message in one.messages]
    assert numbers == sorted(set(numbers))
    assert numbers[-1] - numbers[0] == pytest.approx(9.8 * 9.375, abs=4)
    assert one.pages.of("failure") == [{"error": "ZeroDivisionError"}]
    assert one.space.counts.reopened == 1
    await one.space.close()


async def test_failures_over_an_evening_throw_nobody_off_but_those_of_a_minute_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(studio_show, "STEADY_NS", 2 * S)
    one = lobby(monkeypatch, 1_000.0)
    assert STEADY_NS >= 10 * S
    for _ in range(2 * REOPEN_MAX):
        await one.run(2.1)
        breaks(one)
    await one.run(2.1)
    assert one.space.counts.reopened == 2 * REOPEN_MAX
    for _ in range(REOPEN_MAX):
        breaks(one)
        await one.run(0.2)
    breaks(one)
    with pytest.raises(HouseError, match="failed 6 times"):
        await one.run(0.2)
    await one.space.close()


async def test_a_failure_under_way_opens_nothing_when_the_space_closes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = lobby(monkeypatch, 1_000.0)
    await one.run(1.0)
    one.space._show._failed(ZeroDivisionError())  # as from its thread: queued for the loop
    await one.space.close()
    await one.settle()
    assert not one.space._show.running
    assert one.space.counts.reopened == 0


# -- coming and going


async def test_a_hosts_broken_offer_opens_no_doors(one: OneSpace) -> None:
    with pytest.raises(PeerError, match="broken"):
        await one.space.join("host", "Hanna", Role.HOST, "broken", "")
    assert one.space.state is State.SCHEDULED
    assert one.pages.lines == []
    await one.enter("host", Role.HOST)
    assert one.space.state.value == "lobby"
    await one.space.close()


async def test_while_the_studio_ends_everybody_is_told_to_try_again(one: OneSpace) -> None:
    host = await one.enter("host", Role.HOST)
    host.closes_s = 0.2
    closing = asyncio.create_task(one.space.close())
    await asyncio.sleep(0)
    with pytest.raises(HouseError, match="Try again"):
        await one.space.join("anna", "Anna", Role.SPEAKER, "offer", "")
    await closing


async def test_what_is_over_is_refused_for_good(one: OneSpace) -> None:
    one.space.command("cancel", Cause.HOST)
    with pytest.raises(PeerError, match="is over") as refused:
        await one.space.join("host", "Hanna", Role.HOST, "offer", "")
    assert refused.value.status == 409
    await one.space.close()


async def test_an_end_that_is_cancelled_again_and_again_is_finished_all_the_same(
    one: OneSpace,
) -> None:
    living = asyncio.create_task(one.space.live())
    host = await one.enter("host", Role.HOST)
    host.closes_s = 0.5
    await until(lambda: one.pages.kinds)
    while not living.done():
        living.cancel()
        await asyncio.sleep(0.05)
    assert host.has_gone
    assert all(task.done() for task in one.space._tasks)
    assert one.space._record._closed
    assert not one.space._show.running
    assert one.space.room.people() == ()


async def test_connections_that_do_not_close_hold_nothing_up(
    one: OneSpace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio_space, "ROOM_CLOSE_S_MAX", 0.1)
    host = await one.enter("host", Role.HOST)
    host.closes_s = 60.0
    await asyncio.wait_for(one.space.close(), WAIT_S)
    assert one.space._record._closed
