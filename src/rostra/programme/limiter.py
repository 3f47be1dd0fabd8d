"""Keeps the true peak of the mix below its ceiling, and fades between hold audio and stage."""

from typing import Final

import numpy as np
import numpy.typing as npt

from rostra.programme.true_peak import GAIN_MAX, HALF_TAPS, TAPS, true_peaks

Sound = npt.NDArray[np.float32]
"""Mono samples at 48 kHz, nominally within -1…1."""

CEILING: Final = 0.794
"""-2 dBTP, below the -1 dBTP that a programme may have: AAC at 48 kbit/s adds 0.9 dB to a voice
that is limited by a few decibels (and 3 dB to the pulses of a synthetic one)."""

RELEASE_SAMPLES: Final = 2_400
"""The gain comes back over 50 ms: before the next syllable, and after several waves of the voice.
200 ms would cost a voice with high peaks half a decibel of loudness more."""

CROSSFADE_SAMPLES: Final = 14_400
"""300 ms from hold audio to the stage: heard as a handover and not as a cut."""

LOUDEST: Final = 32.0
"""+30 dBFS: twenty voices at full scale are 20. What is beyond is clipped before it is limited."""

LOOK_SAMPLES: Final = (132, 50)
"""How far each of the two passes sees: 2.8 ms to turn a loud word down without a click, and 1 ms
for what the turning itself has added between samples."""

LIMITER_DELAY_SAMPLES: Final = sum(look + HALF_TAPS - 1 for look in LOOK_SAMPLES)
"""192 samples, 4 ms: output i is input i - 192. Who needs the input's places drops the first 192
of the output. With more, a message's last AAC unit would wait for another block of 20 ms."""


class Limiter:
    """A peak limiter with look-ahead; what it carries from block to block is bounded.

    Two passes of the same kind: the first lowers the gain on a ramp that has its end before the
    peak, the second corrects what that ramp added between samples. The true peak of the output
    (ITU-R BS.1770-4, annex 2) is at most CEILING, NaN and infinity included; sound that does not
    reach it passes without a changed bit, LIMITER_DELAY_SAMPLES late.
    """

    def __init__(self) -> None:
        self._passes = [_Pass(look) for look in LOOK_SAMPLES]

    def __call__(self, block: Sound) -> Sound:
        """Limit one block of up to a second; returns as many samples, LIMITER_DELAY_SAMPLES late.

        The input is left as it is.
        """
        if not float(np.abs(block).max(initial=0.0)) <= LOUDEST:
            block = np.nan_to_num(block, nan=0.0, posinf=LOUDEST, neginf=-LOUDEST)
            block = np.clip(block, -LOUDEST, LOUDEST)
        for one in self._passes:
            block = one(block)
        return block


class _Pass:
    """Sees `look` samples ahead; its output is `look` + 5 samples late."""

    def __init__(self, look: int) -> None:
        self._look = look
        self._past: Sound = np.zeros(look + HALF_TAPS - 1, np.float32)
        self._needs: Sound = np.ones(2 * look - 1, np.float32)
        self._envelope = 0.0
        self._calm = len(self._needs)
        """Samples since the gain had to be below one."""

    def __call__(self, block: Sound) -> Sound:
        count = len(block)
        joined = np.concatenate((self._past, block))
        self._past = joined[count:]
        heard = joined[:count]
        needs = self._needed(joined[1 - TAPS - count :]) if count else None
        if needs is None:
            self._calm += count
            if self._calm - count >= len(self._needs):
                return heard
            needs = np.ones(count, np.float32)
        else:
            self._calm = 0
        gain = self._ramp(needs)
        limited: Sound = np.clip(heard * gain, -CEILING, CEILING).astype(np.float32)
        return limited

    def _needed(self, sound: Sound) -> Sound | None:
        """The gain that each new sample's true peak needs; None if that is one throughout.

        The envelope rises at once and decays exponentially: a running maximum in the decaying
        frame of reference.
        """
        count = len(sound) - TAPS + 1
        decayed = self._envelope * float(np.exp(-count / RELEASE_SAMPLES))
        calm = self._envelope <= CEILING
        if calm and float(np.abs(sound).max()) * GAIN_MAX <= CEILING:
            self._envelope = decayed
            return None
        peaks = true_peaks(sound)
        if calm and float(peaks.max()) <= CEILING:
            self._envelope = max(decayed, float(peaks[-1]))
            return None
        fall = np.exp(np.arange(1, count + 1) / -RELEASE_SAMPLES)
        envelope = np.maximum.accumulate(np.maximum(peaks / fall, self._envelope)) * fall
        self._envelope = float(envelope[-1])
        needs: Sound = (CEILING / np.maximum(envelope, CEILING)).astype(np.float32)
        return needs

    def _ramp(self, needs: Sound) -> npt.NDArray[np.float64]:
        """The mean over `look` of the least over `look` + 1: down in time, and never too late."""
        joined = np.concatenate((self._needs, needs))
        self._needs = joined[len(needs) :]
        sums = np.cumsum(_least(joined, self._look + 1), dtype=np.float64)
        sums = np.concatenate((np.zeros(1), sums))
        gain: npt.NDArray[np.float64] = (sums[self._look :] - sums[: -self._look]) / self._look
        return gain


def _least(values: Sound, width: int) -> Sound:
    """The least of each `width` neighbours; `width` - 1 fewer than there are values."""
    reach, least = 1, values
    while 2 * reach <= width:
        least = np.minimum(least[:-reach], least[reach:])
        reach *= 2
    rest = width - reach
    return np.minimum(least[: len(least) - rest], least[rest:]) if rest else least


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
