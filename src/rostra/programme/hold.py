"""Decides whether listeners hear the stage or hold audio: the programme never stops.

Before a space is live, and while it is interrupted, hold audio is heard. Live, the stage is
heard, its silence included; only a silence that a listener must take for a fault gives way to
hold audio, until somebody speaks again. A lost packet, or a speaker whose line comes back, is far
below that: nobody hears a second of music for it.
"""

from enum import StrEnum
from typing import Final

import numpy as np

from rostra.domain.grid import MIX_BLOCK_SAMPLES, SAMPLE_RATE_HZ
from rostra.domain.space import State
from rostra.programme.limiter import Sound

HOLD_AFTER_EMPTY_S: Final = 20
"""Live with nobody connected: a lost connection comes back within 20 s or not soon."""

HOLD_AFTER_QUIET_S: Final = 90
"""People are on stage but say nothing: a minute's silence is held, a forgotten stage is not."""

TALK_AGAIN: Final = 0.006
"""-44 dBFS RMS over 20 ms: a voice brings the stage back from hold audio."""

TALK_STILL: Final = 0.0018
"""-55 dBFS RMS: while the stage is heard a quieter voice keeps it; the gap is the hysteresis."""

_BLOCKS_PER_S: Final = SAMPLE_RATE_HZ // MIX_BLOCK_SAMPLES


class Source(StrEnum):
    """What listeners hear."""

    HOLD = "hold"
    STAGE = "stage"


def loudness(block: Sound) -> float:
    """Root mean square of a block; 0 for an empty one, infinity for arithmetic gone wrong."""
    if not len(block):
        return 0.0
    mean = float(np.dot(block, block)) / len(block)
    return mean**0.5 if mean < float("inf") else float("inf")


class HoldRules:
    """The choice for each block of a run; time is told by block numbers (20 ms each)."""

    def __init__(self) -> None:
        self.source = Source.HOLD
        self.hurry = False
        """The stage comes back, after a break or because somebody speaks: fade fast, the first word
    counts."""
        self._last_here = 0
        self._last_talk = 0
        self._live = False
        self._broken = False

    def decide(self, block: int, state: State, *, anybody_here: bool, rms: float) -> Source:
        """Return what is heard in `block`.

        Args:
            block: Number of the 20 ms block since the run's epoch, never falling.
            state: The space's state now.
            anybody_here: Somebody is connected to the stage.
            rms: Loudness of the stage's mix in this block.
        """
        live = state not in (State.SCHEDULED, State.LOBBY, State.INTERRUPTED)
        if live and not self._live:
            self._last_here = self._last_talk = block
            self.source = Source.STAGE
            self.hurry = self._broken
        self._live, self._broken = live, state is State.INTERRUPTED
        if not live:
            self.source = Source.HOLD
        elif state is State.LIVE:
            self._listen(block, anybody_here=anybody_here, rms=rms)
        return self.source

    def _listen(self, block: int, *, anybody_here: bool, rms: float) -> None:
        if anybody_here:
            self._last_here = block
        if rms >= (TALK_STILL if self.source is Source.STAGE else TALK_AGAIN):
            self._last_talk = block
            self.hurry = self.hurry or self.source is Source.HOLD
            self.source = Source.STAGE
            return
        empty = block - self._last_here >= HOLD_AFTER_EMPTY_S * _BLOCKS_PER_S
        quiet = block - self._last_talk >= HOLD_AFTER_QUIET_S * _BLOCKS_PER_S
        long_since_talk = block - self._last_talk >= HOLD_AFTER_EMPTY_S * _BLOCKS_PER_S
        if quiet or (empty and long_since_talk):
            self.source = Source.HOLD
