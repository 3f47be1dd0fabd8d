from rostra.domain.grid import MESSAGE_SAMPLES, MIX_BLOCK_SAMPLES, MP3_FRAME_SAMPLES
from rostra.domain.ports import Moment
from rostra.programme.limiter import CROSSFADE_SAMPLES
from rostra.programme.pace import (
    CAPTURE_SAMPLES,
    CATCH_UP_SAMPLES_MAX,
    SKIP_BLOCKS,
    SKIP_MESSAGES,
    SKIP_SAMPLES,
    Pace,
    first_block,
)
from rostra.programme.timeline import Timeline

MS = 1_000_000


def pace() -> Pace:
    return Pace(Timeline(Moment(0, 0)), first_block=0)


def test_a_skip_is_whole_in_every_unit_of_the_grid() -> None:
    assert SKIP_SAMPLES % MP3_FRAME_SAMPLES == 0
    assert SKIP_BLOCKS * MIX_BLOCK_SAMPLES == SKIP_MESSAGES * MESSAGE_SAMPLES == SKIP_SAMPLES
    assert CATCH_UP_SAMPLES_MAX >= SKIP_SAMPLES


def test_an_early_studio_waits_until_the_block_is_due() -> None:
    clock = pace()
    clock.made()
    turn = clock.turn(5 * MS)
    assert (turn.wait_ns, turn.block, turn.skipped_messages) == (15 * MS, 1, 0)


def test_a_little_behind_it_makes_block_after_block() -> None:
    clock = pace()
    for block in range(47):
        turn = clock.turn(940 * MS)
        assert (turn.wait_ns, turn.block, turn.skipped_messages) == (0, block, 0)
        clock.made()
    assert clock.turn(940 * MS).wait_ns == 0
    assert clock.skipped_messages == 0


def test_far_behind_it_skips_whole_messages_and_counts() -> None:
    clock = pace()
    turn = clock.turn(5_000 * MS)
    assert turn.block == 5 * SKIP_BLOCKS
    assert turn.skipped_messages == clock.skipped_messages == 5 * SKIP_MESSAGES
    assert clock.turn(5_000 * MS).skipped_messages == 0


def test_the_first_block_is_one_that_can_still_be_made() -> None:
    line = Timeline(Moment(0, 0))
    assert first_block(line, 0) == 0
    assert first_block(line, 1 * MS) == 1
    assert first_block(line, 20 * MS) == 1


def test_a_block_is_made_when_what_was_said_in_its_time_has_come() -> None:
    late = CAPTURE_SAMPLES // 48
    clock = Pace(Timeline(Moment(0, 0)), 0, CAPTURE_SAMPLES)
    assert clock.turn(0).wait_ns == late * MS
    assert clock.turn(late * MS).wait_ns == 0
    clock.made()
    turn = clock.turn((5_000 + late) * MS)
    assert (turn.block, clock.skipped_messages) == (1 + 5 * SKIP_BLOCKS, 5 * SKIP_MESSAGES)


def test_the_crossfade_has_begun_before_its_space_is_live() -> None:
    assert CAPTURE_SAMPLES < CROSSFADE_SAMPLES // 2
