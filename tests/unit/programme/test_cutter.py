import msgspec
import pytest

from rostra.domain.errors import HouseError
from rostra.domain.grid import MESSAGE_SAMPLES, mp3_frames_of, opus_frames_of
from rostra.domain.limits import NOTICE_BYTES_MAX, NOTICES_PER_MESSAGE_MAX
from rostra.programme.cutter import (
    AUDIO_BYTES_MAX,
    FRAMES_WAITING_MAX,
    NOTICES_BYTES_MAX,
    NOTICES_WAITING_MAX,
    SKIPS_WAITING_MAX,
    Cutter,
    Run,
)
from rostra.wire.messages import ProgrammeMessage, pack, read_programme

RUN = Run("town-hall", "run1", 1_723_500_000_000_000)


def frames(first: int, count: int, size: int = 192) -> list[bytes]:
    return [index.to_bytes(4, "big") * (size // 4) for index in range(first, first + count)]


def messages(cutter: Cutter, count: int) -> list[ProgrammeMessage]:
    return cutter.add(frames(0, 5 * count), frames(0, 5 * count), frames(0, 6 * count))[:count]


def test_a_message_holds_what_the_grid_says() -> None:
    done = Cutter(RUN, 0, 0).add(frames(0, 15), frames(0, 14), frames(0, 16))
    assert [message.number for message in done] == [0, 1, 2]
    index = packet = 0
    for message in done:
        assert read_programme(pack(message)) == message
        assert message.mp3 == tuple(frames(index, len(mp3_frames_of(message.number))))
        assert message.opus == tuple(frames(packet, len(opus_frames_of(message.number))))
        index, packet = index + len(message.mp3), packet + len(message.opus)


def test_nothing_leaves_before_every_encoder_has_given_its_part() -> None:
    cutter = Cutter(RUN, 0, 0)
    assert cutter.add(frames(0, 5), frames(0, 4), frames(0, 6)) == []
    assert len(cutter.add([], frames(4, 1), [])) == 1
    assert cutter.add(frames(5, 5), frames(5, 5), frames(6, 4)) == []
    assert len(cutter.add([], [], frames(10, 1))) == 1


def test_what_only_primed_the_encoders_is_dropped() -> None:
    done = Cutter(RUN, 9, 11).add(frames(0, 15), frames(0, 14), frames(0, 16))
    assert [message.number for message in done] == [11]


def test_a_run_begins_on_the_common_grid_only() -> None:
    with pytest.raises(HouseError, match="off the grid"):
        Cutter(RUN, 10, 10)


def test_a_skip_renumbers_from_the_next_bound_and_loses_no_frame() -> None:
    cutter = Cutter(RUN, 0, 0)
    cutter.skip(MESSAGE_SAMPLES + 1, 18)
    done = cutter.add(frames(0, 20), frames(0, 18), frames(0, 22))
    assert [message.number for message in done] == [0, 1, 20, 21]
    assert [unit for message in done for unit in message.aac] == frames(0, 20)
    assert [packet for message in done for packet in message.opus] == frames(0, 22)
    assert all(read_programme(pack(message)) for message in done)


def test_a_skip_before_the_first_message_moves_it() -> None:
    cutter = Cutter(RUN, 0, 0)
    cutter.skip(0, 9)
    done = cutter.add(frames(0, 5), frames(0, 5), frames(0, 6))
    assert [message.number for message in done] == [9]


@pytest.mark.parametrize("count", [0, -9, 5])
def test_a_skip_off_the_grid_is_refused(count: int) -> None:
    with pytest.raises(HouseError, match="cannot skip"):
        Cutter(RUN, 0, 0).skip(0, count)


def test_skips_that_wait_are_bounded() -> None:
    cutter = Cutter(RUN, 0, 0)
    for _ in range(SKIPS_WAITING_MAX):
        cutter.skip(MESSAGE_SAMPLES, 9)
    with pytest.raises(HouseError, match="cannot skip"):
        cutter.skip(MESSAGE_SAMPLES, 9)


def test_an_encoder_that_died_is_loud() -> None:
    with pytest.raises(HouseError, match="must restart"):
        Cutter(RUN, 0, 0).add(frames(0, FRAMES_WAITING_MAX + 1), [], [])


def test_a_notice_travels_with_its_sample() -> None:
    cutter = Cutter(RUN, 0, 0)
    cutter.notice("caption", MESSAGE_SAMPLES, {"text": "Good evening"})
    first, second, third = messages(cutter, 3)
    assert (first.notices, third.notices) == ((), ())
    assert second.notices[0].pts_samples == MESSAGE_SAMPLES
    assert second.notices[0].body == {"text": "Good evening"}


def test_more_notices_than_fit_wait_for_the_next_message_in_order() -> None:
    cutter = Cutter(RUN, 0, 0)
    for index in range(NOTICES_PER_MESSAGE_MAX + 3):
        cutter.notice("count", 0, {"n": index})
    first, second = messages(cutter, 2)
    assert len(first.notices) == NOTICES_PER_MESSAGE_MAX
    told = [notice.body["n"] for notice in first.notices + second.notices]
    assert told == list(range(NOTICES_PER_MESSAGE_MAX + 3))
    assert {notice.pts_samples for notice in second.notices} == {MESSAGE_SAMPLES}


def test_big_notices_never_make_a_message_too_big() -> None:
    cutter = Cutter(RUN, 0, 0)
    body = {"text": "x" * (NOTICE_BYTES_MAX - 20)}
    for _ in range(NOTICES_PER_MESSAGE_MAX):
        cutter.notice("house", 0, body)
    done = cutter.add(frames(0, 15, 768), frames(0, 14), frames(0, 16, 1_272))
    counts = [len(message.notices) for message in done]
    assert sum(counts) == NOTICES_PER_MESSAGE_MAX
    assert counts[0] == NOTICES_BYTES_MAX // NOTICE_BYTES_MAX
    for message in done:
        assert read_programme(pack(message)) == message
        bare = msgspec.structs.replace(message, notices=())
        assert len(pack(bare)) < AUDIO_BYTES_MAX


def test_a_notice_beyond_the_limit_is_refused_and_a_flood_is_dropped_and_counted() -> None:
    cutter = Cutter(RUN, 0, 0)
    with pytest.raises(HouseError, match="allowed"):
        cutter.notice("house", 0, {"text": "x" * NOTICE_BYTES_MAX})
    for index in range(NOTICES_WAITING_MAX + 5):
        cutter.notice("count", 0, {"n": index})
    assert cutter.notices_dropped == 5
