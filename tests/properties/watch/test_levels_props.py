"""Whatever is reported: more reports are never calmer, and neither order nor gaps matter."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rostra.watch.budget import ALARMS_A_YEAR, SLOTS_A_YEAR, alphas
from rostra.watch.kinds import SLOT_S, Kind, SlotCount
from rostra.watch.levels import RECENT_NEEDED_S, Vigil, band, fit, judge
from rostra.watch.slots import KINDS
from rostra.watch.tails import at_least, at_most, largest_above
from rostra.watch.vigil import RANK

NOW_S = 1_790_000_100
WEEK_S = 604_800
BACK = RECENT_NEEDED_S // SLOT_S
HISTORY = {
    Kind.NO_SOUND: [
        SlotCount(NOW_S // SLOT_S * SLOT_S - SLOT_S * n, int(one))
        for n, one in enumerate(np.random.default_rng(3).poisson(0.8, 4 * WEEK_S // SLOT_S))
        if one
    ]
}
BASELINE = fit(HISTORY, NOW_S)
SLOTS = st.dictionaries(
    st.sampled_from(KINDS),
    st.lists(
        st.builds(
            SlotCount,
            st.integers(0, BACK).map(lambda n: NOW_S // SLOT_S * SLOT_S - SLOT_S * n),
            st.integers(0, 40),
            st.sampled_from([0.0, 50.0, 5_000.0]),
        ),
        max_size=12,
    ),
    max_size=3,
)


def _rank(recent: dict[Kind, list[SlotCount]]) -> int:
    level, _ = judge(BASELINE, recent, Vigil(), NOW_S * 1_000_000)
    return RANK[level.state]


@settings(max_examples=40, deadline=None)
@given(SLOTS, st.sampled_from(KINDS), st.integers(0, BACK - 1), st.integers(1, 30))
def test_more_reports_are_never_calmer(
    recent: dict[Kind, list[SlotCount]], kind: Kind, ago: int, more: int
) -> None:
    slot = NOW_S // SLOT_S * SLOT_S - SLOT_S * ago
    added = {**recent, kind: [*recent.get(kind, []), SlotCount(slot, more)]}
    assert _rank(added) >= _rank(recent)


@settings(max_examples=30, deadline=None)
@given(SLOTS, st.randoms(use_true_random=False))
def test_order_and_empty_slots_do_not_matter(
    recent: dict[Kind, list[SlotCount]], chance: object
) -> None:
    mixed = {kind: [*slots] for kind, slots in reversed(recent.items())}
    for slots in mixed.values():
        chance.shuffle(slots)  # type: ignore[attr-defined]
        slots += [SlotCount(NOW_S // SLOT_S * SLOT_S - SLOT_S * n, 0) for n in range(5)]
    now = NOW_S * 1_000_000
    assert (
        judge(BASELINE, mixed, Vigil(), now)[0].state
        == judge(BASELINE, recent, Vigil(), now)[0].state
    )


@settings(max_examples=8, deadline=None)
@given(st.floats(0.01, 100.0))
def test_an_audience_counted_in_other_units_changes_nothing(unit: float) -> None:
    def heard(scale: float) -> tuple[float, float]:
        history = {
            Kind.NO_SOUND: [
                SlotCount(one.slot_utc_s, one.reports, scale * (80.0 + n % 7))
                for n, one in enumerate(HISTORY[Kind.NO_SOUND])
            ]
        }
        return band(fit(history, NOW_S), NOW_S, 900, scale * 82.0)

    assert np.allclose(heard(unit), heard(1.0), rtol=1e-6, atol=1e-6)


@settings(max_examples=200, deadline=None)
@given(st.floats(0.01, 500.0), st.floats(1.0, 20.0), st.integers(0, 900))
def test_tails_are_tails(mean: float, dispersion: float, count: int) -> None:
    variance = mean * dispersion
    upper, lower = at_least(count, mean, variance), at_most(count, mean, variance)
    assert 0 <= upper <= 1
    assert upper >= at_least(count + 1, mean, variance)
    assert np.isclose(lower + at_least(count + 1, mean, variance), 1.0, atol=1e-9)
    assert at_least(count, mean * 1.1, variance * 1.1) >= upper * (1 - 1e-9)


@settings(max_examples=100, deadline=None)
@given(st.floats(0.001, 500.0), st.floats(1.0, 10.0), st.floats(1e-9, 0.1))
def test_the_largest_count_above_is_the_largest(
    mean: float, dispersion: float, alpha: float
) -> None:
    most = largest_above(alpha, mean, mean * dispersion)
    assert at_least(most, mean, mean * dispersion) > alpha
    assert at_least(most + 1, mean, mean * dispersion) <= alpha


def test_the_budget_of_a_year_is_spent_once() -> None:
    assert np.isclose(alphas(ALARMS_A_YEAR).sum() * SLOTS_A_YEAR, ALARMS_A_YEAR)
    assert ALARMS_A_YEAR < 1
