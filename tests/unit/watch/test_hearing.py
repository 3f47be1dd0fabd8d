"""What a listener would call broken: silence, gaps and starts, judged without any sound card."""

import numpy as np
import pytest

from rostra.domain.space import State
from rostra.watch import hearing
from rostra.watch.hearing import (
    SILENCE_PEAK,
    SILENCE_S,
    SLOW_MS_MAX,
    STALL_MS_MAX,
    T0_ERROR_MS_MAX,
    T0_LATE_S,
    Stillness,
)
from rostra.wire.states import OnStage, SpaceState

RATE = 48_000
T0 = 1_800_000_000_000_000
ADA = OnStage("a", "Ada", "host", muted=False, here=True, speaking=True)


def space(state: State = State.LIVE, *stage: OnStage, source: str = "stage") -> SpaceState:
    return SpaceState("s", "S", state, T0, stage=stage, source=source)


@pytest.mark.parametrize(
    ("loud_at", "longest"),
    [((), 1_000), ((0,), 999), ((999,), 999), ((400,), 599), ((100, 900), 799), ((0, 999), 998)],
)
@pytest.mark.parametrize("piece", [1, 7, 250, 1_000])
def test_the_longest_silence_is_found_however_sound_is_cut(
    loud_at: tuple[int, ...], longest: int, piece: int
) -> None:
    pcm = np.zeros(1_000, np.float32)
    pcm[list(loud_at)] = SILENCE_PEAK
    still = Stillness()
    for at in range(0, 1_000, piece):
        still.take(pcm[at : at + piece])
    assert round(still.longest_s * RATE) == longest


@pytest.mark.parametrize(
    ("before", "after", "wrong"),
    [
        (space(State.LIVE, ADA), space(State.LIVE, ADA), True),
        (space(State.LIVE, ADA), space(State.LIVE), False),
        (space(State.LOBBY, ADA), space(State.LOBBY, ADA), False),
        (space(State.LIVE, ADA, source="hold"), space(State.LIVE, ADA), False),
    ],
)
def test_silence_is_a_fault_only_while_somebody_speaks(
    before: SpaceState, after: SpaceState, *, wrong: bool
) -> None:
    assert bool(hearing.silent(SILENCE_S, before, after)) is wrong
    assert hearing.silent(SILENCE_S - 0.1, before, after) == ""


@pytest.mark.parametrize("change", ["muted", "here", "speaking", "where"])
def test_who_is_muted_away_quiet_or_backstage_does_not_speak(change: str) -> None:
    fields = {"muted": False, "here": True, "speaking": True, "where": "stage"}
    other = {"muted": True, "here": False, "speaking": False, "where": "backstage"}
    fields |= {change: other[change]}
    one = OnStage("a", "Ada", "host", **fields)  # type: ignore[arg-type]
    assert not hearing.somebody_speaks(space(State.LIVE, one))
    assert hearing.somebody_speaks(space(State.LIVE, one, ADA))


def test_gaps_stalls_and_damage_have_their_sentences() -> None:
    assert hearing.torn(0, STALL_MS_MAX, 0) == ""
    assert hearing.torn(320, 0, 0) == "320 ms of sound were missing."
    assert hearing.torn(0, STALL_MS_MAX + 1, 0) == "The sound stood still for 1001 ms."
    assert hearing.torn(0, 0, 3) == "3 frames of sound could not be decoded."
    assert hearing.slow(SLOW_MS_MAX) == ""
    assert hearing.slow(6_100) == "The first sound took 6.1 s."


def test_a_start_is_measured_when_the_clock_made_it() -> None:
    def live(reason: str, late_us: int) -> SpaceState:
        return SpaceState("s", "S", State.LIVE, T0, reason=reason, since_utc_us=T0 + late_us)

    lobby = space(State.LOBBY)
    assert hearing.t0_error_ms(lobby, live("clock", 20_000)) == 20.0
    assert hearing.t0_error_ms(lobby, live("host", -5_000_000)) is None
    assert hearing.t0_error_ms(live("clock", 0), live("clock", 0)) is None
    assert hearing.off_its_second(T0_ERROR_MS_MAX) == ""
    assert hearing.off_its_second(-T0_ERROR_MS_MAX - 1) == "The start was 251 ms early."


def test_a_space_that_waits_past_its_own_t0_has_not_begun() -> None:
    late_us = round(T0_LATE_S * 1_000_000)
    assert hearing.not_begun(space(State.LOBBY), T0 + late_us) == ""
    assert hearing.not_begun(space(State.LOBBY), T0 + late_us + 1).startswith("T0 was 5 s ago")
    assert hearing.not_begun(space(State.LIVE), T0 + 10 * late_us) == ""
