import pytest
from tests.fakes.grid_messages import message, mp3_frame

from rostra.delivery.cutting import (
    BURST_MESSAGES,
    EDGE_EVENT,
    ICY_FRAMES,
    NOBODY_YET,
    Cutter,
    Form,
    chunk,
    fragment,
)
from rostra.delivery.window import Step, Window
from rostra.domain.errors import HouseError
from rostra.domain.grid import OPUS_FRAME_SAMPLES, message_pts, mp3_frames_of, opus_frames_of
from rostra.domain.media import Codec
from rostra.wire import icy
from rostra.wire.messages import Notice
from rostra.wire.mp4 import init_segment, opus_init_segment
from rostra.wire.mp4_read import Emsg, MediaFragment, Mp4Reader


def filled(count: int, title: str = "A talk") -> tuple[Window, Cutter]:
    window = Window()
    for number in range(count):
        window.put(Step(message(number), real=True))
    return window, Cutter(window, title)


def fragments(data: bytes) -> list[MediaFragment]:
    boxes = Mp4Reader().feed(init_segment() + data)
    return [box for box in boxes if isinstance(box, MediaFragment)]


def test_a_chunk_says_its_length_in_hexadecimal() -> None:
    assert chunk(b"x" * 26) == b"1a\r\n" + b"x" * 26 + b"\r\n"
    assert chunk(b"") == b"", "an empty chunk would end the body"


def test_a_tick_is_packaged_once_and_shared() -> None:
    _, cutter = filled(9)
    first = cutter.tick(Form.PUSH, 8)
    assert cutter.tick(Form.PUSH, 8) is first
    assert first.framed(chunked=True) is first.framed(chunked=True)
    assert first.framed(chunked=False) is first.plain
    assert first.at == 9


def test_units_are_kept_no_longer_than_they_are_wanted() -> None:
    window, cutter = filled(1)
    for number in range(1, 60):
        window.put(Step(message(number), real=True))
        for form in (Form.PUSH, Form.AAC, Form.MP3):
            cutter.tick(form, number)
            cutter.burst(form, number)
    assert len(cutter._kept) <= 6 * 4


def test_nothing_of_another_run_is_sent_under_the_same_number() -> None:
    window, cutter = filled(19)
    forms = (Form.PUSH, Form.AAC, Form.MP3)
    for form in forms:
        cutter.tick(form, 18)
        cutter.burst(form, 18)
    for number in range(19):
        window.put(Step(message(number, "run2"), real=True))
    for form in forms:
        assert b"run1" not in cutter.tick(form, 18).plain
        burst = cutter.burst(form, 18)
        assert burst is not None
        assert b"run2" in burst.plain
        assert b"run1" not in burst.plain


def test_a_tick_holds_the_messages_since_the_last_cut() -> None:
    _, cutter = filled(9)
    (part,) = fragments(cutter.tick(Form.PUSH, 7).plain)
    assert part.base_pts == message_pts(5)
    assert list(part.units) == [unit for n in (5, 6, 7) for unit in message(n).aac]


@pytest.mark.parametrize("bucket", [0, 1, 2])
def test_a_burst_ends_at_the_last_cut_of_its_bucket(bucket: int) -> None:
    _, cutter = filled(20)
    unit = cutter.burst(Form.PUSH, cutter.last_cut(bucket))
    assert unit is not None
    assert (unit.at - 1) % 3 == bucket
    (part,) = fragments(unit.plain)
    assert len(part.units) == 5 * BURST_MESSAGES


def test_no_burst_before_the_buckets_first_cut() -> None:
    _, cutter = filled(1)
    assert cutter.burst(Form.PUSH, cutter.last_cut(1)) is None
    assert cutter.burst(Form.PUSH, cutter.last_cut(0)) is not None


def test_notices_travel_before_their_fragment_with_numbers_of_their_own() -> None:
    window = Window()
    notices = tuple(Notice("caption", message_pts(0) + i, {"text": "hi"}) for i in range(2))
    window.put(Step(message(0, notices=notices), real=True))
    boxes = Mp4Reader().feed(init_segment() + Cutter(window).tick(Form.PUSH, 0).plain)
    events = [box for box in boxes if isinstance(box, Emsg)]
    assert [event.event_id for event in events] == [0, 1]
    assert isinstance(boxes[-1], MediaFragment)


def opus_parts(data: bytes) -> list[MediaFragment]:
    boxes = Mp4Reader().feed(opus_init_segment() + data)
    return [box for box in boxes if isinstance(box, MediaFragment)]


