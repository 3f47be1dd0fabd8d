from dataclasses import replace

import msgspec
import pytest
from tests.fakes.grid_messages import message

from rostra.delivery.cutting import fragment
from rostra.delivery.directives import Reload
from rostra.delivery.hls import (
    ADVANCE_PARTS_MAX,
    ADVANCE_SEGMENTS_MAX,
    SEGMENTS_WITH_PARTS,
    Shelf,
    master,
)
from rostra.delivery.listing import SEGMENTS_KEPT, SEGMENTS_LISTED
from rostra.delivery.packing import FILLS_MAX, PARTS_PACKED_MAX
from rostra.delivery.refusals import RefusedError
from rostra.delivery.window import Step, Window
from rostra.domain.grid import (
    MESSAGES_PER_PART,
    MESSAGES_PER_SEGMENT,
    PARTS_PER_SEGMENT,
)
from rostra.domain.media import Codec
from rostra.wire.playlist import MediaPlaylist, Report
from rostra.wire.playlist_read import read_master, read_media


class Desk:
    """A window and its shelf, fed as a channel does it."""

    def __init__(self, edge: str = "edge-0") -> None:
        self.window = Window()
        self.shelf = Shelf(edge, self.window)

    def run(self, first: int, last: int, filled: tuple[int, ...] = (), run: str = "run1") -> None:
        for number in range(first, last):
            real = number not in filled
            said = message(number, run)
            if not real:
                said = msgspec.structs.replace(said, aac=(f"hold/{number};".encode(),) * 5)
            self.window.put(Step(said, real=real))
            self.shelf.passed(number)

    def lines(self) -> list[str]:
        return self.shelf.media(Codec.AAC).decode().splitlines()

    def read(self) -> MediaPlaylist:
        return read_media(self.shelf.media(Codec.AAC).decode())

    def parts(self) -> list[str]:
        read = self.read()
        listed = [part for segment in read.segments for part in segment.parts]
        return [part.name for part in (*listed, *read.next_parts)]

    def files(self) -> list[str]:
        return [line for line in self.lines() if not line.startswith("#")]


def test_lists_a_segment_when_its_last_message_has_passed() -> None:
    desk = Desk()
    desk.run(0, 17)
    with pytest.raises(RefusedError, match="two seconds") as refused:
        desk.shelf.media(Codec.AAC)
    assert refused.value.status == 503  # players take a 404 for the end
    desk.run(17, 18)
    assert desk.files() == ["seg-0.m4s"]


def test_an_edge_that_came_late_begins_with_its_first_whole_segment() -> None:
    desk = Desk()
    desk.run(5, 36)
    assert desk.files() == ["seg-1.m4s"]


def test_the_window_is_bounded_and_segments_serve_on_a_while() -> None:
    desk = Desk()
    desk.run(0, 18 * 12)
    assert desk.files() == [f"seg-{n}.m4s" for n in range(12 - SEGMENTS_LISTED, 12)]
    assert "#EXT-X-MEDIA-SEQUENCE:4" in desk.lines()
    assert desk.shelf.segment(2)


def packed(index: int, count: int = MESSAGES_PER_PART) -> bytes:
    first = index * MESSAGES_PER_PART
    return fragment([message(n) for n in range(first, first + count)], index + 1)


def test_a_segment_is_its_parts_in_a_row_and_the_same_at_every_edge() -> None:
    one, other = Desk("edge-0"), Desk("edge-1")
    one.run(0, 40)
    other.run(11, 80)
    parts = [packed(index) for index in range(6, 12)]
    assert [one.shelf.part(1, part) for part in range(6)] == parts
    assert one.shelf.segment(1) == other.shelf.segment(1) == b"".join(parts)


def test_parts_are_named_when_they_are_out_and_the_next_is_hinted() -> None:
    desk = Desk()
    desk.run(0, 18 + 5)
    assert desk.parts() == [*(f"part-0-{part}.m4s" for part in range(6)), "part-1-0.m4s"]
    assert desk.read().preload_hint == "part-1-1.m4s"
    assert desk.shelf.hinted(1, 1)
    with pytest.raises(RefusedError, match="not yet out"):
        desk.shelf.part(1, 1)
    desk.run(18 + 5, 18 + 6)
    assert desk.parts()[-1] == "part-1-1.m4s"
    assert desk.shelf.part(1, 1) == packed(7)


def test_parts_are_named_for_the_last_three_segments() -> None:
    desk = Desk()
    desk.run(0, 18 * 6)
    with_parts = [segment.number for segment in desk.read().segments if segment.parts]
    assert with_parts == list(range(6 - SEGMENTS_WITH_PARTS, 6))
    assert desk.shelf.part(0, 0), "but stay"


