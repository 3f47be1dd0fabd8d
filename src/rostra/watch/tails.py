"""Tails and quantiles of the negative binomial, by mean and variance, for whole arrays."""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

EXCESS_MIN: Final = 1e-3
"""Variance above the mean, as a share of it: below it the distribution is Poisson's."""
MEAN_MIN: Final = 1e-12
"""A mean of 0 has no size; this one is as good as none."""
TRIED: Final = 64
"""Counts that are tried at once: a call costs more than its numbers."""


def size(mean: Array, variance: Array) -> Array:
    """Size r of the negative binomial with this mean and variance = mean + mean^2 / r."""
    excess = np.maximum(variance - mean, EXCESS_MIN * mean)
    found: Array = np.maximum(mean, MEAN_MIN) ** 2 / np.maximum(excess, MEAN_MIN**2)
    return found


def at_least(count: ArrayLike, mean: ArrayLike, variance: ArrayLike) -> Array:
    """P(Y >= count), elementwise: the regularised incomplete beta function (DLMF 8.17.5)."""
    from scipy.special import betainc  # noqa: PLC0415 - 0.1 s that only a watch pays

    count, mean, variance = np.broadcast_arrays(
        np.asarray(count, float), np.maximum(mean, MEAN_MIN), np.asarray(variance, float)
    )
    r = size(mean, variance)
    tail: Array = betainc(np.maximum(count, 0.5), r, mean / (r + mean))
    return np.where(count > 0, tail, 1.0)


def at_most(count: ArrayLike, mean: ArrayLike, variance: ArrayLike) -> Array:
    """P(Y <= count), elementwise."""
    from scipy.special import betainc  # noqa: PLC0415 - as above

    count, mean, variance = np.broadcast_arrays(
        np.asarray(count, float), np.maximum(mean, MEAN_MIN), np.asarray(variance, float)
    )
    r = size(mean, variance)
    tail: Array = betainc(r, np.maximum(count, 0) + 1, r / (r + mean))
    return tail


def largest_above(alpha: float, mean: float, variance: float) -> int:
    """The largest count whose P(Y >= count) is still above `alpha`."""
    low, high = 0, 64
    while at_least(high, mean, variance) > alpha:
        low, high = high, 8 * high
    while high - low > 1:
        tried = np.unique(np.linspace(low, high, TRIED).astype(np.int64))
        above = int((at_least(tried, mean, variance) > alpha).sum())
        low, high = int(tried[above - 1]), int(tried[above])
    return low
