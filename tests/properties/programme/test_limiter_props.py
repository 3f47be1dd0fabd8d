import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rostra.programme.limiter import CEILING, Fader, Limiter, Sound

blocks = st.lists(arrays(np.float32, 64, elements=st.floats(width=32)), min_size=1, max_size=6)


@given(blocks)
def test_whatever_comes_in_what_goes_out_is_finite_and_below_the_ceiling(
    sounds: list[Sound],
) -> None:
    limiter = Limiter()
    for sound in sounds:
        out = limiter(sound)
        assert out.dtype == np.float32
        assert np.isfinite(out).all()
        assert np.abs(out).max(initial=0.0) <= CEILING


@given(st.lists(arrays(np.float32, 64, elements=st.floats(-0.625, 0.625, width=32)), max_size=6))
def test_below_the_knee_every_bit_passes(sounds: list[Sound]) -> None:
    limiter = Limiter()
    assert all(np.array_equal(limiter(sound), sound) for sound in sounds)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 960)), max_size=60))
def test_a_fader_never_jumps(moves: list[tuple[bool, int]]) -> None:
    fader = Fader(on_stage=False)
    heard = [np.zeros(1, np.float32)]
    for to_stage, count in moves:
        hold, stage = np.zeros(count, np.float32), np.ones(count, np.float32)
        heard.append(fader.blend(hold, stage, to_stage=to_stage))
    gain = np.concatenate(heard)
    assert np.abs(np.diff(gain)).max(initial=0.0) < 0.000_12
    assert gain.min() >= 0
    assert gain.max() <= 1
