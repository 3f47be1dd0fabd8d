"""Bridges what is missing in a voice: concealed sound that fades slowly, joins that are not heard.

libopus continues a voice for about 60 ms and has faded it by 19 dB after 80 and 29 dB after 100
(median of 100 places in speech); a burst of lost packets is then heard as a hole in the word.
"""

from typing import Final

import numpy as np

from rostra.domain.grid import SAMPLE_RATE_HZ
from rostra.stage.levels import Block

FADE_DB: Final = 3.0
"""How much quieter a concealed voice may become with each 20 ms: by 24 dB in 160 ms."""

GAIN_DB_MAX: Final = 24.0
"""What is raised further than this is the codec's noise and no voice."""

QUIET_POWER: Final = 1e-5
"""-50 dBFS: concealed background is left as it is."""

EASE_SAMPLES: Final = SAMPLE_RATE_HZ // 200
"""5 ms: over so much the next packet's sound takes over from what was raised."""

JOIN_SAMPLES: Final = SAMPLE_RATE_HZ // 200
"""5 ms of fade between two blocks, as long as a pitch period of 200 Hz."""

JOIN_STEP: Final = JOIN_SAMPLES // 4

_EASE_OUT: Final[Block] = np.linspace(1.0, 0.0, JOIN_SAMPLES, dtype=np.float32)
_LEAST: Final = 1e-12


class Bridge:
    """One voice's level over what is missing; blocks are float32[n], full scale 1.0."""

    def __init__(self) -> None:
        self._power = 0.0
        self._gain = 1.0

    def heard(self, block: Block) -> Block:
        """A block that came from a packet: its end is what a gap has to go on from."""
        half = block[len(block) // 2 :]
        self._power = float(np.mean(half * half))
        if self._gain == 1.0:
            return block
        eased = block.copy()
        eased[:EASE_SAMPLES] *= np.linspace(self._gain, 1.0, EASE_SAMPLES, dtype=np.float32)
        self._gain = 1.0
        return eased

    def concealed(self, block: Block) -> Block:
        """A block that libopus made up: no quieter than `FADE_DB` below the one before."""
        if self._power < QUIET_POWER:
            return self.heard(block)
        self._power *= 10 ** (-FADE_DB / 10)
        power = max(float(np.mean(block * block)), _LEAST)
        gain = min(max((self._power / power) ** 0.5, 1.0), 10 ** (GAIN_DB_MAX / 20))
        raised = block * np.linspace(self._gain, gain, len(block), dtype=np.float32)
        self._gain = gain
        return raised

    def silent(self) -> None:
        """There is nothing to go on from."""
        self._power, self._gain = 0.0, 1.0


def join(before: Block, after: Block) -> Block:
    """One block of two that follow each other, cut from the one to the other where they agree most.

    The cut is a fade of `JOIN_SAMPLES` at the place with the least difference between both, as in
    the overlap-add methods of time-scale modification (WSOLA, Verhelst and Roelands, 1993).
    """
    difference = np.concatenate(([0.0], np.cumsum((before - after) ** 2, dtype=np.float64)))
    starts = np.arange(0, len(before) - JOIN_SAMPLES + 1, JOIN_STEP)
    place = int(starts[np.argmin(difference[starts + JOIN_SAMPLES] - difference[starts])])
    end = place + JOIN_SAMPLES
    fade = before[place:end] * _EASE_OUT + after[place:end] * (1 - _EASE_OUT)
    return np.concatenate((before[:place], fade, after[end:]))
