"""How loud a block is, and whether somebody speaks."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

LEVEL_MIN_DBFS: Final = -90
"""Silence on the wire: below what 16 bits can hold."""

SPEAKING_ON_DBFS: Final = -42
"""A quiet voice at arm's length is about -35, a fan in the room -55."""

SPEAKING_OFF_DBFS: Final = -50
"""Lower than the threshold above, so that the ring does not flicker."""

ON_BLOCKS: Final = 3
"""60 ms: a knock on the table is shorter than a syllable."""

OFF_BLOCKS: Final = 30
"""600 ms: the pause between two sentences."""

Block = NDArray[np.float32]


def dbfs(blocks: NDArray[np.float32]) -> list[int]:
    """RMS of each row in whole dB relative to full scale, -90 to 0.

    Args:
        blocks: float32 of shape (n, samples), full scale is 1.0.
    """
    if not blocks.shape[0]:
        return []
    power = np.einsum("ij,ij->i", blocks, blocks) / blocks.shape[1]
    decibels = 10.0 * np.log10(np.maximum(power, 1e-12))
    return [int(level) for level in np.clip(np.rint(decibels), LEVEL_MIN_DBFS, 0)]


@dataclass(slots=True)
class SpeakingMeter:
    """Whether one participant speaks, with hysteresis in level and in time."""

    speaking: bool = False
    _run: int = 0

    def update(self, level_dbfs: int) -> bool:
        """Take the level of one block; True if `speaking` changed."""
        if self.speaking:
            against = level_dbfs < SPEAKING_OFF_DBFS
            needed = OFF_BLOCKS
        else:
            against = level_dbfs >= SPEAKING_ON_DBFS
            needed = ON_BLOCKS
        self._run = self._run + 1 if against else 0
        if self._run < needed:
            return False
        self.speaking = not self.speaking
        self._run = 0
        return True
