"""The benchmark of T0 finds a crossfade where it was made, and a voice however late it comes."""

import numpy as np
import pytest
from benchmarks.crossfade import AROUND_SAMPLES, FADE_SAMPLES, STEPS_SAMPLES, lag, middle

from rostra.programme.limiter import CROSSFADE_SAMPLES, Fader

SIZE = 2 * AROUND_SAMPLES
CHANCE = np.random.default_rng(5)
HOLD = (0.2 * np.sin(np.arange(SIZE) / 37)).astype(np.float32)
SAID = CHANCE.normal(0, 0.1, SIZE).astype(np.float32)


def test_the_length_is_the_faders() -> None:
    assert FADE_SAMPLES == CROSSFADE_SAMPLES


@pytest.mark.parametrize("off_ms", [-200, 3, 180])
def test_the_middle_is_found_within_a_millisecond(off_ms: int) -> None:
    begin = AROUND_SAMPLES + off_ms * 48 - FADE_SAMPLES // 2
    fader = Fader(on_stage=False)
    heard = np.concatenate(
        [HOLD[:begin], fader.blend(HOLD[begin:], 0.05 * SAID[begin:], to_stage=True)]
    )
    heard = (0.8 * heard + CHANCE.normal(0, 0.01, SIZE)).astype(np.float32)
    assert abs(middle(heard, HOLD) - off_ms * 48) <= 2 * STEPS_SAMPLES[-1]


@pytest.mark.parametrize("late", [-900, 0, 2_880])
def test_a_voice_is_found_again_however_late(late: int) -> None:
    heard = np.roll(SAID, late) * 0.5
    off, surely = lag(heard, SAID, 4_800)
    assert off == late
    assert surely > 0.9
