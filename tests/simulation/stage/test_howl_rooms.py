"""Some of the rooms of `benchmarks.howl`: each kind howls without the guard, none with it."""

import pytest
from benchmarks.howl import judge, sounds
from benchmarks.howl_clean import clean
from benchmarks.howl_rooms import howling, play

ROOMS = (0, 5, 14)
"""Two devices with speech, a loudspeaker with speech, and one with music."""

CALM = ("hold music", "laughter", "leak")


@pytest.mark.parametrize("seed", ROOMS)
def test_a_room_that_howls_is_calm_with_the_guard(seed: int) -> None:
    case = judge(howling(seed, *sounds(2), seconds=5))
    assert case["noticed_s"] is not None
    assert case["suppressed"], case


@pytest.mark.parametrize("kind", CALM)
def test_sound_without_a_loop_passes_as_it_is(kind: str) -> None:
    played = play(clean(3, kind, *sounds(2), seconds=4))
    assert not played.ducked
