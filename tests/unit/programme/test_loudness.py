import numpy as np
import pytest

from rostra.domain.loudness import ABSOLUTE_GATE_LUFS, PROGRAMME_LUFS
from rostra.programme.limiter import Sound
from rostra.programme.loudness import GAIN_MAX, PEAK_MAX, lufs, matched

SECOND = 48_000


def tone(seconds: float, amplitude: float, hertz: float = 997.0) -> Sound:
    at = np.arange(int(seconds * SECOND)) / SECOND
    return (amplitude * np.sin(2 * np.pi * hertz * at)).astype(np.float32)


def test_the_standard_s_own_tone() -> None:
    """BS.1770-4: a sine of 997 Hz at full scale in one channel is -3.01 LKFS."""
    assert lufs(tone(5, 1.0)) == pytest.approx(-3.01, abs=0.05)
    assert lufs(tone(5, 0.1)) == pytest.approx(-23.01, abs=0.05)


def test_low_sounds_count_less_and_high_ones_more() -> None:
    assert lufs(tone(3, 0.1, 40)) < lufs(tone(3, 0.1)) - 4
    assert lufs(tone(3, 0.1, 8_000)) == pytest.approx(lufs(tone(3, 0.1)) + 3.3, abs=0.5)


def test_pauses_do_not_make_speech_quieter() -> None:
    """The gates of BS.1770: half a tone and half silence is as loud as the tone."""
    both = np.concatenate((tone(5, 0.1), np.zeros(5 * SECOND, np.float32)))
    assert lufs(both) == pytest.approx(lufs(tone(5, 0.1)), abs=0.3)


@pytest.mark.parametrize("amplitude", [0.01, 0.1, 0.9])
def test_it_is_brought_to_the_programme_s_loudness_within_its_peaks(amplitude: float) -> None:
    said = tone(2, amplitude) * np.abs(np.sin(np.arange(2 * SECOND) / 9_000)).astype(np.float32)
    loud = matched(said)
    assert lufs(loud) == pytest.approx(PROGRAMME_LUFS, abs=0.5)
    assert float(np.abs(loud).max()) <= PEAK_MAX


def test_silence_and_whispers_stay_what_they_are() -> None:
    nothing = np.zeros(SECOND, np.float32)
    assert lufs(nothing) == lufs(nothing[:0]) == ABSOLUTE_GATE_LUFS
    assert matched(nothing) is nothing
    faint = tone(1, 0.000_6)
    assert float(np.abs(matched(faint)).max()) == pytest.approx(0.000_6 * GAIN_MAX, rel=0.01)


def test_what_is_shorter_than_a_gate_is_measured_whole() -> None:
    assert lufs(tone(0.2, 0.1)) == pytest.approx(-23.0, abs=0.3)
