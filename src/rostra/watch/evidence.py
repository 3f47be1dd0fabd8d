"""How far reports are above the usual level: the p-value of each test, slot by slot."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rostra.watch.baseline import BIN_SLOTS, ComponentBaseline
from rostra.watch.budget import Test, alphas
from rostra.watch.cusum import climbed
from rostra.watch.slots import SERIES
from rostra.watch.tails import Array, at_least

Flags = NDArray[np.bool_]

HOUR_SLOTS: Final = 12
ALARM_REPORTS: Final = 5
"""Fewer distinct reporters are no alarm, whatever the usual level is (Farrington's lower bound)."""
UNUSUAL_REPORTS: Final = 3
"""Fewer are not unusual."""
CALM_P: Final = 0.05
"""A quarter of an hour above it is calm."""
CALM_KIND_P: Final = 0.01
"""The same for a single kind, of which there are more to be wrong about."""


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What the tests say in each slot."""

    p: Array
    """[slots, SERIES, tests]."""
    in_test: Array
    """Reports in each test's window, the same shape."""
    half: Array
    """P(as many reports, or more) of the last half hour, [slots, SERIES]."""

    def reaches(self, a_year: float, reports_min: int) -> Flags:
        """[slots]: whether a test is below its alpha, for so many false ones a year."""
        found: Flags = (self.p <= alphas(a_year)) & (self.in_test >= reports_min)
        return np.asarray(found.any(axis=(1, 2)))

    def restless(self) -> Flags:
        """[slots]: whether the last quarter or half hour is still above the usual level."""
        bound = np.full(self.p.shape[1], CALM_KIND_P)
        bound[0] = CALM_P
        above = (self.p[:, :, Test.QUARTER] <= bound) | (self.half <= bound)
        enough = self.in_test[:, :, Test.TWICE] >= UNUSUAL_REPORTS
        return np.asarray((above & enough).any(axis=1))


def window(values: Array, slots: int) -> Array:
    """The sum of each slot and those before it, so many in all."""
    total = np.cumsum(values, axis=0)
    found = total.copy()
    found[slots:] -= total[:-slots]
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Slots:
    """Reports beside what was expected, all [slots, SERIES]."""

    reports: Array
    mean: Array
    error: Array
    """Standard error of the mean."""

    def last(self, slots: int) -> "Slots":
        """The same by windows: each slot and those before it, so many in all.

        The first slots lack what was before them, which makes their windows shorter.
        """
        return Slots(
            np.round(window(self.reports, slots)),
            window(self.mean, slots),
            window(self.error, slots),
        )

    def p(self, dispersion: Array, rows: int) -> Array:
        """P(as many reports, or more) of the last rows."""
        mean, error = self.mean[-rows:], self.error[-rows:]
        return at_least(self.reports[-rows:], mean, dispersion * mean + error**2)


def weigh(baseline: ComponentBaseline, slots: Slots, restart: int = 0, rows: int = 0) -> Evidence:
    """Weigh the last `rows`, or all; the CUSUM begins at slot `restart`."""
    rows = rows or len(slots.reports)
    quarter, hour = slots.last(BIN_SLOTS), slots.last(HOUR_SLOTS)
    p = np.ones((rows, SERIES, len(Test)))
    p[:, :, Test.QUARTER] = quarter.p(baseline.quarter, rows)
    p[:, :, Test.HOUR] = hour.p(baseline.hour, rows)
    single = quarter.p(baseline.hour, rows + BIN_SLOTS)
    if len(single) > BIN_SLOTS:
        twice = np.maximum(single[BIN_SLOTS:], single[:-BIN_SLOTS]) ** 2
        p[-len(twice) :, :, Test.TWICE] = twice
    sums = np.zeros_like(slots.reports)
    error = slots.error + baseline.unrest * slots.mean
    sums[restart:] = climbed(
        slots.reports[restart:], slots.mean[restart:], error[restart:], baseline.hour
    )
    p[:, :, Test.SLOW] = np.exp(-sums[-rows:])
    half = slots.last(2 * BIN_SLOTS)
    in_test = np.stack((quarter.reports, hour.reports, half.reports, hour.reports), axis=2)
    return Evidence(p, in_test[-rows:], half.p(baseline.hour, rows))
