"""Invariant: whatever a voice sends, its chain gives finite blocks, at a gain within its limits."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tests.fakes.suppressors import Damping

from rostra.stage.chain import Chain
from rostra.stage.gain import GAIN_DB_MAX, GAIN_DB_MIN
from rostra.stage.levels import Block
from rostra.stage.suppression import Slots

PIECES = 24

ONE = arrays(np.float32, 960 // PIECES, elements=st.floats(width=32) | st.floats(-1, 1, width=32))
RUNS = st.lists(st.tuples(ONE, st.integers(1, 60), st.booleans()), max_size=4)


@settings(max_examples=40)
@given(RUNS, st.booleans())
def test_any_sound_leaves_the_chain_finite(
    runs: list[tuple[Block, int, bool]],
    can_suppress: bool,  # noqa: FBT001 - drawn
) -> None:
    chain, slots = Chain(Damping if can_suppress else None), Slots(1)
    for piece, times, rests in runs:
        block = np.tile(piece, PIECES)
        if rests:
            chain.rest()
        for _ in range(times):
            slots.turn()
            with np.errstate(over="ignore", invalid="ignore"):
                out = chain(block, slots)
            assert out.shape == (960,)
            assert np.isfinite(out).all()
            assert GAIN_DB_MIN <= chain.gain_db <= GAIN_DB_MAX
            assert -90 <= chain.noise_dbfs <= 0
