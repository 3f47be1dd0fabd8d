"""Rates by hour of the week: a robust quasi-likelihood regression with shrinkage.

Each hour of the week is a level of one factor, so the fit has a closed form: reports over offset,
drawn towards the same hour of all days, and that towards the whole, each by a gamma prior.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from rostra.watch.tails import Array, at_least

HOURS: Final = 168
HOURS_A_DAY: Final = 24
DAY_SHAPE: Final = 2.0
"""An hour of the day is drawn to the whole as strongly as by so many reports."""
WEEK_SHAPE: Final = 4.0
"""An hour of the week is drawn to its hour of the day as strongly as by so many reports."""
DOWN_WEIGHT_Z: Final = 2.58
"""Anscombe residuals above it lose weight (Noufaily et al. 2013)."""
DOWN_WEIGHT_REPORTS: Final = 3
"""Fewer reports in a quarter of an hour harm no baseline, and at a low mean are no residual."""
INCIDENT_P: Final = 1e-5
"""A quarter of an hour below it has no say in the dispersion; more would cut a calm tail off."""
INCIDENT_SHARE_MAX: Final = 0.05
"""More of the quarters of an hour than this are no incidents but what the component is like."""


@dataclass(frozen=True, slots=True, eq=False)
class Rates:
    """Reports a slot and unit of offset, [HOURS, series]; `spread` is their relative error."""

    rate: Array
    spread: Array


def rates(reports: Array, offset: Array, dispersion: Array, prior: Array, shape: float) -> Rates:
    """Rates from weighted sums [HOURS, series]; `prior` is a mean by series, of gamma `shape`."""
    reports, offset = reports / dispersion, offset / dispersion
    whole, error = _drawn(reports.sum(0), offset.sum(0), prior, shape, np.zeros_like(prior))
    days = reports.reshape(-1, HOURS_A_DAY, reports.shape[1])
    exposed = offset.reshape(days.shape)
    daily, error = _drawn(days.sum(0), exposed.sum(0), whole[None], DAY_SHAPE, error[None])
    repeat = HOURS // HOURS_A_DAY
    parent, error = np.tile(daily, (repeat, 1)), np.tile(error, (repeat, 1))
    weekly, error = _drawn(reports, offset, parent, WEEK_SHAPE, error)
    return Rates(weekly, np.sqrt(error))


def _drawn(
    reports: Array, offset: Array, parent: Array, shape: float, error: Array
) -> tuple[Array, Array]:
    """Gamma posterior's mean, and its squared relative error with what the parent's adds."""
    ahead = shape / parent
    below = ahead + offset
    above = shape + reports
    return above / below, 1 / above + (ahead / below) ** 2 * error


def residuals(reports: Array, mean: Array, dispersion: Array) -> Array:
    """Anscombe residuals of Poisson, over the root of the dispersion (Farrington 1996)."""
    mean = np.maximum(mean, 1e-9)
    third = np.cbrt(mean)
    root: Array = 1.5 * (np.cbrt(reports) ** 2 - third**2) / np.sqrt(third * dispersion)
    return root


def weights(residual: Array, reports: Array) -> Array:
    """1, or the residual to the power of -2 where it is that of a past incident."""
    odd = (residual > DOWN_WEIGHT_Z) & (reports >= DOWN_WEIGHT_REPORTS)
    return np.where(odd, 1 / np.maximum(residual, 1) ** 2, 1.0)


def incidents(residual: Array, reports: Array, mean: Array, dispersion: Array) -> Array:
    """1 where a quarter of an hour is too far out to be of that dispersion, else 0.

    All [bins, series]. Only what was down-weighted is asked: the tail costs more than the rest.
    """
    found = np.zeros_like(reports)
    odd = np.nonzero((residual > DOWN_WEIGHT_Z) & (reports >= DOWN_WEIGHT_REPORTS))
    variance = (mean * dispersion)[odd]
    found[odd] = at_least(reports[odd], mean[odd], variance) < INCIDENT_P
    common = found.mean(axis=0) > INCIDENT_SHARE_MAX
    return np.where(common, 0.0, found)
