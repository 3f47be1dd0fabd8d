"""T0 stands once it is kept, moves by announced steps while no host is there, and is told on."""

import pytest

from rostra.app.beginning import (
    AHEAD_US_MAX,
    LATER_MIN_MAX,
    LOOK_BEFORE_US,
    MINUTE_US,
    SLIP_MIN,
    SLIPS_MIN,
    Beginning,
    found,
)
from rostra.domain.errors import PeerError

T0 = 1_000_000 * MINUTE_US
LOOK = T0 - LOOK_BEFORE_US


def absent(begins: Beginning, now_us: int) -> Beginning:
    return begins.looked(now_us, host_here=False)


def test_nothing_is_settled_before_the_look() -> None:
    begins = Beginning(T0)
    assert absent(begins, LOOK - 1) == begins == begins.looked(LOOK - 1, host_here=True)


def test_a_host_at_the_look_keeps_t0_whatever_happens_then() -> None:
    kept = Beginning(T0).looked(LOOK, host_here=True)
    assert (kept.kept, kept.t0_us, kept.first_us) == (True, T0, 0)
    assert absent(kept, LOOK + 1) == absent(kept, T0 + MINUTE_US) == kept


def test_without_a_host_t0_slips_by_announced_steps() -> None:
    begins, minutes = Beginning(T0), []
    for _ in range(7):
        before = begins.t0_us
        begins = absent(begins, before - LOOK_BEFORE_US)
        minutes.append((begins.t0_us - before) // MINUTE_US)
    assert tuple(minutes) == (*SLIPS_MIN, SLIP_MIN, SLIP_MIN, SLIP_MIN)
    assert (begins.slips, begins.waits_for, begins.first_us) == (7, "host", T0)


def test_a_host_who_comes_late_is_waited_for_no_more_and_starts_at_the_told_time() -> None:
    slipped = absent(Beginning(T0), LOOK)
    here = slipped.looked(T0, host_here=True)
    assert (here.waits_for, here.t0_us, here.kept) == ("", T0 + 2 * MINUTE_US, False)
    kept = here.looked(here.t0_us - LOOK_BEFORE_US, host_here=True)
    assert (kept.kept, kept.t0_us) == (True, T0 + 2 * MINUTE_US)


@pytest.mark.parametrize("late_min", [0, 1, 4, 9, 16, 100, 60 * 24 * 365])
def test_a_look_that_comes_late_still_tells_a_time_to_come(late_min: int) -> None:
    now = LOOK + late_min * MINUTE_US
    begins = absent(Beginning(T0), now)
    assert now < begins.t0_us - LOOK_BEFORE_US <= now + SLIP_MIN * MINUTE_US
    by_steps = Beginning(T0)
    while by_steps.t0_us < begins.t0_us:
        by_steps = absent(by_steps, by_steps.t0_us - LOOK_BEFORE_US)
    assert by_steps == begins


def test_a_clock_that_was_ahead_takes_its_slips_back_when_it_is_set_right() -> None:
    wrong = absent(Beginning(T0), T0 + 30 * MINUTE_US)
    assert absent(wrong, LOOK - 1) == Beginning(T0)
    assert absent(wrong, LOOK).slips == wrong.slips, "by then there is a reason"


def test_a_clock_that_is_set_back_unsettles_a_kept_t0() -> None:
    kept = Beginning(T0).looked(LOOK, host_here=True)
    assert absent(kept, LOOK - 1) == Beginning(T0)


def test_a_host_moves_t0_within_bounds() -> None:
    begins = Beginning(T0).later(LATER_MIN_MAX, LOOK)
    assert (begins.t0_us, begins.slips) == (T0 + LATER_MIN_MAX * MINUTE_US, 0)
    for minutes in (0, -5, LATER_MIN_MAX + 1):
        with pytest.raises(PeerError, match="1 to 60 minutes") as refused:
            begins.later(minutes, LOOK)
        assert refused.value.status == 422
    for _ in range(22):
        begins = begins.later(LATER_MIN_MAX, LOOK)
    assert begins.t0_us - LOOK <= AHEAD_US_MAX
    with pytest.raises(PeerError, match="beyond a day"):
        begins.later(LATER_MIN_MAX, LOOK)


def test_a_kept_t0_can_still_be_moved_and_is_looked_at_again() -> None:
    kept = Beginning(T0).looked(LOOK, host_here=True)
    moved = kept.later(5, LOOK)
    assert (moved.kept, absent(moved, T0)) == (False, moved)


def test_another_studio_goes_on_with_the_t0_that_was_told() -> None:
    begins = absent(absent(Beginning(T0), LOOK).later(7, LOOK), LOOK)
    told = (begins.t0_us, begins.first_us, begins.slips, begins.waits_for)
    assert found(T0, *told) == begins
    assert found(T0, T0, 0, 0, "") == Beginning(T0)


def test_a_new_plan_of_the_desk_counts_from_its_own_t0() -> None:
    begins = absent(Beginning(T0), LOOK)
    told = (begins.t0_us, begins.first_us, begins.slips, begins.waits_for)
    assert found(T0 + MINUTE_US, *told) == Beginning(T0 + MINUTE_US)
    assert found(T0, T0, 0, -1, "host") == Beginning(T0), "no state of ours"
