"""Finds the middle of a crossfade in decoded sound, when what is faded is known."""

import numpy as np
import numpy.typing as npt

RATE_HZ = 48_000
FADE_SAMPLES = 14_400
"""The crossfade's length: 300 ms (docs/reference/lifecycle.md)."""
AROUND_SAMPLES = 28_800
"""Looked at on each side of where the middle should be: 600 ms."""
OFF_SAMPLES_MAX = 12_000
"""The middle is looked for within 250 ms of where it should be."""
STEPS_SAMPLES = (480, 24)
"""Looked at every 10 ms, and around the best of these every half millisecond."""

Pcm = npt.NDArray[np.float32]


def middle(heard: Pcm, hold: Pcm) -> int:
    """By how many samples the crossfade's middle lies after the middle of these two.

    Both are `2 x AROUND_SAMPLES` long and on the same clock: what was heard, while nobody spoke
    on stage, and the hold programme alone. For each candidate hold gets the gain that fits best
    under an equal-power fade; the candidate that leaves least unexplained is the middle.
    """
    at = np.arange(2 * AROUND_SAMPLES) - AROUND_SAMPLES
    best, wide = 0, OFF_SAMPLES_MAX
    for step in STEPS_SAMPLES:
        offs = range(best - wide, best + wide + 1, step)
        best = max(offs, key=lambda off: _explained(heard, hold, at - off))
        wide = step
    return best


def _explained(heard: Pcm, hold: Pcm, at: npt.NDArray[np.int64]) -> float:
    angle = np.clip(at / FADE_SAMPLES + 0.5, 0.0, 1.0) * (np.pi / 2)
    faded = hold * np.cos(angle)
    return float(heard @ faded) ** 2 / max(float(faded @ faded), 1e-9)


def lag(heard: Pcm, said: Pcm, most: int) -> tuple[int, float]:
    """By how many samples, -`most` to `most`, `heard` repeats `said` later; and how surely.

    Both are equally long. The second figure is the correlation of the two at that distance.
    """
    size = 1 << (2 * len(heard)).bit_length()
    across = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(said, size)), size)
    offs = np.arange(-most, most + 1)
    best = int(offs[np.argmax(across[offs])])
    power = float(np.sqrt((heard @ heard) * (said @ said)))
    return best, float(across[best]) / power if power else 0.0
