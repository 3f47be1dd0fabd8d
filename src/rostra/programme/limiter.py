"""Keeps the mix below -1 dBFS without look-ahead, and fades between hold audio and stage."""

from typing import Final

import numpy as np
import numpy.typing as npt

Sound = npt.NDArray[np.float32]
"""Mono samples at 48 kHz, nominally within -1…1."""

KNEE: Final = 0.63
"""-4 dBFS: below it the limiter changes no bit."""

CEILING: Final = 0.891
"""-1 dBFS: never exceeded; the decibel is for what AAC adds between samples."""

RELEASE_SAMPLES: Final = 9_600
"""The gain comes back over 200 ms: fast enough for speech, slow enough not to pump."""

CROSSFADE_SAMPLES: Final = 14_400
"""300 ms from hold audio to the stage: heard as a handover and not as a cut."""

LOUDEST: Final = 1_000.0
"""A mix beyond +60 dBFS is a fault of arithmetic; it is clipped before it is limited."""


class Limiter:
    """A soft peak limiter; its envelope is carried from block to block.

    The envelope rises at once and decays exponentially, and the gain maps it through a knee, so
    that |output| ≤ CEILING for every input, NaN and infinity included.
    """

    def __init__(self) -> None:
        self._envelope = 0.0

    def __call__(self, block: Sound) -> Sound:
        """Limit one block of up to a second; the input is left as it is."""
        level = np.abs(block)
        peak = float(level.max(initial=0.0))
        if peak <= KNEE and self._envelope <= KNEE:
            self._envelope = max(peak, self._envelope * _decay(len(block)))
            return block
        if not peak <= LOUDEST:
            block = np.nan_to_num(block, nan=0.0, posinf=LOUDEST, neginf=-LOUDEST)
            block = np.clip(block, -LOUDEST, LOUDEST)
            level = np.abs(block)
        return self._limited(block, level)

    def _limited(self, block: Sound, level: Sound) -> Sound:
        """Envelope by a running maximum in the decaying frame of reference, then the knee."""
        if not len(block):
            return block
        fall = np.exp(np.arange(1, len(block) + 1) / -RELEASE_SAMPLES)
        risen = np.maximum.accumulate(np.maximum(level / fall, self._envelope))
        envelope = risen * fall
        self._envelope = float(envelope[-1])
        span = CEILING - KNEE
        bent = KNEE + span * np.tanh((envelope - KNEE) / span)
        gain = np.where(envelope > KNEE, bent / np.maximum(envelope, KNEE), 1.0)
        quiet: Sound = np.clip(block * gain, -CEILING, CEILING).astype(np.float32)
        return quiet


class Fader:
    """A fader between hold audio and stage, one position a sample, equal power on the way."""

    def __init__(self, *, on_stage: bool) -> None:
        self._stage = float(CROSSFADE_SAMPLES) if on_stage else 0.0

    @property
    def on_stage(self) -> bool:
        """Nothing but the stage is heard."""
        return self._stage >= CROSSFADE_SAMPLES

    @property
    def on_hold(self) -> bool:
        """Nothing but hold audio is heard."""
        return self._stage <= 0

    def blend(self, hold: Sound, stage: Sound, *, to_stage: bool, speed: float = 1.0) -> Sound:
        """Mix two blocks of one length while moving toward one side.

        `speed` 1 takes 300 ms for the whole way, 3 takes 100 ms.
        """
        if to_stage and self.on_stage:
            return stage
        if not to_stage and self.on_hold:
            return hold
        way = np.arange(1, len(stage) + 1) * (speed if to_stage else -speed)
        place = np.clip(self._stage + way, 0.0, CROSSFADE_SAMPLES)
        self._stage = float(place[-1]) if len(place) else self._stage
        angle = place * (np.pi / 2 / CROSSFADE_SAMPLES)
        mixed: Sound = (hold * np.cos(angle) + stage * np.sin(angle)).astype(np.float32)
        return mixed


def _decay(samples: int) -> float:
    return float(np.exp(-samples / RELEASE_SAMPLES))
