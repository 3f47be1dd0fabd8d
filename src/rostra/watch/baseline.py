"""The usual level of a component: fitted from eight weeks of reports, and asked for any slot.

Of the family of Farrington (Farrington et al. 1996; Noufaily et al. 2013, "An improved algorithm
for outbreak detection in multiple surveillance systems"), with hours of the week (Salmon et al.
2016) in place of weeks of the year: past incidents lose weight, the last day has no say, a trend
counts when it is significant, listeners are the offset, and the dispersion is estimated.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from rostra.watch.kinds import SLOT_S
from rostra.watch.regression import (
    HOURS,
    Rates,
    incidents,
    rates,
    residuals,
    weights,
)
from rostra.watch.slots import SERIES, History, first_slot, grid
from rostra.watch.tails import Array

BIN_SLOTS: Final = 3
"""The regression counts in quarters of an hour."""
BIN_S: Final = BIN_SLOTS * SLOT_S
BINS_AN_HOUR: Final = 4
WEEK_S: Final = 604_800
BINS_A_WEEK: Final = WEEK_S // BIN_S
HISTORY_WEEKS_MAX: Final = 8
"""Older reports are of another service."""
RECENT_S: Final = 86_400
"""The last day has no say: an outage that goes on would become the usual level."""
RECENT_SHARE_MAX: Final = 0.25
"""Of the first days, no more than this is left out: something has to be learnt from."""
LEARNING_S: Final = 14 * 86_400
"""With less history each hour of the week was seen once at most."""
ROUNDS: Final = 4
"""Rates, residuals and weights depend on each other; later rounds change less than 1 %."""
TREND_WEEKS_MIN: Final = 4
TREND_Z: Final = 1.96
"""A trend below p = 0.05 is left out (Farrington 1996)."""
TREND_A_WEEK_MAX: Final = 0.2
"""Natural logarithm: a component that grows faster has changed, and is learnt anew."""
MODEL_ERROR: Final = 0.1
"""No rate is believed to be nearer to the truth than by a tenth."""
DISPERSION_BINS: Final = 50.0
"""As many bins full of information as the prior of the dispersion is worth."""
UNREST_Z: Final = 2.0
"""An hour's dispersion differs from a quarter's by chance: less than so many errors is none."""
UNREST_MAX: Final = 0.5
"""A component that is restless beyond it has outages, not unrest."""
EXPOSURE_BASE: Final = 0.1
"""Share of a typical audience that is added to each: who cannot join is no listener."""
LISTENERS: Final = 1_000.0
"""Without history, so many listeners report as a component does that has none."""


@dataclass(frozen=True, slots=True)
class Prior:
    """What is believed of a component without history: gamma of reports a quarter, dispersion."""

    reports: float = 0.3
    """Mean of all kinds together in a quarter of an hour."""
    shape: float = 1.0
    """Of the gamma distribution; 1 leaves everything open from almost 0 to five times the mean."""
    dispersion: float = 1.5

    def means(self) -> Array:
        """Mean by series and slot."""
        kinds = np.full(SERIES, self.reports / BIN_SLOTS / (SERIES - 1))
        kinds[0] = self.reports / BIN_SLOTS
        return kinds


@dataclass(frozen=True, slots=True, eq=False)
class ComponentBaseline:
    """What is usual for a component; columns as in `slots.SERIES`."""

    plain: Rates
    """While nobody knows how many listen."""
    heard: Rates
    """By audience, in units of the typical one."""
    typical: float
    """Mean concurrent listeners where they are known."""
    quarter: Array
    """Variance over mean of a quarter of an hour, at least 1."""
    hour: Array
    """The same of an hour: larger where bad hours last."""
    unrest: Array
    """Standard deviation of what raises or lowers whole hours, relative to the mean."""
    trend: Array
    """Natural logarithm of growth a week; 0 where it is not significant."""
    learning: bool
    fitted_utc_s: int

    def expected(self, slots_utc_s: Array, exposure: Array) -> tuple[Array, Array]:
        """Mean reports of each slot [slots, SERIES], and the standard error of that mean."""
        hours = (slots_utc_s.astype(np.int64) // 3_600) % HOURS
        known = exposure[:, None] > 0
        mean = np.where(known, self.heard.rate[hours], self.plain.rate[hours])
        mean = mean * scaled(exposure, self.typical)[:, None]
        spread = np.where(known, self.heard.spread[hours], self.plain.spread[hours])
        return mean, mean * np.maximum(spread, MODEL_ERROR)


@dataclass(slots=True, eq=False)
class _Past:
    """The history in quarters of an hour, whole weeks: [weeks, HOURS, BINS_AN_HOUR, SERIES]."""

    reports: Array
    offset: Array
    """[..., 1]; of one unit a slot."""
    known: Array
    """[..., 1]: 1 where the audience is known."""
    seen: Array
    """[..., 1]: 0 before the history begins, and in the last day."""
    typical: float
    weeks_ago: Array
    """[weeks, 1, 1, 1], negative."""


def fit(
    history: History, now_utc_s: int, prior: Prior | None = None, since_utc_s: int | None = None
) -> ComponentBaseline:
    """Fit a component's usual level; slots that are missing had no reports.

    `since_utc_s` is when reports were first taken, if that was before the first slot.
    """
    begins = [one for one in (first_slot(history), since_utc_s) if one is not None]
    first = min([now_utc_s, *begins])
    first = max(first, now_utc_s - RECENT_S - HISTORY_WEEKS_MAX * WEEK_S) // SLOT_S * SLOT_S
    counts, exposure = grid(history, first, (now_utc_s - first) // SLOT_S)
    return fit_grid(counts, exposure, first, prior)


def fit_grid(
    counts: Array, exposure: Array, first_utc_s: int, prior: Prior | None = None
) -> ComponentBaseline:
    """Fit to counts [slots, SERIES] and exposure [slots] from `first_utc_s` to now."""
    prior = prior or Prior()
    past = _past(counts, exposure, first_utc_s)
    quarter = np.full(SERIES, 1.0)
    hour, trend = quarter, np.zeros(SERIES)
    weight = past.seen * np.ones(SERIES)
    for last in [False] * (ROUNDS - 1) + [True]:
        growth = np.exp(trend * past.weeks_ago)
        tables = [
            _rates(past, weight * mask, growth, quarter, prior)
            for mask in (1 - past.known, past.known)
        ]
        mean = _means(past, tables, growth)
        residual = residuals(past.reports, mean, quarter)
        weight = past.seen * weights(residual, past.reports)
        calm = past.seen * (1 - _incidents(past, residual, mean, quarter))
        quarter, hour = _dispersions(past, mean, calm, prior)
        if not last:
            trend = trend + _trend(past, weight, mean, hour, trend)
    plain, heard = tables
    return ComponentBaseline(
        plain=plain,
        heard=heard,
        typical=past.typical,
        quarter=quarter,
        hour=hour,
        unrest=_unrest(past, mean, quarter, hour),
        trend=trend,
        learning=bool(past.seen.sum() * BIN_S < LEARNING_S),
        fitted_utc_s=first_utc_s + len(counts) * SLOT_S,
    )


def _past(counts: Array, exposure: Array, first_utc_s: int) -> _Past:
    now_utc_s = first_utc_s + len(counts) * SLOT_S
    left_out_s = min(RECENT_S, round(len(counts) * SLOT_S * RECENT_SHARE_MAX))
    end = (now_utc_s - left_out_s) // BIN_S * BIN_S
    first = -(-max(first_utc_s, end - HISTORY_WEEKS_MAX * WEEK_S) // BIN_S) * BIN_S
    start = first // WEEK_S * WEEK_S
    weeks = max(1, -(-(end - start) // WEEK_S))
    shape = (weeks, HOURS, BINS_AN_HOUR, BIN_SLOTS)
    heard = _placed(exposure[:, None], first_utc_s - start, shape)[..., 0]
    known = (heard > 0).sum(axis=-1)
    audience = heard.sum(axis=-1) / np.maximum(known, 1)
    bins_utc_s = start + BIN_S * np.arange(weeks * BINS_A_WEEK).reshape(shape[:-1])
    seen = ((bins_utc_s >= first) & (bins_utc_s < end)).astype(float)[..., None]
    heard_bins = (audience > 0) & (seen[..., 0] > 0)
    typical = float(audience[heard_bins].mean()) if heard_bins.any() else LISTENERS
    ago = np.arange(weeks, dtype=float) + 0.5 + (start - now_utc_s) / WEEK_S
    return _Past(
        reports=_placed(counts, first_utc_s - start, shape).sum(axis=3) * seen,
        offset=BIN_SLOTS * scaled(audience, typical)[..., None],
        known=(audience > 0).astype(float)[..., None],
        seen=seen,
        typical=typical,
        weeks_ago=ago[:, None, None, None],
    )


def _placed(values: Array, behind_s: int, shape: tuple[int, int, int, int]) -> Array:
    """The values [slots, columns] in whole weeks of that shape; they begin `behind_s` after it."""
    slots = int(np.prod(shape))
    weeks = np.zeros((slots, values.shape[1]))
    skip = max(0, -behind_s // SLOT_S)
    at = max(0, behind_s // SLOT_S)
    length = max(0, min(slots - at, len(values) - skip))
    weeks[at : at + length] = values[skip : skip + length]
    return weeks.reshape(*shape, values.shape[1])


def scaled(exposure: Array, typical: float) -> Array:
    """Audience in units of the typical one; 1 where it is unknown."""
    units = (exposure / typical + EXPOSURE_BASE) / (1 + EXPOSURE_BASE)
    return np.where(exposure > 0, units, 1.0)


def _rates(past: _Past, use: Array, growth: Array, dispersion: Array, prior: Prior) -> Rates:
    reports = (use * past.reports).sum(axis=(0, 2))
    offset = (use * past.offset * growth).sum(axis=(0, 2))
    return rates(reports, offset, dispersion, prior.means(), prior.shape)


def _means(past: _Past, tables: list[Rates], growth: Array) -> Array:
    plain, heard = (table.rate[None, :, None, :] for table in tables)
    mean: Array = np.where(past.known > 0, heard, plain) * past.offset * growth
    return mean


def _incidents(past: _Past, residual: Array, mean: Array, dispersion: Array) -> Array:
    shape = (-1, SERIES)
    found = incidents(
        residual.reshape(shape), past.reports.reshape(shape), mean.reshape(shape), dispersion
    )
    return found.reshape(residual.shape)


def _dispersions(past: _Past, mean: Array, calm: Array, prior: Prior) -> tuple[Array, Array]:
    """Variance over mean by series, of quarters and of hours, each at least 1."""
    weeks = max(2.0, float(past.seen.mean()) * len(past.seen))
    quarter = _dispersion(past.reports, mean, calm, prior.dispersion) * (1 + 0.25 / weeks)
    whole = calm.min(axis=2)
    hour = _dispersion(past.reports.sum(axis=2), mean.sum(axis=2), whole, quarter)
    hour = hour * weeks / (weeks - 1)
    quarter = np.maximum(quarter, 1.0)
    return quarter, np.maximum(hour, quarter)


def _dispersion(reports: Array, mean: Array, calm: Array, prior: Array | float) -> Array:
    """Drawn to that of all kinds together, and that to the prior, by what each can know."""
    axes = tuple(range(reports.ndim - 1))
    squares = (calm * (reports - mean) ** 2).sum(axis=axes)
    means = (calm * mean).sum(axis=axes)
    known = (calm * 2 * mean / (2 * mean + 1)).sum(axis=axes)
    pooled = squares[1:].sum() / max(means[1:].sum(), 1e-9)
    few = DISPERSION_BINS
    pooled = (pooled * known[1:].sum() + prior * few) / (known[1:].sum() + few)
    own = squares / np.maximum(means, 1e-9)
    drawn: Array = (own * known + pooled * few) / (known + few)
    return drawn


def _unrest(past: _Past, mean: Array, quarter: Array, hour: Array) -> Array:
    """From how the dispersion grows with the window: alone it would be the same for both."""
    means = (past.seen * mean).sum(axis=(0, 1, 2))
    quarters = (past.seen * mean**2).sum(axis=(0, 1, 2)) / np.maximum(means, 1e-9)
    longer = np.maximum(quarters * (BINS_AN_HOUR - 1), 1e-9)
    hours = max(float(past.seen.sum()) / BINS_AN_HOUR, 1.0)
    sure = hour > quarter * (1 + UNREST_Z * np.sqrt(2 / hours))
    found: Array = np.sqrt(np.maximum(hour - quarter, 0.0) / longer)
    return np.where(sure, np.minimum(found, UNREST_MAX), 0.0)


def _trend(past: _Past, weight: Array, mean: Array, dispersion: Array, before: Array) -> Array:
    """By how much to change the trend a week: one step of Newton, if the whole is significant."""
    use = weight.sum(axis=(1, 2))
    full = use[:, 0] > 0
    if full.sum() < TREND_WEEKS_MIN:
        return np.zeros(SERIES)
    weekly = (weight * past.reports).sum(axis=(1, 2))[full]
    usual = np.maximum((weight * mean).sum(axis=(1, 2))[full], 1e-9)
    ago = past.weeks_ago[full, 0, 0]
    middle = (usual * ago).sum(axis=0) / usual.sum(axis=0)
    centred = ago - middle
    information = np.maximum((centred**2 * usual).sum(axis=0), 1e-9)
    step = (centred * (weekly - usual)).sum(axis=0) / information
    excess = ((weekly - usual * (1 + step * centred)) ** 2 / usual).sum(axis=0)
    error = np.sqrt(np.maximum(dispersion, excess / (full.sum() - 2)) / information)
    whole = np.clip(before + step, -TREND_A_WEEK_MAX, TREND_A_WEEK_MAX)
    return np.where(np.abs(whole) > TREND_Z * error, whole, 0.0) - before