def test_a_part_with_a_fill_in_it_has_its_own_name_and_what_was_named_before_stays() -> None:
    desk = Desk()
    desk.run(0, 18 * 3, filled=(25,))
    assert desk.parts()[6:12] == [
        "part-1-0.m4s",
        "part-1-1.m4s",
        "fillpart-edge-0-1-2.m4s",
        "part-1-3.m4s",
        "part-1-4.m4s",
        "part-1-5.m4s",
    ]
    assert desk.files() == ["seg-0.m4s", "fill-edge-0-1.m4s", "seg-2.m4s"]
    # No tag can come before parts that are out; the one behind it can.
    assert [segment.discontinuity for segment in desk.read().segments] == [False, False, True]
    parts = (desk.shelf.part(1, part) for part in (0, 1, 3, 4, 5))
    before, after = next(parts) + next(parts), b"".join(parts)
    fill = desk.shelf.fill_part("edge-0", 1, 2)
    assert desk.shelf.fill("edge-0", 1) == before + fill + after


def test_a_long_fill_is_between_discontinuities_from_its_first_whole_segment_on() -> None:
    desk = Desk()
    desk.run(0, 18 * 5, filled=tuple(range(25, 60)))
    tags = [segment.discontinuity for segment in desk.read().segments]
    assert tags == [False, False, True, False, True]


def test_a_late_message_mends_the_segment_but_not_the_part_that_was_named() -> None:
    desk = Desk()
    desk.run(0, 18 + 6, filled=(19,))
    fill = desk.shelf.fill_part("edge-0", 1, 0)
    assert desk.window.mend(message(19))
    desk.run(18 + 6, 18 * 2)
    assert desk.files() == ["seg-0.m4s", "seg-1.m4s"]
    assert desk.parts()[6] == "fillpart-edge-0-1-0.m4s"
    assert desk.shelf.fill_part("edge-0", 1, 0) == fill
    assert desk.shelf.part(1, 0) == packed(6) != fill
    assert desk.shelf.segment(1) == b"".join(packed(index) for index in range(6, 12))


def test_while_the_studio_is_silent_nothing_is_hinted() -> None:
    desk = Desk()
    desk.run(0, 18 + 1, filled=(18,))
    assert desk.read().preload_hint == ""


def test_holes_that_nothing_fills_are_gaps() -> None:
    desk = Desk()
    desk.run(0, 20)
    desk.run(31, 36)
    read = desk.read()
    assert [part.gap for part in read.segments[1].parts] == [False, True, True, True, False, False]
    assert read.segments[1].name == "fill-edge-0-1.m4s"
    with pytest.raises(RefusedError):
        desk.shelf.fill_part("edge-0", 1, 1)
    assert desk.shelf.fill_part("edge-0", 1, 0) == packed(6, 2)


@pytest.mark.parametrize(
    ("asked", "ready"),
    [
        (Reload(0), True),
        (Reload(1), False),
        (Reload(0, 99), True),
        (Reload(1, 0), True),
        (Reload(1, 1), False),
        (Reload(0, 6), True),
        (Reload(1, 6), False),
    ],
)
def test_a_reload_waits_for_its_part_or_its_whole_segment(asked: Reload, *, ready: bool) -> None:
    desk = Desk()
    desk.run(0, 18 + 3)
    assert desk.shelf.ready(asked) == ready


def test_what_is_too_far_ahead_is_refused_and_at_the_end_nothing_is() -> None:
    desk = Desk()
    desk.run(0, 18 + 3)
    newest = PARTS_PER_SEGMENT
    desk.shelf.check(Reload(ADVANCE_SEGMENTS_MAX))
    desk.shelf.check(Reload(*divmod(newest + ADVANCE_PARTS_MAX, PARTS_PER_SEGMENT)))
    for asked in (
        Reload(ADVANCE_SEGMENTS_MAX + 1),
        Reload(*divmod(newest + ADVANCE_PARTS_MAX + 1, PARTS_PER_SEGMENT)),
    ):
        with pytest.raises(RefusedError) as refused:
            desk.shelf.check(asked)
        assert refused.value.status == 400
    desk.shelf.end()
    desk.shelf.check(Reload(10**11))
    assert desk.shelf.ready(Reload(10**11, 3))
    assert desk.read().preload_hint == ""


def test_a_filled_segment_is_this_edges_own_between_discontinuities() -> None:
    desk = Desk()
    desk.run(0, 18 * 4, filled=(20, 21))
    assert desk.files() == ["seg-0.m4s", "fill-edge-0-1.m4s", "seg-2.m4s", "seg-3.m4s"]
    assert desk.lines().count("#EXT-X-DISCONTINUITY") == 2
    with pytest.raises(RefusedError, match="not here"):
        desk.shelf.segment(1)
    assert desk.shelf.fill("edge-0", 1)
    with pytest.raises(RefusedError, match="not here"):
        desk.shelf.fill("edge-1", 1)
    with pytest.raises(RefusedError, match="not here"):
        desk.shelf.fill("edge-0", 2)


