"""The loop under speech, block by block."""

import numpy as np
import pytest

from rostra.domain.errors import HouseError
from rostra.domain.grid import HOLD_LOOP_SAMPLES, MIX_BLOCK_SAMPLES
from rostra.programme.bed import (
    CLEAR_SAMPLES,
    DUCK_DB,
    HUSH_SAMPLES,
    RAMP_SAMPLES,
    SAYINGS_WAITING_MAX,
    Bed,
    Spoken,
    fits,
)
from rostra.programme.limiter import CROSSFADE_SAMPLES, Sound

EVER = 1 << 40
DUCKED = 10 ** (DUCK_DB / 20)
MUSIC = np.full(HOLD_LOOP_SAMPLES, 0.1, np.float32)
VOICE = 10.0
"""Far above the loop, so that what is speech shows."""


def spoken(samples: int, text: str = "words", until: int = EVER) -> Spoken:
    return Spoken(np.full(samples, VOICE, np.float32), text, "en", until)


class Play:
    """A bed that is asked for block after block."""

    def __init__(self) -> None:
        self.bed = Bed(MUSIC)
        self.pts = 0
        self.told: list[tuple[int, str]] = []

    def run(self, blocks: int, t0: int | None = None, *, heard: bool = True) -> Sound:
        made = []
        for _ in range(blocks):
            block, begun = self.bed.block(self.pts, t0_pts=t0, heard=heard)
            if begun is not None:
                self.told.append((self.pts, begun.text))
            made.append(block)
            self.pts += MIX_BLOCK_SAMPLES
        return np.concatenate(made)


def talk(sound: Sound) -> np.ndarray:
    return np.flatnonzero(sound > 1)


def test_the_loop_goes_down_12_db_in_300_ms_before_the_first_word_and_up_after_the_last() -> None:
    play = Play()
    play.bed.say(spoken(9_600))
    sound = play.run(60)
    first, last = talk(sound)[[0, -1]]
    assert (first, last) == (RAMP_SAMPLES, RAMP_SAMPLES + 9_600 - 1)
    assert play.told == [(RAMP_SAMPLES, "words")]
    music = np.where(sound > 1, sound - VOICE, sound) / 0.1
    assert music[first : last + 1] == pytest.approx(DUCKED, rel=1e-3)
    halfway = 10 ** (DUCK_DB / 40)
    assert music[RAMP_SAMPLES // 2] == pytest.approx(halfway, rel=1e-2)
    assert music[last + RAMP_SAMPLES // 2] == pytest.approx(halfway, rel=1e-2)
    assert music[last + RAMP_SAMPLES + MIX_BLOCK_SAMPLES :] == pytest.approx(1.0)
    assert float(np.abs(np.diff(music)).max()) < 0.001, "no click"


def test_one_speaks_after_the_other_and_more_than_a_few_are_left_out() -> None:
    play = Play()
    for index in range(SAYINGS_WAITING_MAX + 2):
        play.bed.say(spoken(960, str(index)))
    play.run(200)
    assert [text for _, text in play.told] == [str(n) for n in range(SAYINGS_WAITING_MAX)]
    assert play.bed.unsaid == 2


@pytest.mark.parametrize(("early", "said"), [(0, True), (1, False)])
def test_what_would_not_end_a_second_before_t0_is_not_begun(early: int, said: int) -> None:
    play = Play()
    t0 = RAMP_SAMPLES + 9_600 + RAMP_SAMPLES + CLEAR_SAMPLES - early
    assert fits(0, 9_600, t0) is bool(said)
    play.bed.say(spoken(9_600))
    sound = play.run(t0 // MIX_BLOCK_SAMPLES, t0)
    assert bool(len(talk(sound))) is bool(said)
    assert play.bed.unsaid == 1 - said
    assert fits(0, 9_600, None)


def test_a_t0_that_comes_nearer_hushes_who_speaks_a_second_before_it() -> None:
    play = Play()
    play.bed.say(spoken(480_000))
    play.run(100, None)
    t0 = play.pts + 96_000
    sound = play.run(100, t0)
    assert talk(sound)[-1] < 96_000 - CLEAR_SAMPLES
    assert talk(sound)[-1] > 96_000 - CLEAR_SAMPLES - 2 * HUSH_SAMPLES


def test_the_stage_hushes_who_speaks_and_nobody_is_spoken_to_who_does_not_hear_it() -> None:
    play = Play()
    play.bed.say(spoken(480_000, "first"))
    play.run(50)
    rest = play.run(50, heard=False)
    assert talk(rest)[-1] < HUSH_SAMPLES
    play.bed.say(spoken(960, "to nobody"))
    play.run(50, heard=False)
    play.bed.say(spoken(960, "begun, not heard"))
    play.run(2)
    play.run(50, heard=False)
    assert len(talk(play.run(100))) == 0
    assert [text for _, text in play.told] == ["first"]


def test_what_is_no_longer_true_is_not_said() -> None:
    play = Play()
    play.bed.say(spoken(960, until=MIX_BLOCK_SAMPLES))
    play.bed.say(spoken(960, "too late", until=MIX_BLOCK_SAMPLES))
    play.run(100)
    assert [text for _, text in play.told] == ["words"]


def test_another_loop_is_gone_over_to_without_a_click() -> None:
    play = Play()
    play.run(3)
    play.bed.play(np.full(2 * HOLD_LOOP_SAMPLES, -0.2, np.float32))
    sound = play.run(60)
    assert sound[CROSSFADE_SAMPLES:] == pytest.approx(-0.2)
    assert float(np.abs(np.diff(sound)).max()) < 0.001


def test_a_loop_off_the_grid_is_refused() -> None:
    with pytest.raises(HouseError, match="multiple"):
        Play().bed.play(MUSIC[:-1])
    with pytest.raises(HouseError, match="multiple"):
        Bed(MUSIC[:0])
