"""Measures how loud a piece of sound is (ITU-R BS.1770-4), and brings one to a common loudness.

For whole pieces that are known beforehand, such as announcements: the K-weighting is a product
of spectra, so that no filter has to be run sample by sample.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from rostra.domain.grid import SAMPLE_RATE_HZ
from rostra.domain.loudness import (
    ABSOLUTE_GATE_LUFS,
    HIGH_PASS,
    OFFSET_LUFS,
    PROGRAMME_LUFS,
    RELATIVE_GATE_LU,
    SHELF,
)
from rostra.programme.limiter import Sound

GAIN_MAX: Final = 100.0
"""40 dB: what is quieter is noise, and is not raised to speech."""

QUIET: Final = 0.001
"""-60 dBFS: what is quieter at either end is cut off, so that speech begins and ends on time."""

PEAK_MAX: Final = 0.6
"""-4.4 dBFS: below what the programme's limiter touches, so that it leaves announcements alone."""

_FRAME: Final = SAMPLE_RATE_HZ // 1_000
_AROUND: Final = 5
"""A peak is turned down 5 ms before it and up again 5 ms after it, without a click."""

_TENTH: Final = SAMPLE_RATE_HZ // 10
_GATE: Final = 4 * _TENTH
_HOP: Final = _GATE // 4
_Curve = npt.NDArray[np.float64]
_ROUNDS: Final = 6
"""Limiting takes loudness away, which the next round gives back."""


def lufs(sound: Sound) -> float:
    """Integrated loudness of mono sound at 48 kHz; `ABSOLUTE_GATE_LUFS` where there is none.

    What is shorter than a gating block of 400 ms is measured as a whole.
    """
    if not len(sound):
        return ABSOLUTE_GATE_LUFS
    power = np.concatenate(([0.0], np.cumsum(_weighted(sound) ** 2)))
    size = min(_GATE, len(sound))
    starts = np.arange(0, len(sound) - size + 1, _HOP)
    means = (power[starts + size] - power[starts]) / size
    loud = means[_decibels(means) > ABSOLUTE_GATE_LUFS]
    if not len(loud):
        return ABSOLUTE_GATE_LUFS
    gate = _decibels(loud.mean()) + RELATIVE_GATE_LU
    return float(_decibels(loud[_decibels(loud) > gate].mean()))


def matched(sound: Sound, target_lufs: float = PROGRAMME_LUFS) -> Sound:
    """The sound at a loudness, no peak above PEAK_MAX; silence stays silence."""
    result: Sound = sound
    gain = 1.0
    for _ in range(_ROUNDS):
        now = lufs(result)
        if now <= ABSOLUTE_GATE_LUFS:
            return sound
        gain = min(GAIN_MAX, gain * 10 ** ((target_lufs - now) / 20))
        result = _limited(sound * np.float32(gain))
    return result


def trimmed(sound: Sound) -> Sound:
    """The sound without the silence at its ends, but for 50 ms; empty if it is all silence."""
    loud = np.flatnonzero(np.abs(sound) > QUIET)
    if not len(loud):
        return sound[:0]
    piece: Sound = sound[max(0, int(loud[0]) - _TENTH // 2) : int(loud[-1]) + _TENTH // 2]
    return piece


def _limited(sound: Sound) -> Sound:
    """Peaks turned down by a gain that moves within milliseconds, each millisecond looked at."""
    frames = -(-len(sound) // _FRAME)
    padded = np.pad(np.abs(sound), (0, frames * _FRAME - len(sound)))
    need = PEAK_MAX / np.maximum(padded.reshape(frames, _FRAME).max(axis=1), PEAK_MAX)
    wide = np.pad(need, 2 * _AROUND, constant_values=1.0)
    least = sliding_window_view(wide, 2 * _AROUND + 1).min(axis=1)
    smooth = sliding_window_view(least, 2 * _AROUND + 1).mean(axis=1)
    middles = (np.arange(frames) + 0.5) * _FRAME
    gain = np.interp(np.arange(len(sound)), middles, smooth)
    limited: Sound = np.clip(sound * gain, -PEAK_MAX, PEAK_MAX).astype(np.float32)
    return limited


def _weighted(sound: Sound) -> _Curve:
    # The high pass rings for less than a second; whole tenths have small factors only.
    size = -(-(len(sound) + SAMPLE_RATE_HZ) // _TENTH) * _TENTH
    turn = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)
    response = np.ones(len(turn), complex)
    for (b0, b1, b2), (a1, a2) in (SHELF, HIGH_PASS):
        response *= (b0 + b1 * turn + b2 * turn**2) / (1 + a1 * turn + a2 * turn**2)
    weighted: _Curve = np.fft.irfft(np.fft.rfft(sound, size) * response, size)[: len(sound)]
    return weighted


def _decibels(mean_square: _Curve) -> _Curve:
    return OFFSET_LUFS + 10 * np.log10(np.maximum(mean_square, 1e-30))
