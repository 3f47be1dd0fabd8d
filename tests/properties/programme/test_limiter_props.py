"""Invariant: the limiter's output is finite and its true peak at or below the ceiling."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rostra.programme.limiter import CEILING, LIMITER_DELAY_SAMPLES, Fader, Limiter, Sound
from rostra.programme.true_peak import TAPS, true_peak_dbtp

FLUSH = np.zeros(LIMITER_DELAY_SAMPLES + 2 * TAPS, np.float32)
CEILING_DBTP = 20 * np.log10(CEILING)

anything = st.floats(width=32) | st.floats(-40, 40, width=32)
blocks = st.lists(
    st.integers(0, 400).flatmap(lambda n: arrays(np.float32, n, elements=anything)), max_size=6
)


@given(blocks)
def test_whatever_comes_in_no_true_peak_that_goes_out_is_above_the_ceiling(
    sounds: list[Sound],
) -> None:
    limiter = Limiter()
    out = np.concatenate([limiter(sound) for sound in (*sounds, FLUSH)])
    assert len(out) == sum(map(len, sounds)) + len(FLUSH)
    assert out.dtype == np.float32
    assert np.isfinite(out).all()
    assert np.abs(out).max() <= CEILING
    assert true_peak_dbtp(out) <= CEILING_DBTP + 0.1


@given(st.integers(0, 2**32 - 1), st.floats(-20, 40), st.floats(0, 3))
def test_noise_of_any_loudness_and_unevenness_stays_below_it_too(
    seed: int, gain_db: float, unevenness: float
) -> None:
    chance = np.random.default_rng(seed)
    noise = chance.normal(0, 1, 400) * np.exp(chance.normal(0, unevenness, 400))
    limiter = Limiter()
    sound = (10 ** (gain_db / 20) * noise).astype(np.float32)
    out = np.concatenate([limiter(sound[:137]), limiter(sound[137:]), limiter(FLUSH)])
    assert true_peak_dbtp(out) <= CEILING_DBTP + 0.1


@given(
    st.lists(
        arrays(np.float32, 64, elements=st.floats(-0.34375, 0.34375, width=32)),
        min_size=1,
        max_size=20,
    )
)
def test_below_the_ceiling_every_bit_passes(sounds: list[Sound]) -> None:
    limiter = Limiter()
    heard = np.concatenate([limiter(sound) for sound in (*sounds, FLUSH)])
    said = np.concatenate(sounds)
    assert np.array_equal(heard[LIMITER_DELAY_SAMPLES:][: len(said)], said)


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
