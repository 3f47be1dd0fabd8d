"""The watch's usual level on any series of counts: both ways, steps of five minutes or more."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from rostra.watch.baseline import HISTORY_WEEKS_MAX, RECENT_S, WEEK_S, Prior, fit_grid
from rostra.watch.evidence import window
from rostra.watch.kinds import SLOT_S
from rostra.watch.slots import SERIES
from rostra.watch.tails import at_least, at_most

Array = NDArray[np.float64]

FIT_STEPS: Final = 72
"""Steps between one fit and the next."""
WINDOWS: Final = (1, 3, 12)
"""Steps of the windows whose surprise is averaged; the first goes by a quarter's dispersion."""
SURPRISE: Final = 3.25
"""An alarm: the mean of -log10(p) over the windows."""
HOLD_S: Final = 86_400
"""After an alarm there is none for a day."""
THRESHOLD: Final = 0.5
"""Of the score that is handed out, from 0 to 1: `SURPRISE` is exactly that."""
DIGITS_MAX: Final = 300
P_MIN: Final = 10.0**-DIGITS_MAX


def scores(values: Array, first_utc_s: int, step_s: int) -> Array:
    """A score for each value, of nothing but it and those before; over `THRESHOLD` is an alarm."""
    return _held(surprise(values, first_utc_s, step_s), HOLD_S // step_s)


def surprise(values: Array, first_utc_s: int, step_s: int) -> Array:
    """Mean of -log10(p) over the windows, upwards or downwards, whichever is more."""
    slots = step_s // SLOT_S
    counts = np.repeat(values / slots, slots)
    mean, error, quarter, hour = _usual(counts, first_utc_s // SLOT_S * SLOT_S, slots)
    found = np.zeros(len(counts))
    for steps in WINDOWS:
        seen, usual = window(counts, steps * slots), window(mean, steps * slots)
        dispersion = quarter if steps == 1 else hour
        variance = dispersion * usual + window(error, steps * slots) ** 2
        whole = np.round(seen)
        p = np.minimum(at_least(whole, usual, variance), at_most(whole, usual, variance))
        found -= np.log10(np.maximum(p, P_MIN)) / len(WINDOWS)
    return found[slots - 1 :: slots]


def _usual(counts: Array, first_utc_s: int, slots: int) -> tuple[Array, Array, Array, Array]:
    """Mean, its error, and both dispersions of each slot, of what was known a while before it."""
    found = np.empty((4, len(counts)))
    longest = (HISTORY_WEEKS_MAX * WEEK_S + RECENT_S) // SLOT_S
    every = FIT_STEPS * slots
    for now in range(0, len(counts), every):
        begin = max(0, now - longest)
        past = np.zeros((now - begin, SERIES))
        past[:, 0] = past[:, 1] = counts[begin:now]
        start = first_utc_s + SLOT_S * begin
        typical = 3 * float(np.median(counts[:now])) if now else 3 * float(counts[0])
        baseline = fit_grid(past, np.zeros(len(past)), start, Prior(reports=max(typical, 0.3)))
        until = min(now + every, len(counts))
        starts = first_utc_s + SLOT_S * np.arange(now, until, dtype=float)
        mean, error = baseline.expected(starts, np.zeros(len(starts)))
        found[0, now:until], found[1, now:until] = mean[:, 0], error[:, 0]
        found[2, now:until], found[3, now:until] = baseline.quarter[0], baseline.hour[0]
    return found[0], found[1], found[2], found[3]


def _held(found: Array, hold: int) -> Array:
    """Scores of which none reaches the threshold for a while after one that did."""
    score = np.minimum(found / SURPRISE * THRESHOLD, 1.0)
    last = -hold
    for at in np.flatnonzero(score >= THRESHOLD).tolist():
        if at - last >= hold:
            last = at
        else:
            score[at] = 0.99 * THRESHOLD
    return score
