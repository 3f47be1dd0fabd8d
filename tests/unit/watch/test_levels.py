"""The usual level, and the state that reports are judged to be in."""

import numpy as np
import pytest

from rostra.watch.baseline import (
    HISTORY_WEEKS_MAX,
    RECENT_S,
    RECENT_SHARE_MAX,
    TREND_A_WEEK_MAX,
    UNREST_MAX,
    Prior,
)
from rostra.watch.board import Level
from rostra.watch.kinds import SLOT_S, Kind, SlotCount
from rostra.watch.levels import ComponentBaseline, Vigil, band, fit, judge
from rostra.watch.regression import INCIDENT_SHARE_MAX, incidents
from rostra.watch.slots import KINDS, grid
from rostra.watch.vigil import CALM_US, step

WEEK_S = 604_800
NOW_S = 1_790_000_100
History = dict[Kind, list[SlotCount]]


def calm(
    quarter: float,
    weeks: float = 8,
    dispersion: float = 1.5,
    seed: int = 1,
    listeners: float = 0.0,
) -> History:
    """Reports of every kind, `quarter` in all in a quarter of an hour, until now."""
    rng = np.random.default_rng(seed)
    slots = round(weeks * WEEK_S / SLOT_S) + RECENT_S // SLOT_S
    first = NOW_S // SLOT_S * SLOT_S - slots * SLOT_S
    size = quarter / 3 / len(KINDS) / (dispersion - 1)
    found = {}
    for kind in KINDS:
        drawn = rng.poisson(rng.gamma(size, dispersion - 1, slots))
        found[kind] = [
            SlotCount(first + SLOT_S * n, int(one), listeners)
            for n, one in enumerate(drawn)
            if one or (listeners and kind is Kind.OTHER)
        ]
    return found


