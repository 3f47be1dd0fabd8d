import pytest

from rostra.domain.grid import SAMPLE_RATE_HZ, samples_of_us
from rostra.domain.ports import Moment
from rostra.programme.timeline import (
    AWAY_US,
    SLEW_PPB_MAX,
    STEP_LOOKS,
    STEP_US,
    ClockStep,
    Left,
    Timeline,
)

S = 1_000_000_000
EPOCH = 1_723_500_000_000_000


def at(seconds: float, off_us: int = 0) -> Moment:
    return Moment(int(seconds * S), EPOCH + int(seconds * 1_000_000) + off_us)


def test_a_run_begins_at_pts_zero_and_counts_48000_a_second() -> None:
    line = Timeline(at(0))
    assert line.epoch_utc_us == EPOCH
    assert line.pts_at(0) == 0
    assert line.pts_at(S) == SAMPLE_RATE_HZ
    assert line.due_mono_ns(SAMPLE_RATE_HZ) == S


def test_a_studio_that_takes_a_run_over_keeps_its_grid() -> None:
    line = Timeline(Moment(5 * S, EPOCH + 90_000_000), Left(EPOCH))
    assert line.pts_at(5 * S) == 90 * SAMPLE_RATE_HZ


def test_a_step_is_reported_by_the_third_look_and_moves_no_sample() -> None:
    line = Timeline(at(0))
    line.observe(at(1))
    before = line.pts_at(10 * S)
    reports = [line.observe(at(2 + look, off_us=3_000_000)) for look in range(STEP_LOOKS)]
    assert reports[:-1] == [None] * (STEP_LOOKS - 1)
    last = reports[-1]
    assert isinstance(last, ClockStep)
    assert last.delta_us == last.total_us == line.stepped_us == 3_000_000
    assert line.pts_at(10 * S) == before
    assert line.observe(at(9, off_us=3_000_000)) is None


def test_one_bad_look_is_no_step() -> None:
    line = Timeline(at(0))
    for second in range(1, 30):
        bad = 45_000 if second % 3 == 0 else 0
        assert line.observe(at(second, off_us=bad)) is None
    assert line.stepped_us == 0
    assert line.pts_at(30 * S) == 30 * SAMPLE_RATE_HZ


def test_outliers_to_different_sides_are_no_step() -> None:
    line = Timeline(at(0))
    for second in range(1, 12):
        assert line.observe(at(second, off_us=(-1) ** second * 90_000)) is None


def test_the_slew_has_its_limit() -> None:
    line = Timeline(at(0))
    line.observe(at(1, off_us=STEP_US))
    assert line.slew_ppb == SLEW_PPB_MAX
    line.observe(at(2, off_us=1_000 - STEP_US))
    assert line.slew_ppb == -SLEW_PPB_MAX


def test_t0_follows_the_corrected_clock() -> None:
    line = Timeline(at(0))
    for look in range(STEP_LOOKS):
        line.observe(at(1 + look, off_us=2_000_000))
    t0_utc_us = EPOCH + 60_000_000
    assert line.pts_of_utc(t0_utc_us) == 58 * SAMPLE_RATE_HZ


def test_a_studio_that_takes_a_run_over_keeps_what_the_clock_stepped() -> None:
    epoch, hour_us = 1_000_000_000, 3_600_000_000
    now = Moment(5, epoch + hour_us + 10_000_000)
    line = Timeline(now, Left(epoch, hour_us))
    assert line.pts_at(5) == 480_000
    assert line.error_us(now) == 0
    assert line.pts_of_utc(now.utc_us) == 480_000


def test_a_clock_set_back_between_two_studios_moves_no_run_back() -> None:
    """UTC says second 80, but message samples up to second 91 have been heard."""
    heard = 91 * SAMPLE_RATE_HZ
    now = Moment(5 * S, EPOCH + 80_000_000)
    line = Timeline(now, Left(EPOCH, not_before=heard))
    assert line.pts_at(5 * S) == heard + samples_of_us(AWAY_US)
    assert line.taken_over is not None
    assert line.taken_over.delta_us == line.stepped_us == -11_000_000 - AWAY_US
    assert line.error_us(now) == 0


def test_clocks_of_two_machines_that_differ_a_little_cost_no_gap() -> None:
    heard = 80 * SAMPLE_RATE_HZ + 960
    line = Timeline(Moment(5 * S, EPOCH + 80_000_000), Left(EPOCH, not_before=heard))
    assert line.pts_at(5 * S) == heard
    assert line.taken_over is None


@pytest.mark.parametrize("step_us", [-10_000_000, 3_600_000_000])
def test_on_the_same_machine_the_monotonic_clock_tells_a_step_in_between(step_us: int) -> None:
    before = Timeline(at(2))
    left = Left(before.epoch_utc_us, before.stepped_us, before.zero_mono_us)
    line = Timeline(at(9, off_us=step_us), left)
    assert line.pts_at(9 * S) == before.pts_at(9 * S)
    assert line.taken_over is not None
    assert line.taken_over.total_us == line.stepped_us == step_us


def test_a_take_over_without_a_step_is_none() -> None:
    line = Timeline(at(9, off_us=STEP_US), Left(EPOCH, zero_mono_us=0, not_before=SAMPLE_RATE_HZ))
    assert line.taken_over is None
    assert line.stepped_us == 0
    assert line.pts_at(9 * S) == 9 * SAMPLE_RATE_HZ


def test_what_is_due_by_the_programmes_time_is_due_on_its_grid() -> None:
    line = Timeline(at(0))
    for look in range(STEP_LOOKS):
        assert line.utc_us_at(int((1 + look) * S)) == at(1 + look).utc_us
        line.observe(at(1 + look, off_us=-10_000_000))
    assert line.utc_us_at(4 * S) == at(4, off_us=-10_000_000).utc_us
    assert line.pts_of_utc(line.utc_us_at(4 * S)) == line.pts_at(4 * S)
