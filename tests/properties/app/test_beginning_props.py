"""Whenever the house looks and whoever is there, no T0 passes unkept, and none is told and lost."""

from hypothesis import given
from hypothesis import strategies as some

from rostra.app.beginning import LATER_MIN_MAX, LOOK_BEFORE_US, MINUTE_US, Beginning, found

T0 = 1_000_000 * MINUTE_US
LOOKS = some.lists(
    some.tuples(some.integers(1, 20 * MINUTE_US), some.booleans(), some.integers(0, LATER_MIN_MAX)),
    max_size=30,
)


@given(some.integers(T0 - 40 * MINUTE_US, T0 + 40 * MINUTE_US), LOOKS)
def test_a_t0_is_to_come_or_kept_and_outlasts_its_studio(
    now_us: int, looks: list[tuple[int, bool, int]]
) -> None:
    begins = Beginning(T0)
    for pause_us, host_here, later_min in looks:
        now_us += pause_us
        before = begins
        begins = before.looked(now_us, host_here=host_here)
        assert begins.kept or now_us < begins.t0_us - LOOK_BEFORE_US
        assert begins.t0_us >= before.t0_us, "by a clock that goes forward it comes no earlier"
        assert not (before.kept and begins != before)
        if later_min and not begins.kept:
            begins = begins.later(later_min, begins.t0_us)
        told = (begins.t0_us, begins.first_us, begins.slips, begins.waits_for)
        again = found(T0, *told)
        assert (again.t0_us, again.slips, again.later_us) == told_of(begins)


def told_of(begins: Beginning) -> tuple[int, int, int]:
    return begins.t0_us, begins.slips, begins.later_us
