"""Measures true peaks: what a converter makes of samples lies higher than the samples.

Four-fold oversampling by the interpolating filter of ITU-R BS.1770-4, annex 2.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

TAPS: Final = 12
"""Samples that one interpolated value is made of."""

HALF_TAPS: Final = TAPS // 2

_HALF: Final = (
    (0.0017089843750, 0.0109863281250, -0.0196533203125, 0.0332031250000,
     -0.0594482421875, 0.1373291015625, 0.9721679687500, -0.1022949218750,
     0.0476074218750, -0.0266113281250, 0.0148925781250, -0.0083007812500),
    (-0.0291748046875, 0.0292968750000, -0.0517578125000, 0.0891113281250,
     -0.1665039062500, 0.4650878906250, 0.7797851562500, -0.2003173828125,
     0.1015625000000, -0.0582275390625, 0.0330810546875, -0.0189208984375),
)  # fmt: skip
"""Two of the filter's four phases; the others are these, reversed."""

FILTER: Final = np.array([*_HALF, _HALF[1][::-1], _HALF[0][::-1]], np.float32)
"""The phases, (4, 12)."""

GAIN_MAX: Final = float(np.abs(FILTER).sum(axis=1).max())
"""A true peak is at most this many times the highest of its samples: 2.02."""


def true_peaks(samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The highest of four points between each two samples, and of the samples themselves.

    Value i belongs between samples i + 5 and i + 6; there are 11 fewer than samples.
    """
    windows = sliding_window_view(samples, TAPS)
    between = np.abs(FILTER @ windows.T).max(axis=0)
    level = np.abs(samples[HALF_TAPS - 1 : 1 - HALF_TAPS])
    peaks: npt.NDArray[np.float32] = np.maximum(between, np.maximum(level[:-1], level[1:]))
    return peaks


def true_peak_dbtp(samples: npt.NDArray[np.float32]) -> float:
    """The true peak of a whole sound in dBTP; -120 for silence."""
    around = np.pad(samples.astype(np.float32), TAPS)
    return 20.0 * float(np.log10(max(float(true_peaks(around).max()), 1e-6)))
