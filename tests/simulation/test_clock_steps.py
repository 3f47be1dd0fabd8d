"""The machine's clock steps while people wait for T0: the stage is heard then, and not before."""

import msgspec
import numpy as np
import pytest
from tests.fakes.one_space import EPOCH_US, SECOND_US, OneSpace

from rostra.domain.grid import MESSAGE_SAMPLES, SAMPLE_RATE_HZ, samples_of_us
from rostra.domain.space import Cause, Role, State
from rostra.programme.drivers.decode import UnitDecoder
from rostra.wire.messages import ProgrammeMessage

FADE_S = 0.3
LOUD = 0.05


def heard_from_s(messages: list[ProgrammeMessage]) -> list[float]:
    """Seconds of the run at which the stage begins to be heard, each time."""
    decoder, loud_before, begins = UnitDecoder(), False, []
    for message in messages:
        pcm = np.concatenate([decoder.feed(unit) for unit in message.aac])
        loud = bool(np.abs(pcm).max() > LOUD)
        if loud and not loud_before:
            begins.append(message.number * MESSAGE_SAMPLES / SAMPLE_RATE_HZ)
        loud_before = loud
    return begins


def waiting(patch: pytest.MonkeyPatch, t0_s: float) -> OneSpace:
    return OneSpace(patch, t0_utc_us=EPOCH_US + int(t0_s * SECOND_US), doors_before_s=600)


def t0_pts(one: OneSpace, t0_s: float) -> int:
    return samples_of_us(EPOCH_US + int(t0_s * SECOND_US) - one.state().epoch_utc_us)


@pytest.mark.parametrize(
    ("step_s", "t0_s", "due_s"),
    [(-10.0, 9.0, 19.0), (4.0, 13.0, 9.0), (8.0, 13.0, 6.0), (0.0, 9.0, 9.0)],
    ids=["back", "ahead", "beyond T0", "none"],
)
async def test_the_stage_is_heard_at_t0_by_the_clock_as_it_is_then(
    monkeypatch: pytest.MonkeyPatch, step_s: float, t0_s: float, due_s: float
) -> None:
    """A step three looks before T0 at the least; one that leaps over T0 starts at once."""
    one = waiting(monkeypatch, t0_s)
    await one.enter("anna", Role.HOST)
    await one.run(4.0)
    assert [state["state"] for state in one.pages.of("state")] == ["lobby"]
    one.clock.step(step_s)
    beyond = step_s + 4.0 > t0_s
    live_s: list[float] = []
    for tenth in range(int((due_s + 4.0 - 4.0) * 10)):
        await one.run(0.1)
        if one.space.state is State.LIVE and not live_s:
            live_s.append(4.0 + tenth / 10)
    [begin_s] = heard_from_s(one.messages)
    assert abs(begin_s - due_s) < (4.0 if beyond else FADE_S)
    assert abs(live_s[0] - due_s) < (4.0 if beyond else 0.3)
    assert begin_s > live_s[0] - FADE_S
    steps = [body["delta_us"] for body in one.pages.of("clock_step")]
    assert [round(step / SECOND_US) for step in steps] == ([round(step_s)] if step_s else [])
    await one.space.close()


async def test_a_step_just_before_t0_exposes_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """State and sound go by the same clock, so that neither runs ahead of the other."""
    one = waiting(monkeypatch, 6.0)
    await one.enter("anna", Role.HOST)
    await one.run(5.0)
    one.clock.step(-10.0)
    await one.run(3.0)
    [begin_s] = heard_from_s(one.messages)
    assert one.space.state is State.LIVE
    assert abs(begin_s - 6.0) < FADE_S
    await one.space.close()


async def test_an_early_start_leaves_no_plan_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    one = waiting(monkeypatch, 6.0)
    await one.enter("anna", Role.HOST)
    await one.run(1.0)
    programme = one.space._show._programme
    assert programme is not None
    assert programme._live_pts == t0_pts(one, 6)
    one.space.command("start", Cause.HOST)
    await one.run(1.0)
    assert programme._live_pts is None
    assert len(heard_from_s(one.messages)) == 1
    await one.space.close()


async def test_a_moved_t0_is_planned_anew_and_an_operators_start_takes_the_plan_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = waiting(monkeypatch, 6.0)
    await one.enter("anna", Role.HOST)
    await one.run(1.0)
    programme = one.space._show._programme
    assert programme is not None
    one.space.define(msgspec.structs.replace(one.plan, t0_utc_us=EPOCH_US + 9 * SECOND_US))
    await one.run(0.1)
    assert programme._live_pts == t0_pts(one, 9)
    one.space.define(msgspec.structs.replace(one.plan, start_at_once=True))
    assert programme._live_pts is None
    await one.space.close()


@pytest.mark.parametrize("host", [True, False], ids=["host", "no host"])
async def test_a_clock_that_is_wrong_for_two_seconds_starts_nothing_and_moves_nothing(
    monkeypatch: pytest.MonkeyPatch, *, host: bool
) -> None:
    one = waiting(monkeypatch, 300.0)
    await one.run(0.1)
    await one.enter("anna", Role.HOST if host else Role.SPEAKER)
    await one.run(5.0)
    one.clock.step(3_600)
    await one.run(2.0)
    one.clock.step(-3_600)
    await one.run(5.0)
    told = one.state()
    assert (told.state, told.slips, told.t0_utc_us) == (State.LOBBY, 0, one.plan.t0_utc_us)
    assert heard_from_s(one.messages) == []
    await one.space.close()


async def test_slips_by_a_clock_that_was_ahead_are_taken_back_when_it_is_set_right(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = waiting(monkeypatch, 300.0)
    await one.run(0.1)
    await one.enter("anna")
    one.clock.step(290)
    await one.run(5.0)
    assert (one.state().slips, one.state().waits_for) == (1, "host")
    one.clock.step(-290)
    await one.run(5.0)
    told = one.state()
    assert (told.slips, told.waits_for, told.planned_t0_utc_us) == (0, "", 0)
    assert told.t0_utc_us == one.plan.t0_utc_us
    assert [line["slips"] for line in one.pages.of("slip")] == [1, 0]
    await one.space.close()
