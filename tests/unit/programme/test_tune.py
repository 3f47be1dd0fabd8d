import numpy as np

from rostra.domain.grid import HOLD_LOOP_SAMPLES
from rostra.programme.limiter import CEILING
from rostra.programme.tune import LOUDNESS_RMS, TUNE_SAMPLES, tune


def test_the_tune_is_seamless_calm_and_on_the_grid() -> None:
    sound = tune()
    assert len(sound) == TUNE_SAMPLES
    assert TUNE_SAMPLES % HOLD_LOOP_SAMPLES == 0
    assert np.abs(sound).max() < CEILING
    assert abs(float(np.sqrt(np.mean(sound**2))) - LOUDNESS_RMS) < 0.001
    inner = np.abs(np.diff(sound)).max()
    assert abs(float(sound[0]) - float(sound[-1])) < inner
    assert abs(float(np.mean(sound))) < 0.001
    seconds = np.sqrt(np.mean(sound.reshape(-1, 46_080) ** 2, axis=1))
    assert seconds.min() > 0.4 * seconds.max()