def said(reports: int, kind: Kind = Kind.NO_SOUND, ago_slots: int = 0) -> History:
    return {kind: [SlotCount(NOW_S // SLOT_S * SLOT_S - ago_slots * SLOT_S, reports)]}


def state(baseline: ComponentBaseline, recent: History) -> str:
    return judge(baseline, recent, Vigil(), NOW_S * 1_000_000)[0].state


@pytest.fixture(scope="module")
def usual() -> ComponentBaseline:
    return fit(calm(4.0), NOW_S)


def test_the_usual_level_is_the_mean_at_that_hour(usual: ComponentBaseline) -> None:
    hours = [band(usual, NOW_S - n * 3_600, 900, 0.0)[0] for n in range(168)]
    assert np.mean(hours) == pytest.approx(4.0, rel=0.05)
    assert np.std(hours) < 0.8
    assert usual.quarter[0] == pytest.approx(1.5, rel=0.1)
    assert not usual.learning


def test_one_day_of_a_chart_is_the_sum_of_its_quarters(usual: ComponentBaseline) -> None:
    day = NOW_S // 86_400 * 86_400
    quarters = [band(usual, day + 900 * n, 900, 0.0)[0] for n in range(96)]
    whole, upper = band(usual, day, 86_400, 0.0)
    assert whole == pytest.approx(sum(quarters))
    assert whole < upper < 2 * whole


def test_a_sharp_rise_is_an_alarm_within_its_unfinished_slot(usual: ComponentBaseline) -> None:
    assert state(usual, said(4)) == "quiet"
    assert state(usual, said(40)) == "alarm"


def test_four_reporters_are_no_alarm_however_calm_it_was() -> None:
    silent = fit({}, NOW_S, since_utc_s=NOW_S - 9 * WEEK_S)
    assert [state(silent, said(n)) for n in (2, 3, 4, 5)] == [
        "quiet",
        "unusual",
        "unusual",
        "alarm",
    ]


def test_a_component_without_history_learns_from_a_pooled_start() -> None:
    new = fit({}, NOW_S)
    assert new.learning
    assert state(new, said(8)) == "quiet"
    assert state(new, said(20)) == "alarm"
    busy = fit({}, NOW_S, Prior(reports=10.0))
    assert state(busy, said(20)) == "quiet"


def test_of_the_first_hours_only_the_last_quarter_is_left_out() -> None:
    first = NOW_S // 3_600 * 3_600 - 8 * 3_600
    early = [SlotCount(first + SLOT_S * n, 5) for n in range(72)]
    late = [SlotCount(first + SLOT_S * n, 500) for n in range(72, 96)]
    now = first + 8 * 3_600
    known = band(fit({Kind.ECHO: [*early, *late]}, now), now - 900, 900, 0.0)[0]
    assert RECENT_SHARE_MAX == 24 / 96
    assert 5 < known < 20


def test_what_happens_all_the_time_is_no_incident() -> None:
    reports = np.full((1_000, 1), 4.0)
    often = round(1_000 * INCIDENT_SHARE_MAX)
    reports[:often] = 60.0
    asked = (np.where(reports > 4, 20.0, 0.0), reports, np.full_like(reports, 4.0))
    assert incidents(*asked, np.array([2.0])).sum() == often
    reports[often] = 60.0
    asked[0][often] = 20.0
    assert incidents(*asked, np.array([2.0])).sum() == 0


def test_whole_hours_that_wander_are_unrest_up_to_a_limit(usual: ComponentBaseline) -> None:
    assert usual.unrest[0] < 0.1
    wild = np.random.default_rng(5)
    first = NOW_S // SLOT_S * SLOT_S - 8 * WEEK_S
    high = wild.random(8 * 168) < 0.3
    told = [SlotCount(first + SLOT_S * n, 60 if high[n // 12] else 2) for n in range(8 * 2_016)]
    assert fit({Kind.LATE: told}, NOW_S).unrest[0] == UNREST_MAX


def test_the_first_days_have_a_say() -> None:
    first = fit(calm(4.0, weeks=-0.1), NOW_S)
    assert first.learning
    assert 2.0 < band(first, NOW_S, 900, 0.0)[0] < 5.0


def test_a_slow_rise_is_found_that_no_window_shows(usual: ComponentBaseline) -> None:
    slow: History = {
        kind: [SlotCount(NOW_S // SLOT_S * SLOT_S - SLOT_S * n, 1) for n in range(96) if n % 2 == 0]
        for kind in KINDS
    }
    assert state(usual, {k: v[:6] for k, v in slow.items()}) == "quiet"
    assert state(usual, slow) == "alarm"


def test_a_past_incident_hardly_raises_the_usual_level() -> None:
    history = calm(4.0)
    before = fit(history, NOW_S)
    struck = NOW_S // SLOT_S * SLOT_S - 3 * WEEK_S
    history[Kind.NO_SOUND] += [SlotCount(struck + SLOT_S * n, 40) for n in range(12)]
    after = fit(history, NOW_S)
    hour = band(before, NOW_S, 900, 0.0), band(after, NOW_S, 900, 0.0)
    assert hour[1][0] < 1.15 * hour[0][0]
    assert hour[1][1] <= hour[0][1] + 2


def test_the_last_day_has_no_say(usual: ComponentBaseline) -> None:
    history = calm(4.0)
    history[Kind.OTHER] += [SlotCount(NOW_S - SLOT_S * n, 50) for n in range(RECENT_S // SLOT_S)]
    assert band(fit(history, NOW_S), NOW_S, 900, 0.0) == band(usual, NOW_S, 900, 0.0)


def test_only_the_last_weeks_count() -> None:
    long = calm(4.0, weeks=HISTORY_WEEKS_MAX + 2)
    old = NOW_S - RECENT_S - (HISTORY_WEEKS_MAX + 1) * WEEK_S
    struck = {**long, Kind.ECHO: [*long[Kind.ECHO], SlotCount(old // SLOT_S * SLOT_S, 900)]}
    assert band(fit(struck, NOW_S), NOW_S, 900, 0.0) == band(fit(long, NOW_S), NOW_S, 900, 0.0)


def _growing(a_week: float) -> History:
    history = calm(20.0)
    kept: History = {kind: [] for kind in KINDS}
    rng = np.random.default_rng(7)
    for kind, slots in history.items():
        for one in slots:
            share = np.exp(a_week * (one.slot_utc_s - NOW_S) / WEEK_S)
            reports = int(rng.binomial(one.reports, min(1.0, share)))
            kept[kind].append(SlotCount(one.slot_utc_s, reports))
    return kept


def test_a_trend_counts_when_it_is_significant(usual: ComponentBaseline) -> None:
    assert usual.trend[0] == 0.0
    grown = fit(_growing(0.08), NOW_S)
    assert grown.trend[0] == pytest.approx(0.08, abs=0.015)
    hours = [band(grown, NOW_S - n * 3_600, 900, 0.0)[0] for n in range(168)]
    assert np.mean(hours) == pytest.approx(20.0, rel=0.08)
    assert fit(_growing(0.6), NOW_S).trend.max() <= TREND_A_WEEK_MAX


def test_a_hundred_times_the_audience_is_no_fault() -> None:
    heard = fit(calm(1.0, listeners=100.0), NOW_S)
    small, large = (band(heard, NOW_S, 900, listeners)[0] for listeners in (100.0, 10_000.0))
    assert small == pytest.approx(1.0, rel=0.5)
    assert 80 < large / small < 100
    slot = NOW_S // SLOT_S * SLOT_S
    assert state(heard, {kind: [SlotCount(slot, 6, 10_000.0)] for kind in KINDS}) == "quiet"
    assert state(heard, {kind: [SlotCount(slot, 6, 100.0)] for kind in KINDS}) == "alarm"


def test_an_alarm_stays_until_a_quarter_of_an_hour_was_calm(usual: ComponentBaseline) -> None:
    vigil, seen = Vigil(), []
    for minute in range(90):
        now_s = NOW_S + 60 * minute
        recent = said(60)
        level, vigil = judge(usual, recent, vigil, now_s * 1_000_000)
        seen.append(level.state)
    ended = seen.index("quiet")
    assert set(seen[:ended]) == {"alarm"}
    assert set(seen[ended:]) == {"quiet"}
    assert 40 <= ended <= 50
    assert vigil.cleared_utc_us == vigil.since_utc_us == (NOW_S + 60 * ended) * 1_000_000


def test_what_is_said_beside_the_state(usual: ComponentBaseline) -> None:
    recent = {Kind.ECHO: [SlotCount(NOW_S // SLOT_S * SLOT_S, 3)], **said(9, ago_slots=2)}
    level, _ = judge(usual, recent, Vigil(), NOW_S * 1_000_000, unproven=7)
    assert level == Level(
        reports=12,
        unproven=7,
        usual=level.usual,
        upper=band(usual, NOW_S // SLOT_S * SLOT_S - 600, 900, 0.0)[1],
        state="quiet",
        kinds=((Kind.NO_SOUND, 9), (Kind.ECHO, 3)),
    )
    assert level.times == pytest.approx(12 / level.usual)


def test_slots_come_in_any_order_twice_and_from_outside() -> None:
    told = [SlotCount(600, 2), SlotCount(0, 1, 5.0), SlotCount(600, 3), SlotCount(9_000, 9)]
    counts, exposure = grid({Kind.ECHO: told}, 0, 4)
    assert counts[:, 0].tolist() == [1, 0, 5, 0]
    assert counts[:, 1 + KINDS.index(Kind.ECHO)].tolist() == [1, 0, 5, 0]
    assert exposure.tolist() == [5, 0, 0, 0]


def test_a_clock_that_is_set_back_holds_no_alarm_for_longer() -> None:
    now, hour = NOW_S * 1_000_000, 3_600 * 1_000_000
    ahead = Vigil("alarm", now + hour, now + hour, now + hour)
    held = step(ahead, "quiet", restless=False, now_utc_us=now)
    assert held == Vigil("alarm", now, now, now)
    calm = step(held, "quiet", restless=False, now_utc_us=now + CALM_US)
    assert calm == Vigil("quiet", now + CALM_US, now, now + CALM_US)
