"""The CUSUM of the negative binomial: adds up small excesses until they are worth an alarm.

Page (1954); for counts Hohle and Paul (2008), "Count data regression charts for the monitoring of
surveillance time series". With log likelihood ratios as steps, the mean time between false alarms
at the bound h is at least exp(h) slots (Lorden 1971): exp(-S) is judged as any other p-value.
"""

from typing import Final

import numpy as np

from rostra.watch.tails import Array, size

RISE: Final = 1.5
"""The slow rise that is looked for, as a factor of the usual level."""


def climbed(reports: Array, mean: Array, error: Array, dispersion: Array) -> Array:
    """The sum at the end of each slot, all [slots, series]; it begins at 0.

    It goes by a mean that is one standard error higher: a rate that is a little wrong must not add
    up over a night.
    """
    mean = mean + error
    r = size(mean, dispersion * mean)
    ratio = np.log(RISE * (r + mean) / (r + RISE * mean))
    steps = reports * ratio - r * np.log1p((RISE - 1) * mean / (r + mean))
    total = np.cumsum(steps, axis=0)
    lowest: Array = np.minimum(np.minimum.accumulate(total, axis=0), 0.0)
    return total - lowest
