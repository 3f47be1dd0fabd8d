import numpy as np
import pytest

from rostra.stage.fade import (
    EASE_SAMPLES,
    FADE_DB,
    GAIN_DB_MAX,
    JOIN_SAMPLES,
    QUIET_POWER,
    Bridge,
    join,
)
from rostra.stage.levels import Block


def tone(level: float, first: int = 0) -> Block:
    times = (first + np.arange(960)) / 48_000
    return (level * np.sin(2 * np.pi * 200 * times)).astype(np.float32)


def db(block: Block) -> float:
    return float(10 * np.log10(np.mean(block.astype(np.float64) ** 2) + 1e-12))


def test_what_comes_from_packets_is_left_as_it_is() -> None:
    block = tone(0.3)
    assert Bridge().heard(block) is block


def test_a_concealed_voice_fades_by_steps_whatever_the_codec_does() -> None:
    bridge = Bridge()
    bridge.heard(tone(0.3))
    made_up = [tone(0.3 * 10 ** (-fall / 20)) for fall in (9, 15, 21)]
    levels = [db(bridge.concealed(block)[-240:]) for block in made_up]
    expected = [db(tone(0.3)) - FADE_DB * step for step in (1, 2, 3)]
    assert levels == pytest.approx(expected, abs=1.5)


def test_a_codec_that_fades_less_is_not_touched() -> None:
    bridge = Bridge()
    bridge.heard(tone(0.3))
    block = tone(0.29)
    np.testing.assert_array_equal(bridge.concealed(block), block)


def test_noise_is_raised_no_further_than_its_limit() -> None:
    bridge = Bridge()
    bridge.heard(tone(0.3))
    faint = tone(1e-4)
    raised = bridge.concealed(faint)
    assert np.abs(raised).max() <= np.abs(faint).max() * 10 ** (GAIN_DB_MAX / 20) * 1.001
    assert db(raised[-240:]) == pytest.approx(db(faint[-240:]) + GAIN_DB_MAX, abs=1.5)


def test_background_is_left_to_the_codec() -> None:
    bridge = Bridge()
    quiet = tone((2 * QUIET_POWER) ** 0.5 * 0.9)
    bridge.heard(quiet)
    faded = tone(1e-4)
    assert bridge.concealed(faded) is faded


def test_the_packet_after_a_gap_takes_over_within_5_ms() -> None:
    bridge = Bridge()
    bridge.heard(tone(0.3))
    bridge.concealed(tone(0.03))
    after = tone(0.3)
    eased = bridge.heard(after)
    np.testing.assert_array_equal(eased[EASE_SAMPLES:], after[EASE_SAMPLES:])
    assert np.abs(eased[: EASE_SAMPLES // 2]).max() > np.abs(after[: EASE_SAMPLES // 2]).max()
    assert bridge.heard(after) is after


def test_after_silence_there_is_nothing_to_go_on_from() -> None:
    bridge = Bridge()
    bridge.heard(tone(0.3))
    bridge.silent()
    block = tone(0.01)
    assert bridge.concealed(block) is block


def test_two_blocks_are_cut_where_they_agree() -> None:
    before, after = tone(0.3), tone(0.3).copy()
    after[:480] *= -1
    joined = join(before, after)
    assert len(joined) == 960
    np.testing.assert_allclose(joined[480:], after[480:], atol=1e-6)
    np.testing.assert_allclose(joined[:480], before[:480], atol=1e-6)


def test_a_cut_of_what_never_agrees_is_a_fade_and_no_jump() -> None:
    joined = join(np.ones(960, np.float32), np.zeros(960, np.float32))
    steps = np.abs(np.diff(joined))
    assert steps.max() <= 1.01 / (JOIN_SAMPLES - 1)
    assert joined[-1] == 0
