import numpy as np
import pytest

from rostra.programme.limiter import (
    CEILING,
    CROSSFADE_SAMPLES,
    LIMITER_DELAY_SAMPLES,
    LOUDEST,
    Fader,
    Limiter,
    Sound,
)
from rostra.programme.true_peak import FILTER, GAIN_MAX, true_peak_dbtp, true_peaks


def tone(amplitude: float, samples: int = 960) -> Sound:
    wave = amplitude * np.sin(2 * np.pi * 440 * np.arange(samples) / 48_000)
    return wave.astype(np.float32)


def limited(limiter: Limiter, sound: Sound) -> Sound:
    """The sound at its own places: the limiter's delay is run out of it."""
    fed = np.concatenate((sound, np.zeros(LIMITER_DELAY_SAMPLES, np.float32)))
    blocks = [limiter(fed[start : start + 960]) for start in range(0, len(fed), 960)]
    return np.concatenate(blocks)[LIMITER_DELAY_SAMPLES:]


def test_sound_below_the_ceiling_is_late_and_else_not_changed_by_a_bit() -> None:
    quiet = tone(CEILING * 0.97, 9_600)
    assert np.array_equal(limited(Limiter(), quiet), quiet)


def test_a_loud_tone_stays_below_the_ceiling_and_keeps_its_shape() -> None:
    loud = limited(Limiter(), tone(3.0, 9_600))
    assert 0.95 * CEILING < np.abs(loud).max() <= CEILING
    assert np.corrcoef(loud[4_800:], tone(3.0, 9_600)[4_800:])[0, 1] > 0.999


def test_peaks_between_the_samples_are_kept_below_the_ceiling_too() -> None:
    phase = np.pi / 4 + 2 * np.pi * 12_000 / 48_000 * np.arange(9_600)
    hidden = (1.2 * CEILING * np.sin(phase)).astype(np.float32)
    assert np.abs(hidden).max() < CEILING
    assert true_peak_dbtp(hidden) > 20 * np.log10(CEILING) + 1
    out = limited(Limiter(), hidden)
    assert true_peak_dbtp(out) <= 20 * np.log10(CEILING) + 0.01


def test_a_true_peak_lies_at_most_twice_as_high_as_its_samples() -> None:
    worst = np.sign(FILTER[1]).astype(np.float32)
    assert true_peaks(worst)[0] == pytest.approx(GAIN_MAX)
    assert true_peak_dbtp(np.zeros(100, np.float32)) == -120.0


def test_the_gain_goes_down_before_the_peak_and_without_a_click() -> None:
    steady = np.full(9_600, 0.5, np.float32)
    steady[5_000] = 4.0
    gain = limited(Limiter(), steady) / steady
    assert gain[4_700] == 1.0
    assert 0.1 < gain[5_000] < 0.2
    assert np.abs(np.diff(gain)).max() < 0.01


def test_the_gain_comes_back_after_the_peak() -> None:
    loud, after = tone(2.0), tone(0.3, 60 * 960)
    heard = limited(Limiter(), np.concatenate((loud, after)))[960:]
    assert np.abs(heard[:960]).max() < 0.29
    assert np.array_equal(heard[-960:], after[-960:])


def test_sums_gone_wrong_are_heard_as_loud_and_no_worse() -> None:
    block = tone(0.5)
    block[100:103] = (np.nan, np.inf, -np.inf)
    block[200] = 10 * LOUDEST
    out = limited(Limiter(), block)
    assert np.isfinite(out).all()
    assert np.abs(out).max() <= CEILING
    assert Limiter()(np.zeros(0, np.float32)).size == 0


def test_the_crossfade_takes_300_ms_and_keeps_the_power() -> None:
    fader = Fader(on_stage=False)
    chance = np.random.default_rng(1)
    power = []
    for _ in range(CROSSFADE_SAMPLES // 960):
        assert not fader.on_stage
        hold, stage = chance.standard_normal((2, 960)).astype(np.float32)
        power.append(float(np.mean(fader.blend(hold, stage, to_stage=True) ** 2)))
    assert fader.on_stage
    assert 0.8 < min(power) <= max(power) < 1.2
    stage = tone(0.4)
    assert fader.blend(tone(0.1), stage, to_stage=True) is stage


def test_a_fade_may_turn_back_and_hurry() -> None:
    fader = Fader(on_stage=True)
    hold, stage = tone(0.2), np.zeros(960, np.float32)
    for _ in range(5):
        fader.blend(hold, stage, to_stage=False)
    for _ in range(2):
        fader.blend(hold, stage, to_stage=True, speed=3.0)
    assert fader.on_stage
    for _ in range(CROSSFADE_SAMPLES // 960):
        fader.blend(hold, stage, to_stage=False)
    assert fader.on_hold
    assert fader.blend(hold, stage, to_stage=False) is hold
