"""The measure of first light: deaf to a changed rate, not to what is missing or out of order."""

from pathlib import Path

import numpy as np
import pytest
from tests.browser.hearing import RATE_HZ, Pcm, best_correlation, followed_correlation

from rostra.programme.drivers.decode import read_sound

SPEECH = Path(__file__).parents[1] / "data" / "speech.opus"
ALIKE_MIN = 0.8
PIECE = RATE_HZ // 10
STEP = RATE_HZ // 100


@pytest.fixture(scope="module")
def voice() -> Pcm:
    return read_sound(SPEECH)[: 3 * RATE_HZ]


def _stretched(pcm: Pcm, rate: float) -> Pcm:
    """Ten milliseconds left out, or said twice, as often as the rate asks for."""
    step = round(STEP / abs(rate - 1.0))
    pieces = [pcm[at : at + step] for at in range(0, len(pcm), step)]
    if rate > 1.0:
        return np.concatenate([piece[STEP:] for piece in pieces])
    return np.concatenate([part for piece in pieces for part in (piece, piece[-STEP:])])


@pytest.mark.parametrize("rate", [0.97, 1.04])
def test_a_player_that_catches_up_is_followed(voice: Pcm, rate: float) -> None:
    said = voice[RATE_HZ : RATE_HZ * 5 // 2]
    heard = _stretched(voice, rate)
    assert best_correlation(said, heard) < 0.6
    assert followed_correlation(said, heard) > ALIKE_MIN


def test_a_block_that_was_not_recorded_is_passed_over(voice: Pcm) -> None:
    said = voice[RATE_HZ : RATE_HZ * 5 // 2]
    heard = np.delete(voice, slice(80_000, 81_024))
    assert followed_correlation(said, heard) > ALIKE_MIN


def test_other_words_holes_and_disorder_are_not_alike(voice: Pcm) -> None:
    said = voice[RATE_HZ : RATE_HZ * 5 // 2]
    holes = voice.copy().reshape(-1, PIECE)
    holes[::2] = 0.0
    disorder = voice.reshape(-1, PIECE)[::-1]
    for heard in (voice[: RATE_HZ * 3 // 4].repeat(4), holes.reshape(-1), disorder.reshape(-1)):
        assert followed_correlation(said, np.ascontiguousarray(heard)) < ALIKE_MIN
