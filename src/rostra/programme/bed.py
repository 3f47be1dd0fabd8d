"""The hold programme's sound: a loop that goes round and round, and what is spoken over it.

The loop lies on the run's grid, so that an edge that fills a gap plays the same place of it. It
is ducked under speech, and no speech reaches into the crossfade at T0.
"""

from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np

from rostra.domain.errors import HouseError
from rostra.domain.grid import HOLD_LOOP_SAMPLES, MIX_BLOCK_SAMPLES, SAMPLE_RATE_HZ
from rostra.programme.limiter import CROSSFADE_SAMPLES, Sound

DUCK_DB: Final = -12.0
"""The loop under speech: still there, and no word is lost in it."""

RAMP_SAMPLES: Final = 14_400
"""300 ms down before the first word, and 300 ms up after the last."""

CLEAR_SAMPLES: Final = SAMPLE_RATE_HZ
"""Nobody talks in the last second before T0: the crossfade is the stage's."""

HUSH_SAMPLES: Final = 5 * MIX_BLOCK_SAMPLES
"""100 ms: speech that the stage or a nearer T0 interrupts fades, and does not break off."""

SAYINGS_WAITING_MAX: Final = 4
"""Announcements one after the other; more would talk for half a minute, and late."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """An announcement as sound: mono at 48 kHz, of any length.

    It is not begun after `until_pts`: what it says is true for a moment only.
    """

    pcm: Sound
    text: str
    language: str
    until_pts: int


def fits(pts: int, samples: int, t0_pts: int | None) -> bool:
    """Whether so much speech, begun now, is over with its ramps a second before T0."""
    if t0_pts is None:
        return True
    return pts + RAMP_SAMPLES + samples + RAMP_SAMPLES <= t0_pts - CLEAR_SAMPLES


class Bed:
    """Makes hold audio block by block, in the clock's thread; `play` and `say` from any thread.

    Args:
        loop: float32 mono at 48 kHz, a multiple of 46,080 samples; HouseError if it is not.
    """

    def __init__(self, loop: Sound) -> None:
        self._loop = _checked(loop)
        self._before: Sound | None = None
        self._changed = 0
        self._coming: deque[Sound] = deque(maxlen=1)
        self._waiting: deque[Spoken] = deque()
        self._now: Spoken | None = None
        self._pcm: Sound = np.zeros(0, np.float32)
        self._at = 0
        self._duck = 0
        self.unsaid = 0
        """Announcements that were not begun: too late, too long before T0, or too many."""

    def play(self, loop: Sound) -> None:
        """Go over to another loop within 300 ms."""
        self._coming.append(_checked(loop))

    def say(self, spoken: Spoken) -> None:
        """Speak as soon as what is spoken before is over."""
        if len(self._waiting) >= SAYINGS_WAITING_MAX:
            self.unsaid += 1
            return
        self._waiting.append(spoken)

    def block(self, pts: int, *, t0_pts: int | None, heard: bool) -> tuple[Sound, Spoken | None]:
        """The 20 ms at `pts`, and the announcement whose first word is in them, if any.

        Args:
            pts: where the block lies in the run.
            t0_pts: the middle of the crossfade that is planned.
            heard: whether listeners hear the hold programme; nothing is said to nobody.
        """
        self._choose(pts, t0_pts, heard=heard)
        music = self._music(pts) * self._gain()
        first = self._now if self._at == 0 else None
        return self._with_speech(music), first

    def _choose(self, pts: int, t0_pts: int | None, *, heard: bool) -> None:
        near = t0_pts is not None and pts + HUSH_SAMPLES >= t0_pts - CLEAR_SAMPLES
        if self._now is not None and (near or not heard):
            self._hush()
        while self._now is None and self._waiting:
            spoken = self._waiting.popleft()
            if heard and pts <= spoken.until_pts and fits(pts, len(spoken.pcm), t0_pts):
                self._now, self._pcm, self._at = spoken, spoken.pcm, -RAMP_SAMPLES
            else:
                self.unsaid += 1

    def _hush(self) -> None:
        rest = len(self._pcm) - self._at
        if self._at < 0:
            self._now = None
        elif rest > HUSH_SAMPLES:
            piece = self._pcm[self._at : self._at + HUSH_SAMPLES]
            self._pcm = piece * np.linspace(1, 0, HUSH_SAMPLES, dtype=np.float32)
            # Not 0: its first word was told.
            self._pcm, self._at = np.concatenate((self._pcm[:1], self._pcm)), 1

    def _music(self, pts: int) -> Sound:
        if self._coming:
            self._before, self._loop = self._loop, self._coming.popleft()
            self._changed = 0
        block = _piece(self._loop, pts)
        if self._before is None:
            return block
        way = self._changed + np.arange(1, MIX_BLOCK_SAMPLES + 1)
        angle = np.minimum(way / CROSSFADE_SAMPLES, 1) * (np.pi / 2)
        mixed: Sound = _piece(self._before, pts) * np.cos(angle) + block * np.sin(angle)
        self._changed += MIX_BLOCK_SAMPLES
        if self._changed >= CROSSFADE_SAMPLES:
            self._before = None
        return mixed.astype(np.float32)

    def _gain(self) -> Sound | np.float32:
        """The loop's gain over the block, on its way to where it should be."""
        aim = RAMP_SAMPLES if self._now is not None else 0
        if self._duck == aim:
            return np.float32(10 ** (DUCK_DB / 20) if aim else 1.0)
        step = 1 if aim else -1
        way = self._duck + step * np.arange(1, MIX_BLOCK_SAMPLES + 1)
        self._duck += step * MIX_BLOCK_SAMPLES
        gain: Sound = (10 ** (DUCK_DB / 20 * way / RAMP_SAMPLES)).astype(np.float32)
        return gain

    def _with_speech(self, music: Sound) -> Sound:
        if self._now is None:
            return music
        if self._at >= 0:
            piece = self._pcm[self._at : self._at + MIX_BLOCK_SAMPLES]
            music[: len(piece)] += piece
        self._at += MIX_BLOCK_SAMPLES
        if self._at >= len(self._pcm):
            self._now = None
        return music


def _piece(loop: Sound, pts: int) -> Sound:
    start = pts % len(loop)
    return loop[start : start + MIX_BLOCK_SAMPLES]


def _checked(loop: Sound) -> Sound:
    if not len(loop) or len(loop) % HOLD_LOOP_SAMPLES:
        sentence = f"Hold audio of {len(loop)} samples is no multiple of 46,080."
        raise HouseError(sentence)
    return loop.astype(np.float32)
