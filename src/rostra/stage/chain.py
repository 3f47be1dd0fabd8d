"""What each voice goes through before it is mixed: noise is suppressed, loudness made equal.

A voice whose noise nobody would hear is not touched but for its gain, and is not delayed. One with
audible noise is delayed by the suppressor's 20 ms, from one of its pauses to another; in pauses
its noise is turned down as far as the suppressor would, without the suppressor's cost.
"""

from collections.abc import Callable
from typing import Final

import numpy as np

from rostra.domain.grid import MIX_BLOCK_SAMPLES
from rostra.stage.gain import AutomaticGain
from rostra.stage.levels import LEVEL_MIN_DBFS, Block
from rostra.stage.noise import NOISE_MAX_DBFS, Activity, NoiseFloor
from rostra.stage.suppression import SUPPRESSOR_DELAY_SAMPLES, Slots, Suppressor, Trust

PAUSE_NOISE_DBFS: Final = -60.0
"""Noise that is louder than this after the gain is heard in the pauses of a talk at -16 LUFS."""

VOICE_NOISE_DBFS: Final = -50.0
"""Noise that is louder than this is heard behind the voice too; below, a suppressor would do the
voice more harm (its output is like the input to 18 dB) than the noise does."""

HYSTERESIS_DB: Final = 6.0
"""How far noise must fall below its bound before it is let alone again."""

VOICE_OVER_NOISE_DB: Final = 6.0
"""Sound whose quietest moments are nearer to its loudness than this is music, and no noise."""

FLOOR_GAIN: Final = 0.126
"""-18 dB: what is left of noise, in pauses by turning down and in speech by mixing a share of the
voice as it came. More would sound like a line that is cut, and lose what is no voice to a model."""

_FADE_IN: Final[Block] = np.linspace(0.0, 1.0, MIX_BLOCK_SAMPLES, dtype=np.float32)
_FADE_OUT: Final[Block] = _FADE_IN[::-1].copy()
_NOTHING: Final[Block] = np.zeros(MIX_BLOCK_SAMPLES, dtype=np.float32)
_NOTHING.setflags(write=False)


class Chain:
    """One voice's chain; its blocks are float32[960], every 20 ms.

    Args:
        suppressor: Makes this voice's suppressor; None where there is none to be had.
    """

    def __init__(self, suppressor: Callable[[], Suppressor] | None) -> None:
        self._make = suppressor
        self._suppressor: Suppressor | None = None
        self._floor, self._activity, self._gain = NoiseFloor(), Activity(), AutomaticGain()
        self._trust = Trust()
        self._noisy = self._spoilt = False
        self._late = False
        """The voice is delayed for the suppressor."""
        self._running = False
        self._before: Block = _NOTHING
        self._factor = 1.0

    @property
    def noise_dbfs(self) -> int:
        """The noise floor of what comes in, -90 to 0; -90 while it is unknown."""
        floor = self._floor.dbfs
        return LEVEL_MIN_DBFS if floor is None else max(round(floor), LEVEL_MIN_DBFS)

    @property
    def gain_db(self) -> float:
        """What the automatic gain adds."""
        return round(self._gain.db, 1)

    @property
    def delay_samples(self) -> int:
        """How late the voice is."""
        return SUPPRESSOR_DELAY_SAMPLES if self._late else 0

    def rest(self) -> None:
        """Nothing is wanted of this voice now."""
        self._before, self._running = _NOTHING, False
        self._gain.pause()

    def __call__(self, block: Block, slots: Slots) -> Block:
        """Send one block through; what no microphone sends is clipped to full scale first."""
        power = float(np.dot(block, block)) / MIX_BLOCK_SAMPLES
        if not power <= 1.0:
            block = np.clip(np.nan_to_num(block), -1.0, 1.0)
            power = float(np.dot(block, block)) / MIX_BLOCK_SAMPLES
        self._floor.take(power)
        active = self._activity.take(power, self._floor.dbfs)
        self._judge()
        sound = self._timed(block, slots, active=active)
        self._before = block
        if active:
            self._gain.speech(sound)
        else:
            self._gain.pause()
        return self._amplified(sound, active=active)

    def _judge(self) -> None:
        """Whether what lies behind the voice is noise that is heard."""
        floor, loudness = self._floor.dbfs, self._gain.lufs
        if floor is None:
            return
        music = floor > NOISE_MAX_DBFS or (
            loudness is not None and loudness - floor < VOICE_OVER_NOISE_DB
        )
        level = floor + self._gain.db
        pause_bound = PAUSE_NOISE_DBFS - HYSTERESIS_DB * self._noisy
        voice_bound = VOICE_NOISE_DBFS - HYSTERESIS_DB * self._spoilt
        self._noisy = not music and level > pause_bound
        self._spoilt = not music and level > voice_bound

    def _timed(self, block: Block, slots: Slots, *, active: bool) -> Block:
        """The block as it came, or the one before, with less noise if there is a slot."""
        self._trust.tick()
        late = self._spoilt and self._make is not None and not self._trust.doubted
        if late != self._late and not active:
            self._late, self._running = late, False
            old, new = (block, self._before) if late else (self._before, block)
            return old * _FADE_OUT + new * _FADE_IN
        if not self._late:
            if self._spoilt and active and self._make is None:
                slots.refuse()
            return block
        wanted = late and (active or self._running)
        if self._make is None or not (wanted and slots.take(self)):
            self._running = False
            return self._before
        sound = self._suppressed(block, self._make)
        self._running = active
        return sound

    def _suppressed(self, block: Block, make: Callable[[], Suppressor]) -> Block:
        if self._suppressor is None:
            self._suppressor = make()
        if not self._running:
            self._suppressor(self._before)
        clean, voice = self._suppressor(block)
        self._trust.weigh(self._before, clean, voice)
        return clean * np.float32(1.0 - FLOOR_GAIN) + self._before * np.float32(FLOOR_GAIN)

    def _amplified(self, sound: Block, *, active: bool) -> Block:
        """Move to the gain of now within the block; in a pause noise is turned down."""
        before, now = self._factor, float(10.0 ** (self._gain.db / 20.0))
        if self._noisy and not active:
            now *= FLOOR_GAIN
        self._factor = now
        if before == now:
            return sound if now == 1.0 else sound * np.float32(now)
        return sound * (np.float32(before) + np.float32(now - before) * _FADE_IN)
