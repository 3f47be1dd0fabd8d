import numpy as np

from rostra.stage.levels import OFF_BLOCKS, ON_BLOCKS, SpeakingMeter, dbfs


def test_levels_of_known_signals() -> None:
    times = np.arange(960) / 48_000
    sine = np.sin(2 * np.pi * 1_000 * times)
    rows = np.stack([sine, sine / 10, np.zeros(960), np.ones(960) * 4]).astype(np.float32)
    assert dbfs(rows) == [-3, -23, -90, 0]


def test_no_rows_no_levels() -> None:
    assert dbfs(np.zeros((0, 960), dtype=np.float32)) == []


def test_a_knock_is_not_speech_and_a_pause_does_not_end_it() -> None:
    meter = SpeakingMeter()
    assert [meter.update(-20) for _ in range(ON_BLOCKS - 1)] == [False] * (ON_BLOCKS - 1)
    assert not meter.update(-60)
    assert [meter.update(-30) for _ in range(ON_BLOCKS)][-1]
    assert meter.speaking
    assert not any(meter.update(-60) for _ in range(OFF_BLOCKS - 1))
    assert not meter.update(-45)
    assert [meter.update(-60) for _ in range(OFF_BLOCKS)][-1]
    assert not meter.speaking


def test_between_the_thresholds_nothing_changes() -> None:
    meter = SpeakingMeter()
    assert not any(meter.update(-46) for _ in range(200))
