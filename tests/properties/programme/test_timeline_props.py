from hypothesis import given
from hypothesis import strategies as st

from rostra.domain.ports import Moment
from rostra.programme.timeline import SLEW_PPB_MAX, STEP_LOOKS, STEP_US, Timeline

EPOCH = 1_723_500_000_000_000

looks = st.lists(
    st.tuples(st.integers(1, 5_000_000_000), st.integers(-4_000_000, 4_000_000)), max_size=40
)


@given(looks)
def test_pts_never_step_whatever_utc_does(turns: list[tuple[int, int]]) -> None:
    line = Timeline(Moment(0, EPOCH))
    mono_ns = 0
    for ahead_ns, off_us in turns:
        before = line.pts_at(mono_ns)
        mono_ns += ahead_ns
        passed = line.pts_at(mono_ns) - before
        pure = ahead_ns * 48_000 / 1_000_000_000
        assert abs(passed - pure) <= pure * SLEW_PPB_MAX / 1_000_000_000 + 2
        standing = line.pts_at(mono_ns)
        line.observe(Moment(mono_ns, EPOCH + mono_ns // 1_000 + off_us))
        assert abs(line.pts_at(mono_ns) - standing) <= 1


@given(looks, st.integers(-(10**9), 10**10))
def test_a_sample_is_due_at_the_first_instant_that_reaches_it(
    turns: list[tuple[int, int]], pts: int
) -> None:
    line = Timeline(Moment(0, EPOCH))
    mono_ns = 0
    for ahead_ns, off_us in turns:
        mono_ns += ahead_ns
        line.observe(Moment(mono_ns, EPOCH + mono_ns // 1_000 + off_us // 100))
    due_ns = line.due_mono_ns(pts)
    assert line.pts_at(due_ns) >= pts > line.pts_at(due_ns - 1)


@given(st.integers(-(10**9), 10**9).filter(lambda step: abs(step) > 2 * STEP_US))
def test_a_step_is_reported_whole_and_absorbed(step_us: int) -> None:
    line = Timeline(Moment(0, EPOCH))
    reports = []
    for second in range(1, STEP_LOOKS + 5):
        now = Moment(second * 10**9, EPOCH + second * 10**6 + step_us)
        if (report := line.observe(now)) is not None:
            reports.append(report.delta_us)
        last = now
    assert reports == [step_us]
    assert line.error_us(last) == 0