def test_discontinuities_that_left_the_window_are_counted() -> None:
    desk = Desk()
    desk.run(0, 18 * 12, filled=(20,))
    assert "#EXT-X-DISCONTINUITY-SEQUENCE:2" in desk.lines()


def test_after_a_leap_the_list_begins_anew() -> None:
    desk = Desk()
    desk.run(0, 36)
    desk.run(18 * 50, 18 * 52)
    assert desk.files() == ["seg-50.m4s", "seg-51.m4s"]
    assert desk.lines().count("#EXT-X-DISCONTINUITY") == 1


def test_at_the_end_the_rest_is_listed_and_nothing_follows() -> None:
    desk = Desk()
    desk.run(0, 27)
    desk.shelf.end()
    assert desk.files() == ["seg-0.m4s", "fill-edge-0-1.m4s"]
    assert desk.lines()[-1] == "#EXT-X-ENDLIST"
    assert "#EXTINF:0.96000," in desk.lines()
    assert desk.shelf.fill("edge-0", 1) == b"".join(packed(index) for index in range(6, 9))


def test_the_last_part_may_be_short() -> None:
    desk = Desk()
    desk.run(0, 22)
    desk.shelf.end()
    assert desk.parts()[6:] == ["part-1-0.m4s", "fillpart-edge-0-1-1.m4s"]
    assert desk.shelf.fill_part("edge-0", 1, 1) == packed(7, 1)


def test_what_goes_on_after_the_end_is_listed_anew() -> None:
    desk = Desk()
    desk.run(0, 22)
    desk.shelf.end()
    desk.run(22, 18 * 3)
    assert desk.files() == ["seg-2.m4s"]


def test_a_new_run_has_its_own_list() -> None:
    desk = Desk()
    desk.run(0, 36)
    desk.run(0, 18, run="run2")
    assert desk.files() == ["seg-0.m4s"]
    assert b"run2" in desk.shelf.segment(0)


def test_packed_bytes_and_fills_are_bounded() -> None:
    desk = Desk()
    desk.run(0, MESSAGES_PER_SEGMENT * 31, filled=tuple(range(3, 18 * 31, 3)))
    for number in range(31):
        with pytest.raises(RefusedError):
            desk.shelf.segment(number)
    assert len(desk.shelf._packer._fills) == FILLS_MAX
    assert desk.shelf.fill("edge-0", 31 - SEGMENTS_KEPT)
    with pytest.raises(RefusedError):
        desk.shelf.fill("edge-0", 30 - SEGMENTS_KEPT)
    desk = Desk()
    desk.run(0, MESSAGES_PER_SEGMENT * 31)
    for number in range(31):
        desk.shelf.segment(number)
    assert len(desk.shelf._packer._packed) == PARTS_PACKED_MAX


def test_our_own_reader_reads_it() -> None:
    desk = Desk()
    desk.run(0, 18 * 9, filled=(60,))
    assert len(desk.read().segments) == SEGMENTS_LISTED


def test_the_master_names_the_run() -> None:
    assert b"\nrun1/aac/audio.m3u8\n" in master("run1")
    assert b"SCORE" not in master("run1")


def test_the_master_puts_opus_behind_aac() -> None:
    aac, opus = read_master(master("run1", opus=True).decode())
    assert (aac.uri, aac.codecs) == ("run1/aac/audio.m3u8", "mp4a.40.2")
    assert (opus.uri, opus.codecs) == ("run1/opus/audio.m3u8", "opus")
    assert aac.score > opus.score


def test_opus_has_the_same_playlist_and_bytes_of_its_own() -> None:
    desk = Desk()
    desk.run(0, 18 * 2 + 4)
    aac, opus = (read_media(desk.shelf.media(codec).decode()) for codec in (Codec.AAC, Codec.OPUS))
    assert replace(aac, reports=()) == replace(opus, reports=())
    assert aac.reports == (Report("../opus/audio.m3u8", 2, 0),)
    assert opus.reports == (Report("../aac/audio.m3u8", 2, 0),)
    assert b"opus/96;" in desk.shelf.part(1, 0, Codec.OPUS)
    assert b"opus" not in desk.shelf.part(1, 0)
    parts = (desk.shelf.part(1, part, Codec.OPUS) for part in range(6))
    assert desk.shelf.segment(1, Codec.OPUS) == b"".join(parts)
