"""Brings each voice to the same loudness, slowly, and never by listening to its pauses."""

from typing import Final

import numpy as np

from rostra.domain.grid import MIX_BLOCK_SAMPLES
from rostra.domain.loudness import PROGRAMME_LUFS
from rostra.stage.levels import Block
from rostra.stage.loudness import STEP_BLOCKS, GatedLoudness

GAIN_DB_MAX: Final = 36.0
"""A voice at -52 LUFS is brought up to the target; what is quieter is a microphone's fault."""

GAIN_DB_MIN: Final = -15.0
"""A voice that is clipped from end to end, the loudest that there is, needs no more."""

SPAN_S: Final = 10.0
"""A voice's loudness is that of its last 10 s of speech: longer than a sentence, shorter than a
move away from the microphone that somebody would mention."""

LIVELINESS: Final = 4.0
"""6 dB within 400 ms: syllables rise and fall by 20, a fan that is switched on by less than 1."""

LEARN_WINDOWS: Final = 20
"""The first 2 s of a voice: whoever is too quiet is heard within them."""

UP_DB_S: Final = 3.0
"""How fast a known voice is turned up: slower than a sentence, so that emphasis stays."""

UP_LEARN_DB_S: Final = 20.0
"""How fast a voice that has just come is turned up."""

DOWN_DB_S: Final = 12.0
"""How fast a voice is turned down: a shout is over before everybody has taken off headphones."""

LIMITER_CEILING: Final = 0.794
"""Where the programme's limiter begins (`programme.limiter.CEILING`): what it will take from a
voice with high peaks is given beforehand, or that voice would be heard 2 LU below the others."""

LIMITER_RELEASE_SAMPLES: Final = 2_400
"""How fast the programme's limiter lets go (`programme.limiter.RELEASE_SAMPLES`)."""

LIMITED_MIN: Final = 0.708
"""-3 dB: no more than this is given for the limiter, or a voice would be pressed flat."""

_BLOCKS_PER_S: Final = 50
_DECAY: Final = float(np.exp(-MIX_BLOCK_SAMPLES / LIMITER_RELEASE_SAMPLES))


class AutomaticGain:
    """The gain of one voice, in dB; it moves while somebody speaks and rests in pauses."""

    def __init__(self) -> None:
        self._loudness = GatedLoudness(SPAN_S, LIVELINESS)
        self._envelope = 0.0
        self._fresh = 0
        """Blocks for which the last window that counted moves the gain."""
        self.db = 0.0

    @property
    def lufs(self) -> float | None:
        """The voice's loudness before the gain; None while unknown."""
        return self._loudness.lufs

    def pause(self) -> None:
        """Nobody speaks in this block."""
        self._loudness.pause()

    def speech(self, block: Block) -> None:
        """Listen to a block with a voice in it, float32[960], and move the gain by one step."""
        heard = self._limited(block)
        self._fresh = STEP_BLOCKS if self._loudness.take(block, heard) else self._fresh - 1
        loudness = self._loudness.lufs
        if loudness is None or self._fresh <= 0:
            return
        wanted = min(max(PROGRAMME_LUFS - loudness, GAIN_DB_MIN), GAIN_DB_MAX)
        learning = self._loudness.windows < LEARN_WINDOWS
        up = UP_LEARN_DB_S if learning else UP_DB_S
        step = min(max(wanted - self.db, -DOWN_DB_S / _BLOCKS_PER_S), up / _BLOCKS_PER_S)
        self.db += step

    def _limited(self, block: Block) -> float:
        """The share of a block's power that the limiter will let pass at the gain of now."""
        peak = float(np.abs(block).max()) * 10.0 ** (self.db / 20.0)
        self._envelope = max(peak, self._envelope * _DECAY)
        return float(min(1.0, max(LIMITED_MIN, LIMITER_CEILING / max(self._envelope, 1e-9))) ** 2)
