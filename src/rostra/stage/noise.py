"""Tells a voice from the noise behind it: how loud the room is, and whether somebody speaks."""

from collections import deque
from math import log10
from typing import Final

FLOOR_WINDOW_BLOCKS: Final = 5
"""100 ms: shorter than the pause between two words, long enough that noise has a mean."""

FLOOR_WINDOWS: Final = 60
"""6 s: whoever speaks draws breath within it, so the quietest windows hold noise alone."""

FLOOR_KNOWN_WINDOWS: Final = 10
"""A floor is believed after one second."""

FLOOR_PASSED_OVER: Final = 3
"""The quietest windows are passed over, a tenth and no more than these: what fades out where
packets were lost is no room."""

NOISE_MAX_DBFS: Final = -38.0
"""A floor that is louder is no noise: somebody plays music."""

VOICE_OVER_FLOOR_DB: Final = 8.0
"""A voice's quiet syllables stand out of its noise this far; noise itself varies by 3 dB."""

VOICE_MIN_DBFS: Final = -62.0
"""Nothing below this is taken for a voice."""

HANG_BLOCKS: Final = 15
"""300 ms: the pauses inside of a sentence are shorter."""


def decibels(power: float) -> float:
    """A mean square in dBFS, -120 for silence."""
    return 10.0 * log10(max(power, 1e-12))


class NoiseFloor:
    """The level that one voice hardly falls below: of 100 ms at a time, over the last 6 s."""

    def __init__(self) -> None:
        self._sum = 0.0
        self._count = 0
        self._windows: deque[float] = deque(maxlen=FLOOR_WINDOWS)
        self.dbfs: float | None = None
        """The floor; None in the first second."""

    def take(self, power: float) -> None:
        """Take the mean square of a block."""
        self._sum += power
        self._count += 1
        if self._count < FLOOR_WINDOW_BLOCKS:
            return
        self._windows.append(self._sum / FLOOR_WINDOW_BLOCKS)
        self._sum, self._count = 0.0, 0
        if len(self._windows) >= FLOOR_KNOWN_WINDOWS:
            passed_over = min(len(self._windows) // 10, FLOOR_PASSED_OVER)
            self.dbfs = decibels(sorted(self._windows)[passed_over])


class Activity:
    """Whether somebody speaks in a block, by its level over the floor."""

    def __init__(self) -> None:
        self._hang = 0

    def take(self, power: float, floor_dbfs: float | None) -> bool:
        """Take the mean square of a block; True while somebody speaks, and 300 ms longer."""
        floor = NOISE_MAX_DBFS if floor_dbfs is None else min(floor_dbfs, NOISE_MAX_DBFS)
        if decibels(power) >= max(floor + VOICE_OVER_FLOOR_DB, VOICE_MIN_DBFS):
            self._hang = HANG_BLOCKS
            return True
        self._hang = max(self._hang - 1, 0)
        return self._hang > 0
