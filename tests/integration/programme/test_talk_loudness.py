import numpy as np
import pytest
from benchmarks.loudness import by_ffmpeg, lufs, microphones, programme, through_aac

from rostra.programme.true_peak import true_peak_dbtp


def test_a_talk_of_noisy_voices_20_db_apart_is_heard_at_one_loudness() -> None:
    sent, had = microphones(3)
    made = programme(sent, treated=True)
    learned = 4 * 48_000
    settled = [
        lufs(np.concatenate([made[first + learned : end] for who, first, end in had if who == one]))
        for one in (0, 1)
    ]
    assert abs(settled[0] - settled[1]) <= 1.5
    assert true_peak_dbtp(made) <= -1.0
    heard = through_aac(made)
    assert lufs(heard) == pytest.approx(-16.0, abs=1.0)
    loudness, peak_dbtp = by_ffmpeg(heard)
    assert loudness == pytest.approx(-16.0, abs=1.0)
    assert peak_dbtp <= 0.0
