"""Measures how loud a piece of sound is (ITU-R BS.1770-4), and brings one to a common loudness.

For whole pieces that are known beforehand, such as announcements: the K-weighting is a product
of spectra, so that no filter has to be run sample by sample.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from rostra.domain.grid import SAMPLE_RATE_HZ
from rostra.programme.limiter import Limiter, Sound

PROGRAMME_LUFS: Final = -16.0
"""What speech is brought to: the loudness that AES TD1008 names for streams of speech."""

SILENT_LUFS: Final = -70.0
"""The absolute gate of BS.1770: nothing below it is sound."""

GAIN_MAX: Final = 100.0
"""40 dB: what is quieter is noise, and is not raised to speech."""

_SHELF: Final = (
    1.53512485958697,
    -2.69169618940638,
    1.19839281085285,
    -1.69065929318241,
    0.73248077421585,
)
_PASS: Final = (1.0, -2.0, 1.0, -1.99004745483398, 0.99007225036621)
"""BS.1770-4, tables 1 and 2, at 48 kHz: b0, b1, b2, a1, a2."""

_OFFSET_DB: Final = -0.691
_RELATIVE_DB: Final = -10.0
_GATE: Final = SAMPLE_RATE_HZ * 4 // 10
_HOP: Final = _GATE // 4
_Curve = npt.NDArray[np.float64]
_ROUNDS: Final = 3
"""Limiting takes loudness away, which the next round gives back."""


def lufs(sound: Sound) -> float:
    """Integrated loudness of mono sound at 48 kHz; `SILENT_LUFS` where there is none.

    What is shorter than a gating block of 400 ms is measured as a whole.
    """
    if not len(sound):
        return SILENT_LUFS
    power = np.concatenate(([0.0], np.cumsum(_weighted(sound) ** 2)))
    size = min(_GATE, len(sound))
    starts = np.arange(0, len(sound) - size + 1, _HOP)
    means = (power[starts + size] - power[starts]) / size
    loud = means[_decibels(means) > SILENT_LUFS]
    if not len(loud):
        return SILENT_LUFS
    gate = _decibels(loud.mean()) + _RELATIVE_DB
    return float(_decibels(loud[_decibels(loud) > gate].mean()))


def matched(sound: Sound, target_lufs: float = PROGRAMME_LUFS) -> Sound:
    """The sound at a loudness, its peaks limited as the programme's are; silence stays silence."""
    result: Sound = sound
    gain = 1.0
    for _ in range(_ROUNDS):
        now = lufs(result)
        if now <= SILENT_LUFS:
            return sound
        gain = min(GAIN_MAX, gain * 10 ** ((target_lufs - now) / 20))
        result = _limited(sound * np.float32(gain))
    return result


def _limited(sound: Sound) -> Sound:
    limiter = Limiter()
    pieces = [
        limiter(sound[start : start + SAMPLE_RATE_HZ])
        for start in range(0, len(sound), SAMPLE_RATE_HZ)
    ]
    return np.concatenate(pieces)


def _weighted(sound: Sound) -> _Curve:
    size = len(sound) + SAMPLE_RATE_HZ  # the high pass rings for less than a second
    turn = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)
    response = np.ones(len(turn), complex)
    for b0, b1, b2, a1, a2 in (_SHELF, _PASS):
        response *= (b0 + b1 * turn + b2 * turn**2) / (1 + a1 * turn + a2 * turn**2)
    weighted: _Curve = np.fft.irfft(np.fft.rfft(sound, size) * response, size)[: len(sound)]
    return weighted


def _decibels(mean_square: _Curve) -> _Curve:
    return _OFFSET_DB + 10 * np.log10(np.maximum(mean_square, 1e-30))
