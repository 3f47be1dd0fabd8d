"""What becomes of a source that howls: down at once, up again in small steps when it is safe."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rostra.domain.grid import MIX_BLOCK_SAMPLES, SAMPLE_RATE_HZ

_A_SECOND: Final = SAMPLE_RATE_HZ // MIX_BLOCK_SAMPLES

DEEP_DB: Final = -24.0
"""For the first second: what is on its way through the house returns, and has to die."""
DEEP_BLOCKS: Final = _A_SECOND

LOW_DB: Final = -14.0
"""Afterwards: a loop of +6 dB is 8 dB short of howling, and one still hears who speaks."""
LOWEST_DB: Final = -40.0
"""As good as muted: a loop that needs more than this is no loop of this house."""
MARGIN_DB: Final = 8.0
"""By how much a loop is kept short of howling."""

WAIT_BLOCKS: Final = 4 * _A_SECOND
"""Without a sign of the loop for so long, the source is tried again."""
WAIT_BLOCKS_MAX: Final = 64 * _A_SECOND
"""Each trial that fails doubles the wait, up to a minute."""

STEP_DB: Final = 2.0
"""A trial's step: a loop that is back grows by no more than it before the next look."""
STEP_BLOCKS: Final = 25
"""Half a second: one round of the longest loop, and the look at it."""

FORGIVEN_BLOCKS: Final = 30 * _A_SECOND
"""After so long at full gain a new howl is a new one."""


class Stand(StrEnum):
    """Where a source stands."""

    OPEN = "open"
    DOWN = "down"
    TRIAL = "trial"


@dataclass(slots=True)
class Ducking:
    """The gain of one source, one block at a time."""

    stand: Stand = Stand.OPEN
    gain_db: float = 0.0
    _since: int = 0
    _low_db: float = LOW_DB
    _wait: int = WAIT_BLOCKS
    _quiet: int = 0
    _relapses: bool = False

    @property
    def howls(self) -> bool:
        """Whether the source is held down, or on trial."""
        return self.stand is not Stand.OPEN

    @property
    def gain(self) -> float:
        """The same as a factor."""
        return float(10 ** (self.gain_db / 20)) if self.gain_db else 1.0

    @property
    def returned(self) -> bool:
        """What was on its way when the source was turned down has come back by now."""
        return self.stand is Stand.DOWN and self._since == DEEP_BLOCKS // 2

    def alarm(self, loop_db: float) -> None:
        """The source howls, or is about to; `loop_db` is what its loop is held to gain."""
        if self.stand is Stand.TRIAL or (self.stand is Stand.OPEN and self._relapses):
            self._wait = min(2 * self._wait, WAIT_BLOCKS_MAX)
        if self.stand is not Stand.DOWN:
            self._since = 0
            self._low_db = LOW_DB
        self.stand = Stand.DOWN
        self._low_db = max(LOWEST_DB, min(self._low_db, -loop_db - MARGIN_DB))
        self._quiet = 0
        self.gain_db = min(DEEP_DB, self._low_db) if self._since < DEEP_BLOCKS else self._low_db

    def turn(self, *, heard_again: bool) -> None:
        """One block has passed; `heard_again` if the mix is still heard in the source."""
        self._since += 1
        self._quiet = 0 if heard_again and self.howls else self._quiet + 1
        match self.stand:
            case Stand.OPEN:
                if self._quiet > FORGIVEN_BLOCKS:
                    self._relapses, self._wait = False, WAIT_BLOCKS
            case Stand.DOWN:
                if self._since >= DEEP_BLOCKS:
                    self.gain_db = self._low_db
                if self._quiet >= self._wait:
                    self.stand, self._since = Stand.TRIAL, 0
            case Stand.TRIAL:
                self._try()

    def _try(self) -> None:
        if self._since % STEP_BLOCKS:
            return
        if self.gain_db >= 0.0:
            self.stand, self._quiet, self._relapses = Stand.OPEN, 0, True
        self.gain_db = min(0.0, self.gain_db + STEP_DB)
