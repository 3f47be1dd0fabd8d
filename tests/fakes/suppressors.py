"""Suppressors that take away what a test says."""

import numpy as np

from rostra.domain.grid import MIX_BLOCK_SAMPLES
from rostra.stage.levels import Block


class Damping:
    """Gives the block before, turned down by `factor`, as voice of probability `voice`."""

    def __init__(self, factor: float = 1.0, voice: float = 1.0) -> None:
        self._factor, self._voice = factor, voice
        self._before = np.zeros(MIX_BLOCK_SAMPLES, np.float32)
        self.calls = 0

    def __call__(self, block: Block) -> tuple[Block, float]:
        self.calls += 1
        before, self._before = self._before, block
        return before * np.float32(self._factor), self._voice
