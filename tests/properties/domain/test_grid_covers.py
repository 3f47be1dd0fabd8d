"""The grid leaves nothing out and gives nothing twice, wherever one looks."""

from hypothesis import given
from hypothesis import strategies as st

from rostra.domain import grid

NUMBERS = st.integers(min_value=0, max_value=2**40)


@given(first=NUMBERS, count=st.integers(min_value=1, max_value=200))
def test_each_mp3_frame_is_in_exactly_one_message(first: int, count: int) -> None:
    inside = [n for k in range(count) for n in grid.mp3_frames_of(first + k)]
    assert inside == list(range(inside[0], inside[-1] + 1))
    assert inside[-1] + 1 == grid.mp3_frames_of(first + count).start


@given(number=NUMBERS)
def test_an_mp3_frame_starts_within_its_message(number: int) -> None:
    frames = grid.mp3_frames_of(number)
    assert 4 <= len(frames) <= 5
    for index in frames:
        assert grid.message_at(index * grid.MP3_FRAME_SAMPLES) == number


@given(segment=NUMBERS)
def test_every_segment_holds_80_mp3_frames_from_its_first_sample(segment: int) -> None:
    first = segment * grid.MESSAGES_PER_SEGMENT
    frames = [n for k in range(grid.MESSAGES_PER_SEGMENT) for n in grid.mp3_frames_of(first + k)]
    assert len(frames) == 80
    assert frames[0] * grid.MP3_FRAME_SAMPLES == segment * grid.SEGMENT_SAMPLES


@given(first=NUMBERS, count=st.integers(min_value=1, max_value=200))
def test_each_opus_packet_is_in_exactly_one_message(first: int, count: int) -> None:
    inside = [n for k in range(count) for n in grid.opus_frames_of(first + k)]
    assert inside == list(range(inside[0], inside[-1] + 1))
    assert inside[-1] + 1 == grid.opus_frames_of(first + count).start


@given(number=NUMBERS)
def test_an_opus_packet_starts_within_its_message(number: int) -> None:
    packets = grid.opus_frames_of(number)
    assert 5 <= len(packets) <= 6
    for index in packets:
        assert grid.message_at(index * grid.OPUS_FRAME_SAMPLES) == number


@given(number=NUMBERS, length=st.sampled_from([(3, 16), (9, 48), (18, 96)]))
def test_a_part_a_skip_and_a_segment_hold_whole_opus_packets(
    number: int, length: tuple[int, int]
) -> None:
    messages, packets = length
    first = number * messages
    inside = [n for k in range(messages) for n in grid.opus_frames_of(first + k)]
    assert len(inside) == packets
    assert inside[0] * grid.OPUS_FRAME_SAMPLES == grid.message_pts(first)


@given(pts=NUMBERS)
def test_a_sample_is_in_the_message_that_says_so(pts: int) -> None:
    number = grid.message_at(pts)
    assert grid.message_pts(number) <= pts < grid.message_pts(number + 1)


@given(samples=st.integers(min_value=-(2**50), max_value=2**50))
def test_time_of_samples_and_back_loses_less_than_one(samples: int) -> None:
    back = grid.samples_of_us(grid.us_of_samples(samples))
    assert samples - 1 <= back <= samples