def test_push_in_opus_has_the_same_notices_and_its_own_packets() -> None:
    window, cutter = filled(9)
    notice = Notice("caption", message_pts(9), {"text": "hi"})
    window.put(Step(message(9, notices=(notice,)), real=True))
    units = {form: cutter.tick(form, 9).plain for form in (Form.PUSH, Form.OPUS)}
    events = {form: data.partition(b"moof")[0][:-4] for form, data in units.items()}
    assert events[Form.OPUS] == events[Form.PUSH] != b""
    (part,) = opus_parts(units[Form.OPUS])
    assert part.codec is Codec.OPUS
    assert part.base_pts == opus_frames_of(7).start * OPUS_FRAME_SAMPLES
    assert list(part.units) == [packet for n in (7, 8, 9) for packet in message(n).opus]


def test_messages_without_opus_are_a_hole_in_it_and_their_notices_are_not() -> None:
    window = Window()
    notice = Notice("caption", message_pts(4), {"text": "hi"})
    for number in range(9):
        told = (notice,) if number == 4 else ()
        window.put(Step(message(number, notices=told, opus=number not in (4, 5)), real=True))
    body = Cutter(window).burst(Form.OPUS, 8)
    assert body is not None
    first, second = opus_parts(body.plain)
    assert first.end_pts == opus_frames_of(4).start * OPUS_FRAME_SAMPLES
    assert second.base_pts == opus_frames_of(6).start * OPUS_FRAME_SAMPLES
    assert b"caption" in body.plain


def test_an_edge_has_no_fragments_of_mp3() -> None:
    with pytest.raises(HouseError, match="no fragments of mp3"):
        fragment([message(0)], 1, Codec.MP3)


def test_the_end_carries_the_edges_own_notice() -> None:
    _, cutter = filled(5)
    unit = cutter.rest(Form.PUSH, 4, Notice("state", message_pts(5), {"state": "ended"}))
    boxes = Mp4Reader().feed(init_segment() + unit.plain)
    assert isinstance(boxes[-1], Emsg)
    assert boxes[-1].event_id & EDGE_EVENT
    assert list(fragments(unit.plain)[0].units) == list(message(4).aac)
    assert cutter.rest(Form.MP3, NOBODY_YET, Notice("state", 0, {})).plain == b""


def icy_sound(data: bytes) -> tuple[bytes, list[str]]:
    return icy.IcyReader().feed(data)


def test_icy_joins_at_a_metadata_bound_and_ticks_go_on_from_there() -> None:
    window, cutter = filled(40)
    unit = cutter.burst(Form.ICY, cutter.last_cut(1))
    assert unit is not None
    data, at = unit.plain, unit.at
    for number in range(40, 70):
        window.put(Step(message(number), real=True))
        if number % 3 == 1:
            data += cutter.tick(Form.ICY, number).plain
    sound, titles = icy_sound(data)
    start = int(sound.split(b";")[0].split(b"/")[-1])
    assert start % ICY_FRAMES == 0
    assert start < mp3_frames_of(at).start
    count = len(sound) // 192
    assert sound == b"".join(mp3_frame(start + i) for i in range(count))
    assert set(titles) == {"A talk"}


@pytest.mark.parametrize("missed", [3, 6, 21, 60])
def test_icy_skips_by_whole_metadata_intervals(missed: int) -> None:
    window, cutter = filled(40)
    unit = cutter.burst(Form.ICY, cutter.last_cut(0))
    assert unit is not None
    back = unit.at + missed + 2
    for number in range(40, back + 1):
        window.put(Step(message(number), real=True))
    resumed = cutter.resume(Form.ICY, unit.at, back)
    assert resumed is not None
    assert resumed.at == back + 1
    assert cutter.resume(Form.ICY, unit.at, back) is resumed
    sound, titles = icy_sound(unit.plain + resumed.plain)
    assert len(sound) % 192 == 0
    assert set(titles) <= {"A talk"}
    indices = [int(piece.split(b"/")[-1]) for piece in sound.split(b";")[:-1]]
    assert indices == sorted(set(indices)), "nothing is heard twice"
    assert indices[-1] == mp3_frames_of(back).stop - 1


def test_icy_waits_where_its_place_is_not_at_hand() -> None:
    window = Window()
    window.put(Step(message(1), real=True))
    window.put(Step(message(2), real=True))
    cutter = Cutter(window)
    assert cutter.burst(Form.ICY, cutter.last_cut(2)) is None
    assert cutter.resume(Form.ICY, NOBODY_YET, 2) is None


def test_other_forms_come_back_with_the_newest_tick() -> None:
    _, cutter = filled(30)
    assert cutter.resume(Form.AAC, 3, 29) is cutter.tick(Form.AAC, 29)
