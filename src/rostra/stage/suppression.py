"""Who is freed of noise: as many voices as there is time for, and none that would suffer."""

from typing import Final, Protocol

import numpy as np

from rostra.domain.grid import MIX_BLOCK_SAMPLES
from rostra.stage.levels import Block

SUPPRESSOR_DELAY_SAMPLES: Final = MIX_BLOCK_SAMPLES
"""20 ms: what a suppressor gives for a block is the block before, without its noise."""

SUPPRESSED_MAX: Final = 3
"""Voices that are suppressed at once, 2.3 % of a core each, and 4 % where caches are contended: of
more people who speak at the same time nobody hears the rooms."""

VOICE_SURE: Final = 0.6
"""From this probability on a block is taken for a voice by the suppressor itself."""

KEPT_MIN: Final = 0.7
"""-1.5 dB: of what it takes for a voice, a suppressor that hears rightly leaves -0.2 dB; one that
is at odds with a voice (a synthetic one, say) takes 4 to 6 dB of it."""

EVIDENCE_BLOCKS: Final = 25
"""Half a second of voice, before it is judged."""

MEMORY: Final = 0.99
"""What is remembered of the evidence from block to block: two seconds of voice."""

DOUBT_BLOCKS: Final = 3_000
"""A minute until a voice that suffered is tried again: it may be another person by then."""


class Suppressor(Protocol):
    """Takes the noise out of one voice."""

    def __call__(self, block: Block) -> tuple[Block, float]:
        """Take float32[960]; return the block before without its noise, and how surely it is voice.

        The probability is 0 to 1.
        """
        ...


class Slots:
    """Who may be suppressed now; one for a stage. Who does not take it in a block gives it back."""

    def __init__(self, slots: int = SUPPRESSED_MAX) -> None:
        self._slots = slots
        self._had: set[int] = set()
        self._has: set[int] = set()
        self.refused_blocks = 0
        """Blocks of noisy voices that went without: for want of a slot, or of a suppressor."""

    def turn(self) -> None:
        """A block begins."""
        self._had, self._has = self._has, set()

    def refuse(self) -> None:
        """A noisy voice goes without."""
        self.refused_blocks += 1

    def take(self, owner: object) -> bool:
        """Have a slot in this block, first those who had it before; False if there is none."""
        if id(owner) not in self._had and len(self._had | self._has) >= self._slots:
            self.refuse()
            return False
        self._has.add(id(owner))
        return True


class Trust:
    """Whether the suppressor leaves one voice whole."""

    def __init__(self) -> None:
        self._came = self._left = 0.0
        self._blocks = 0
        self._doubt = 0

    @property
    def doubted(self) -> bool:
        """The voice suffered, and is let alone for now."""
        return self._doubt > 0

    def tick(self) -> None:
        """A block has passed."""
        self._doubt = max(self._doubt - 1, 0)

    def weigh(self, came: Block, left: Block, voice: float) -> None:
        """Compare a block with what was left of it, if the suppressor took it for a voice."""
        if voice < VOICE_SURE:
            return
        self._came = self._came * MEMORY + float(np.dot(came, came))
        self._left = self._left * MEMORY + float(np.dot(left, left))
        self._blocks += 1
        if self._blocks >= EVIDENCE_BLOCKS and self._left < KEPT_MIN * self._came:
            self._came = self._left = 0.0
            self._blocks, self._doubt = 0, DOUBT_BLOCKS
