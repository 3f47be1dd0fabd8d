"""The filter of the howl guard: exact while open, narrow where it cuts, without clicks."""

import numpy as np
import pytest

from rostra.stage.howl_filter import NOTCHES_MAX, DuckAndNotch
from rostra.stage.levels import Block

BLOCKS = 50


def tone(hertz: float) -> Block:
    times = np.arange(BLOCKS * 960) / 48_000
    return (0.5 * np.sin(2 * np.pi * hertz * times)).astype(np.float32)


def through(machine: DuckAndNotch, sound: Block) -> Block:
    return np.concatenate([machine(block) for block in sound.reshape(-1, 960)])


def late_rms(sound: Block) -> float:
    return float(np.sqrt(np.mean(np.square(sound[len(sound) // 2 :]))))


def test_an_open_filter_gives_back_the_same_object() -> None:
    block = tone(440)[:960]
    assert DuckAndNotch()(block) is block


@pytest.mark.parametrize("hertz", [250.0, 1_000.0, 3_350.0, 8_000.0])
def test_a_notch_takes_out_its_frequency_and_leaves_the_third_above(hertz: float) -> None:
    cut, beside = DuckAndNotch(), DuckAndNotch()
    cut.notch((hertz,))
    beside.notch((hertz,))
    plain = late_rms(tone(hertz))
    assert late_rms(through(cut, tone(hertz))) < 0.2 * plain
    assert late_rms(through(beside, tone(1.5 * hertz))) > 0.8 * plain


def test_no_more_notches_than_the_limit_and_the_newest_count() -> None:
    machine = DuckAndNotch()
    machine.notch(tuple(300.0 * number for number in range(1, NOTCHES_MAX + 3)))
    assert len(machine.notches_hz) == NOTCHES_MAX
    assert machine.notches_hz[-1] == 300.0 * (NOTCHES_MAX + 2)


def test_gain_and_notches_come_and_go_without_a_click() -> None:
    machine = DuckAndNotch()
    sound = tone(440)
    heard = []
    for number, block in enumerate(sound.reshape(-1, 960)):
        machine.gain = 0.1 if 10 <= number < 30 else 1.0
        machine.notch((2_000.0,) if 10 <= number < 30 else ())
        heard.append(machine(block))
    steps = np.abs(np.diff(np.concatenate(heard)))
    assert steps.max() < 1.1 * np.abs(np.diff(sound)).max()
    np.testing.assert_array_equal(heard[-1], sound[-960:])
