"""Tails and quantiles of the negative binomial, by mean and variance, for whole arrays."""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

EXCESS_MIN: Final = 1e-3
"""Variance above the mean, as a share of it: below it the distribution is Poisson's."""
MEAN_MIN: Final = 1e-12
"""A mean of 0 has no size; this one is as good as none."""


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
    low, high = 0, 8
    while _above(high, alpha, mean, variance):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if _above(middle, alpha, mean, variance):
            low = middle
        else:
            high = middle
    return low


def _above(count: int, alpha: float, mean: float, variance: float) -> bool:
    return bool(at_least(count, mean, variance) > alpha)
