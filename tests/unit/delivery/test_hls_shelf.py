import pytest
from tests.fakes.grid_messages import message

from rostra.delivery.cutting import fragment
from rostra.delivery.hls import SEGMENTS_LISTED, SEGMENTS_PACKED_MAX, Shelf, master
from rostra.delivery.refusals import RefusedError
from rostra.delivery.window import Step, Window
from rostra.domain.grid import MESSAGES_PER_SEGMENT
from rostra.wire.playlist_read import read_media


class Desk:
    """A window and its shelf, fed as a channel does it."""

    def __init__(self, edge: str = "edge-0") -> None:
        self.window = Window()
        self.shelf = Shelf("hall", edge, self.window)

    def run(self, first: int, last: int, filled: tuple[int, ...] = (), run: str = "run1") -> None:
        for number in range(first, last):
            step = Step(message(number, run), real=number not in filled)
            self.window.put(step)
            self.shelf.passed(number)

    def lines(self) -> list[str]:
        return self.shelf.media().decode().splitlines()

    def files(self) -> list[str]:
        return [line for line in self.lines() if not line.startswith("#")]


def test_lists_a_segment_when_its_last_message_has_passed() -> None:
    desk = Desk()
    desk.run(0, 17)
    with pytest.raises(RefusedError, match="two seconds") as refused:
        desk.shelf.media()
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


def test_bytes_are_one_fragment_and_the_same_at_every_edge() -> None:
    one, other = Desk("edge-0"), Desk("edge-1")
    one.run(0, 40)
    other.run(11, 80)
    expected = fragment([message(n) for n in range(18, 36)], 2)
    assert one.shelf.segment(1) == other.shelf.segment(1) == expected


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
    assert desk.shelf.fill("edge-0", 1) == fragment([message(n) for n in range(18, 27)], 2)


def test_a_new_run_has_its_own_list() -> None:
    desk = Desk()
    desk.run(0, 36)
    desk.run(0, 18, run="run2")
    assert desk.files() == ["seg-0.m4s"]
    assert b"run2" in desk.shelf.segment(0)


def test_packed_bytes_are_bounded() -> None:
    desk = Desk()
    desk.run(0, MESSAGES_PER_SEGMENT * 31)
    for number in range(31):
        desk.shelf.segment(number)
    assert len(desk.shelf._packed) == SEGMENTS_PACKED_MAX


def test_our_own_reader_reads_it() -> None:
    desk = Desk()
    desk.run(0, 18 * 9, filled=(60,))
    read = read_media(desk.shelf.media().decode())
    assert len(read.segments) == SEGMENTS_LISTED


def test_the_master_names_the_run() -> None:
    assert b"\nrun1/aac/audio.m3u8\n" in master("run1")
