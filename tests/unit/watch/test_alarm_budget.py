"""A calm component alarms by chance less than once a year."""

import numpy as np

from rostra.watch.baseline import ComponentBaseline
from rostra.watch.budget import ALARMS_A_YEAR, SLOTS_A_YEAR
from rostra.watch.cusum import climbed
from rostra.watch.evidence import Slots, weigh
from rostra.watch.levels import states
from rostra.watch.regression import HOURS, Rates
from rostra.watch.slots import SERIES
from rostra.watch.vigil import CALM_US, Vigil, step

COMPONENTS = ((0.2, 1.5), (1.0, 3.0), (4.0, 2.0), (20.0, 5.0))
"""Reports of a quarter of an hour, and dispersion."""


def _known(dispersion: float) -> ComponentBaseline:
    table = Rates(np.ones((HOURS, SERIES)), np.zeros((HOURS, SERIES)))
    same = np.full(SERIES, dispersion)
    none = np.zeros(SERIES)
    return ComponentBaseline(
        table, table, 1.0, same, same, none, none, learning=False, fitted_utc_s=0
    )


def test_a_year_of_calm_hardly_alarms() -> None:
    rng = np.random.default_rng(11)
    alarms = 0
    for quarter, dispersion in COMPONENTS:
        slots = SLOTS_A_YEAR // len(COMPONENTS)
        kinds = np.full(SERIES - 1, 1 / (SERIES - 1))
        size = quarter / 3 / (dispersion - 1)
        whole = rng.poisson(rng.gamma(size, dispersion - 1, slots))
        reports = np.empty((slots, SERIES))
        reports[:, 0] = whole
        reports[:, 1:] = rng.multinomial(whole, kinds)
        mean = np.full((slots, SERIES), quarter / 3 / (SERIES - 1))
        mean[:, 0] = quarter / 3
        evidence = weigh(_known(dispersion), Slots(reports, mean, np.zeros_like(mean)))
        at = np.flatnonzero(np.array(states(evidence)) == "alarm")
        alarms += int(len(at) > 0) + int((np.diff(at) > 12).sum())
    assert alarms <= 2, f"{alarms} in a year; {ALARMS_A_YEAR} by calculation"


def test_the_cusum_begins_at_nothing_and_climbs_with_each_report() -> None:
    shape = (200, 1)
    mean, error, dispersion = np.full(shape, 2.0), np.zeros(shape), np.array([1.5])
    usual = climbed(np.full(shape, 2.0), mean, error, dispersion)
    risen = climbed(np.full(shape, 3.0), mean, error, dispersion)
    assert usual.max() == 0.0
    assert risen[-1, 0] > 13
    assert (np.diff(risen[:, 0]) > 0).all()
    assert climbed(np.full(shape, 3.0), mean, mean * 0.5, dispersion).max() < risen.max()


def test_a_state_is_left_after_a_calm_while_only() -> None:
    vigil = step(Vigil(), "unusual", restless=True, now_utc_us=1)
    assert (vigil.state, vigil.since_utc_us) == ("unusual", 1)
    vigil = step(vigil, "alarm", restless=True, now_utc_us=2)
    assert (vigil.state, vigil.since_utc_us) == ("alarm", 2)
    kept = step(vigil, "unusual", restless=True, now_utc_us=3)
    assert (kept.state, kept.since_utc_us) == ("alarm", 2)
    assert step(kept, "quiet", restless=False, now_utc_us=2 + CALM_US).state == "alarm"
    over = step(kept, "quiet", restless=False, now_utc_us=3 + CALM_US)
    assert over == Vigil("quiet", 3 + CALM_US, 3, 3 + CALM_US)
