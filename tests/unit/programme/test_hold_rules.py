import numpy as np
import pytest

from rostra.domain.space import State
from rostra.programme.hold import (
    HOLD_AFTER_EMPTY_S,
    HOLD_AFTER_QUIET_S,
    TALK_AGAIN,
    TALK_STILL,
    HoldRules,
    Source,
    loudness,
)

MIDDLE = (TALK_AGAIN + TALK_STILL) / 2


Now = tuple[State, bool, float]
EMPTY: Now = (State.LIVE, False, 0.0)
QUIET: Now = (State.LIVE, True, 0.0)


def after(rules: HoldRules, start: int, seconds: float, now: Now) -> int:
    """Run so many seconds; return the next block."""
    state, here, rms = now
    end = start + int(seconds * 50)
    for block in range(start, end):
        rules.decide(block, state, anybody_here=here, rms=rms)
    return end


def heard(rules: HoldRules) -> Source:
    return rules.source


@pytest.mark.parametrize("state", [State.LOBBY, State.INTERRUPTED])
def test_before_and_between_hold_audio_is_heard_whoever_talks(state: State) -> None:
    rules = HoldRules()
    assert rules.decide(0, state, anybody_here=True, rms=0.2) is Source.HOLD


def test_going_live_is_heard_at_once_even_in_silence() -> None:
    rules = HoldRules()
    rules.decide(0, State.LOBBY, anybody_here=False, rms=0.0)
    assert rules.decide(1, State.LIVE, anybody_here=False, rms=0.0) is Source.STAGE
    assert not rules.hurry


def test_an_empty_stage_is_silent_then_hold_audio_and_a_voice_brings_it_back() -> None:
    rules = HoldRules()
    block = after(rules, 0, HOLD_AFTER_EMPTY_S, EMPTY)
    assert heard(rules) is Source.STAGE
    block = after(rules, block, 0.1, EMPTY)
    assert heard(rules) is Source.HOLD
    block = after(rules, block, 5, (State.LIVE, True, MIDDLE))
    assert heard(rules) is Source.HOLD
    rules.decide(block, State.LIVE, anybody_here=True, rms=TALK_AGAIN)
    assert heard(rules) is Source.STAGE
    assert rules.hurry


def test_people_who_say_nothing_have_longer() -> None:
    rules = HoldRules()
    block = after(rules, 0, HOLD_AFTER_QUIET_S, QUIET)
    assert heard(rules) is Source.STAGE
    after(rules, block, 0.1, QUIET)
    assert heard(rules) is Source.HOLD


def test_a_quiet_voice_keeps_the_stage() -> None:
    rules = HoldRules()
    after(rules, 0, 2 * HOLD_AFTER_QUIET_S, (State.LIVE, True, MIDDLE))
    assert heard(rules) is Source.STAGE


def test_a_relaunch_counts_its_silence_from_its_own_start() -> None:
    rules = HoldRules()
    block = after(rules, 0, 60, EMPTY)
    block = after(rules, block, 60, (State.INTERRUPTED, False, 0.0))
    block = after(rules, block, HOLD_AFTER_EMPTY_S, EMPTY)
    assert heard(rules) is Source.STAGE


def test_after_a_break_the_stage_is_back_fast_and_at_t0_in_its_own_time() -> None:
    rules = HoldRules()
    rules.decide(0, State.LOBBY, anybody_here=True, rms=0.2)
    rules.decide(1, State.LIVE, anybody_here=True, rms=0.2)
    assert not rules.hurry
    block = after(rules, 2, 5, (State.INTERRUPTED, True, 0.2))
    assert heard(rules) is Source.HOLD
    rules.decide(block, State.LIVE, anybody_here=True, rms=0.2)
    assert (heard(rules), rules.hurry) == (Source.STAGE, True)


def test_a_lost_packet_or_line_brings_no_second_of_music() -> None:
    rules = HoldRules()
    block = after(rules, 0, 5, (State.LIVE, True, 0.1))
    for gap_s in (0.02, 0.5, 5.0, HOLD_AFTER_EMPTY_S - 0.1):
        for _ in range(int(gap_s * 50)):
            assert rules.decide(block, *EMPTY[:1], anybody_here=False, rms=0.0) is Source.STAGE
            block += 1
        block = after(rules, block, 1, (State.LIVE, True, 0.1))


def test_loudness_of_nothing_and_of_sums_gone_wrong() -> None:
    assert loudness(np.zeros(0, np.float32)) == 0.0
    assert loudness(np.full(960, 0.5, np.float32)) == pytest.approx(0.5)
    assert loudness(np.full(960, np.inf, np.float32)) == float("inf")
