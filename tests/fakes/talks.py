"""Recorded voices as blocks of 20 ms, louder or quieter, with the noise of a room behind them."""

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rostra.domain.grid import MIX_BLOCK_SAMPLES
from rostra.stage.drivers.soundfile import blocks
from rostra.stage.levels import Block

DATA = Path(__file__).parents[1] / "data"


@cache
def voice(name: str) -> Block:
    """The samples of `tests/data/NAME.opus`, whole blocks."""
    sound = np.concatenate(list(blocks(DATA / f"{name}.opus")))
    sound.setflags(write=False)
    return sound


def noise(samples: int, dbfs: float, seed: int = 1) -> Block:
    """White noise of this RMS."""
    chance = np.random.default_rng(seed)
    return chance.normal(0.0, 10.0 ** (dbfs / 20.0), samples).astype(np.float32)


def said(name: str, gain_db: float = 0.0, noise_dbfs: float = -120.0, times: int = 1) -> Block:
    """A recorded voice, repeated, with noise behind it; whole blocks."""
    sound = np.tile(voice(name), times) * np.float32(10.0 ** (gain_db / 20.0))
    whole: Block = sound + noise(len(sound), noise_dbfs)
    return whole


def cut(sound: Block) -> NDArray[np.float32]:
    """Whole blocks, one a row."""
    return sound[: len(sound) // MIX_BLOCK_SAMPLES * MIX_BLOCK_SAMPLES].reshape(
        -1, MIX_BLOCK_SAMPLES
    )
