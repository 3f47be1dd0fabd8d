"""How far a source that howls is turned down, and how it comes back."""

import pytest

from rostra.stage.howl_guard import (
    DEEP_BLOCKS,
    DEEP_DB,
    FORGIVEN_BLOCKS,
    LOW_DB,
    LOWEST_DB,
    MARGIN_DB,
    STEP_BLOCKS,
    STEP_DB,
    WAIT_BLOCKS,
    WAIT_BLOCKS_MAX,
    Ducking,
    Stand,
)

LOOP_DB = 3.0


def pass_blocks(ducking: Ducking, blocks: int, *, heard_again: bool = False) -> None:
    for _ in range(blocks):
        ducking.turn(heard_again=heard_again)


def blocks_until(ducking: Ducking, stand: Stand) -> int:
    for block in range(WAIT_BLOCKS_MAX + 1_000):
        if ducking.stand is stand:
            return block
        ducking.turn(heard_again=False)
    pytest.fail(f"never {stand}")


def test_it_is_deep_for_a_second_and_then_low() -> None:
    ducking = Ducking()
    ducking.alarm(LOOP_DB)
    assert ducking.howls
    assert ducking.gain_db == DEEP_DB
    pass_blocks(ducking, DEEP_BLOCKS)
    assert ducking.gain_db == LOW_DB
    assert ducking.gain == pytest.approx(10 ** (LOW_DB / 20))


def test_a_stronger_loop_is_turned_down_further_but_never_below_the_lowest() -> None:
    ducking = Ducking()
    ducking.alarm(15.0)
    pass_blocks(ducking, DEEP_BLOCKS)
    assert ducking.gain_db == -15.0 - MARGIN_DB
    ducking.alarm(90.0)
    assert ducking.gain_db == LOWEST_DB


def test_it_is_not_tried_while_the_mix_is_heard_again() -> None:
    ducking = Ducking()
    ducking.alarm(LOOP_DB)
    pass_blocks(ducking, 10 * WAIT_BLOCKS, heard_again=True)
    assert ducking.stand is Stand.DOWN


def test_a_trial_goes_up_in_small_steps_to_full_gain() -> None:
    ducking = Ducking()
    ducking.alarm(LOOP_DB)
    assert blocks_until(ducking, Stand.TRIAL) == WAIT_BLOCKS
    before = ducking.gain_db
    pass_blocks(ducking, STEP_BLOCKS)
    assert ducking.gain_db == before + STEP_DB
    blocks_until(ducking, Stand.OPEN)
    assert not ducking.howls
    assert ducking.gain == 1.0


def test_each_trial_that_fails_doubles_the_wait_up_to_a_minute() -> None:
    ducking = Ducking()
    ducking.alarm(LOOP_DB)
    waits = []
    for _ in range(6):
        waits.append(blocks_until(ducking, Stand.TRIAL))
        ducking.alarm(LOOP_DB)
    assert waits[:3] == [WAIT_BLOCKS, 2 * WAIT_BLOCKS, 4 * WAIT_BLOCKS]
    assert waits[-1] == WAIT_BLOCKS_MAX


def test_a_howl_soon_after_full_gain_counts_as_a_failed_trial_and_a_late_one_does_not() -> None:
    soon, late = Ducking(), Ducking()
    for ducking, calm in ((soon, 100), (late, FORGIVEN_BLOCKS + 10)):
        ducking.alarm(LOOP_DB)
        blocks_until(ducking, Stand.OPEN)
        pass_blocks(ducking, calm)
        ducking.alarm(LOOP_DB)
    assert blocks_until(soon, Stand.TRIAL) == 2 * WAIT_BLOCKS
    assert blocks_until(late, Stand.TRIAL) == WAIT_BLOCKS
