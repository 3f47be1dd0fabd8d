"""The grid's sizes meet on common bounds, and its conversions round down."""

import pytest

from rostra.domain import grid
from rostra.domain.media import FRAME_SAMPLES, Codec, Frame


@pytest.mark.parametrize("codec", list(Codec))
def test_a_segment_and_a_hold_loop_are_whole_frames(codec: Codec) -> None:
    assert grid.SEGMENT_SAMPLES % FRAME_SAMPLES[codec] == 0
    assert grid.HOLD_LOOP_SAMPLES % FRAME_SAMPLES[codec] == 0


def test_a_segment_holds_90_aac_96_opus_80_mp3_frames() -> None:
    counts = {codec: grid.SEGMENT_SAMPLES // FRAME_SAMPLES[codec] for codec in Codec}
    assert counts == {Codec.AAC: 90, Codec.OPUS: 96, Codec.MP3: 80}


def test_messages_parts_and_segments_nest() -> None:
    assert grid.MESSAGE_SAMPLES == grid.AAC_FRAMES_PER_MESSAGE * grid.AAC_FRAME_SAMPLES
    assert grid.PART_SAMPLES == grid.MESSAGES_PER_PART * grid.MESSAGE_SAMPLES
    assert grid.SEGMENT_SAMPLES == grid.MESSAGES_PER_SEGMENT * grid.MESSAGE_SAMPLES
    assert grid.SEGMENT_SAMPLES == grid.PARTS_PER_SEGMENT * grid.PART_SAMPLES
    assert (grid.MESSAGES_PER_PART, grid.MESSAGES_PER_SEGMENT) == (3, 18)


@pytest.mark.parametrize("messages", grid.TICK_MESSAGES)
def test_every_tick_divides_a_segment(messages: int) -> None:
    assert grid.MESSAGES_PER_SEGMENT % messages == 0


def test_a_part_is_whole_opus_and_aac_frames() -> None:
    assert grid.PART_SAMPLES // grid.AAC_FRAME_SAMPLES == 15
    assert grid.PART_SAMPLES // grid.OPUS_FRAME_SAMPLES == 16
    assert grid.PART_SAMPLES % grid.AAC_FRAME_SAMPLES == 0
    assert grid.PART_SAMPLES % grid.OPUS_FRAME_SAMPLES == 0


def test_the_first_messages_hold_five_then_four_mp3_frames() -> None:
    assert [list(grid.mp3_frames_of(number)) for number in range(3)] == [
        [0, 1, 2, 3, 4],
        [5, 6, 7, 8],
        [9, 10, 11, 12, 13],
    ]


def test_a_message_begins_at_its_first_sample() -> None:
    assert grid.message_at(grid.message_pts(7)) == 7
    assert grid.message_at(grid.message_pts(7) - 1) == 6


def test_a_segment_begins_with_message_18() -> None:
    assert [grid.segment_of_message(number) for number in (0, 17, 18)] == [0, 0, 1]


def test_a_second_is_48_000_samples() -> None:
    assert grid.samples_of_us(1_000_000) == 48_000
    assert grid.us_of_samples(48_000) == 1_000_000
    assert grid.samples_of_us(-1) == -1


@pytest.mark.parametrize("codec", list(Codec))
def test_a_frame_lasts_what_its_codec_says(codec: Codec) -> None:
    assert Frame(codec, 0, b"").duration_samples == FRAME_SAMPLES[codec]
