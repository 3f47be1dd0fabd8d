"""What HLS says of Opus where some messages of a run have none."""

import pytest
from tests.fakes.grid_messages import message

from rostra.delivery.hls import Shelf
from rostra.delivery.refusals import RefusedError
from rostra.delivery.window import Step, Window
from rostra.domain.grid import MESSAGES_PER_SEGMENT, opus_frames_of
from rostra.domain.media import Codec
from rostra.wire.messages import Notice
from rostra.wire.playlist import MediaPlaylist
from rostra.wire.playlist_read import read_media


def shelf(last: int, without: range, filled: range = range(0)) -> Shelf:
    """Messages up to `last`, each with a notice: `without` Opus, or `filled` by this edge."""
    window = Window()
    made = Shelf("edge-0", window)
    for number in range(last):
        told = (Notice("count", number * 5_120, {"listening": number}),)
        said = message(number, notices=told, opus=number not in without)
        window.put(Step(said, real=number not in filled))
        made.passed(number)
    return made


def read(made: Shelf, codec: Codec) -> MediaPlaylist:
    return read_media(made.media(codec).decode())


def test_a_part_without_all_of_its_opus_is_a_gap_in_opus_alone() -> None:
    made = shelf(2 * MESSAGES_PER_SEGMENT + 3, range(22, 27))
    aac, opus = read(made, Codec.AAC), read(made, Codec.OPUS)
    gaps = [part.gap for part in opus.segments[1].parts]
    assert gaps == [False, True, True, False, False, False]
    assert [segment.gap for segment in opus.segments] == [False, True]
    assert not any(part.gap for segment in aac.segments for part in segment.parts)
    assert not any(segment.gap for segment in aac.segments)
    assert [s.name for s in opus.segments] == [s.name for s in aac.segments]
    assert made.part(1, 1)
    assert made.segment(1)
    for part in (1, 2):
        with pytest.raises(RefusedError, match="Part"):
            made.part(1, part, Codec.OPUS)
    with pytest.raises(RefusedError, match="egment"):
        made.segment(1, Codec.OPUS)
    assert b"run1/opus/" in made.part(1, 0, Codec.OPUS)


def test_every_name_that_is_listed_without_a_gap_has_its_sound() -> None:
    for first in range(MESSAGES_PER_SEGMENT, 2 * MESSAGES_PER_SEGMENT):
        made = shelf(3 * MESSAGES_PER_SEGMENT + 4, range(first, first + 5))
        opus = read(made, Codec.OPUS)
        for segment in opus.segments:
            for at, part in enumerate(segment.parts):
                if part.gap:
                    continue
                body = made.part(segment.number, at, Codec.OPUS)
                begin = segment.number * MESSAGES_PER_SEGMENT + at * 3
                for number in range(begin, begin + 3):
                    wanted = f"run1/opus/{opus_frames_of(number).stop - 1};".encode()
                    assert wanted in body
            if not segment.gap:
                assert made.segment(segment.number, Codec.OPUS).count(b"run1/opus/") == 96


def test_no_part_is_hinted_that_may_have_no_opus() -> None:
    made = shelf(MESSAGES_PER_SEGMENT + 4, range(MESSAGES_PER_SEGMENT + 3, 99))
    assert read(made, Codec.AAC).preload_hint == "part-1-1.m4s"
    assert read(made, Codec.OPUS).preload_hint == ""


def test_a_fill_without_any_opus_is_a_gap_and_notices_alone_are_no_file() -> None:
    filled = range(21, 27)
    made = shelf(2 * MESSAGES_PER_SEGMENT + 3, range(21, 26), filled)
    opus = read(made, Codec.OPUS)
    names = [part.name for part in opus.segments[1].parts]
    gaps = [part.gap for part in opus.segments[1].parts]
    assert names[1:3] == ["fillpart-edge-0-1-1.m4s", "fillpart-edge-0-1-2.m4s"]
    assert gaps == [False, True, False, False, False, False]
    assert not opus.segments[1].gap
    assert made.fill_part("edge-0", 1, 1)
    with pytest.raises(RefusedError):
        made.fill_part("edge-0", 1, 1, Codec.OPUS)
    assert b"run1/opus/" in made.fill_part("edge-0", 1, 2, Codec.OPUS)
    parts = [made.part(1, 0, Codec.OPUS), made.fill_part("edge-0", 1, 2, Codec.OPUS)]
    parts += [made.part(1, part, Codec.OPUS) for part in (3, 4, 5)]
    assert made.fill("edge-0", 1, Codec.OPUS) == b"".join(parts)


def test_a_filled_segment_without_any_opus_is_a_gap() -> None:
    everything = range(MESSAGES_PER_SEGMENT, 2 * MESSAGES_PER_SEGMENT)
    made = shelf(2 * MESSAGES_PER_SEGMENT + 3, everything, everything)
    assert [segment.gap for segment in read(made, Codec.OPUS).segments] == [False, True]
    assert not read(made, Codec.AAC).segments[1].gap
    with pytest.raises(RefusedError):
        made.fill("edge-0", 1, Codec.OPUS)
