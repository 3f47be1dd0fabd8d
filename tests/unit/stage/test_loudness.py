import numpy as np
import pyloudnorm
import pytest
from tests.fakes.talks import cut, noise, said

from rostra.domain.loudness import ABSOLUTE_GATE_LUFS
from rostra.stage.levels import Block
from rostra.stage.loudness import (
    WINDOW_BLOCKS,
    GatedLoudness,
    KWeighting,
    lufs,
    power_of,
)

METER = pyloudnorm.Meter(48_000)


def measured(sound: Block, span_s: float = 60.0) -> GatedLoudness:
    loudness = GatedLoudness(span_s)
    for block in cut(sound):
        loudness.take(block)
    return loudness


@pytest.mark.parametrize("name", ["speech", "speech_b"])
@pytest.mark.parametrize("gain_db", [0.0, -26.0])
def test_speech_is_as_loud_as_pyloudnorm_says(name: str, gain_db: float) -> None:
    sound = said(name, gain_db)
    assert measured(sound).lufs == pytest.approx(METER.integrated_loudness(sound), abs=0.1)


@pytest.mark.parametrize("hertz", [40.0, 100.0, 997.0, 4_000.0, 12_000.0])
def test_tones_weigh_what_the_recommendation_says(hertz: float) -> None:
    tone = np.sin(2 * np.pi * hertz * np.arange(96_000) / 48_000).astype(np.float32)
    assert measured(tone).lufs == pytest.approx(METER.integrated_loudness(tone), abs=0.1)


def test_a_full_sine_of_997_hz_has_the_loudness_that_defines_the_scale() -> None:
    tone = np.sin(2 * np.pi * 997 * np.arange(96_000) / 48_000).astype(np.float32)
    assert measured(tone).lufs == pytest.approx(-3.01, abs=0.01)


def test_blocks_join_without_a_seam() -> None:
    sound = noise(9_600, -20.0)
    filter_ = KWeighting()
    pieces = [filter_.power(block) for block in cut(sound)]
    filter_.reset()
    assert pieces == [filter_.power(block) for block in cut(sound)]
    cold = [KWeighting().power(block) for block in cut(sound)]
    assert pieces[0] == cold[0]
    assert pieces[5] != cold[5]


def test_nothing_is_known_before_the_first_window() -> None:
    tone = said("speech")[48_000 : 48_000 + (WINDOW_BLOCKS - 1) * 960]
    assert measured(tone).lufs is None


def test_silence_and_what_is_below_the_absolute_gate_counts_for_nothing() -> None:
    loudness = measured(said("speech"))
    before = loudness.lufs
    for block in cut(np.concatenate((np.zeros(48_000, np.float32), noise(96_000, -85.0)))):
        loudness.take(block)
    assert loudness.lufs == pytest.approx(before, abs=0.15)
    assert measured(noise(96_000, -85.0)).lufs is None


def test_only_the_last_seconds_count() -> None:
    loudness = measured(np.concatenate((noise(48_000 * 3, -10.0), noise(48_000 * 4, -40.0))), 3.0)
    assert loudness.windows == 30
    assert loudness.lufs == pytest.approx(measured(noise(48_000 * 4, -40.0)).lufs, abs=0.2)


def test_loudness_and_power_are_inverse() -> None:
    assert lufs(power_of(ABSOLUTE_GATE_LUFS)) == pytest.approx(ABSOLUTE_GATE_LUFS)
    assert lufs(0.0) == -120.0
