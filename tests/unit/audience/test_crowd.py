import pytest

from rostra.audience.crowd import Crowd, Figures
from rostra.audience.headcount import SILENT_NS
from rostra.audience.voices import GATHER_NS, HAND_NS, HANDS_MAX, STALE_NS, TELL_EVERY_NS, Voices
from rostra.wire.messages import EdgeTally, SpaceTally
from rostra.wire.sketch import Sketch

HELD = frozenset({"hall"})


def registers(*digests: int) -> bytes:
    sketch = Sketch()
    for digest in digests:
        sketch.add(digest)
    return sketch.registers()


def test_every_number_says_which_of_the_three_it_is() -> None:
    crowd = Crowd()
    first = SpaceTally("hall", push=5, mp3=1, hls=4, run="run1", unique=registers(1, 2, 3))
    other = SpaceTally("hall", aac=2, hls=1, run="run1", unique=registers(3, 4))
    crowd.take(EdgeTally("a", "x", 1, (first,)), HELD, 0)
    crowd.take(EdgeTally("b", "x", 1, (other, SpaceTally("tea", push=9))), HELD, 0)
    figures = crowd.figures("hall", "run1", 0)
    assert figures == Figures(connections=8, hls=5, unique=4)
    assert figures.listening == 13
    assert crowd.figures("hall", "run2", 0).unique == 0
    assert crowd.figures("nowhere", "run1", 0) == Figures()


def test_whom_a_lost_edge_had_is_still_one_that_listened() -> None:
    crowd = Crowd()
    row = SpaceTally("hall", push=2, run="run1", unique=registers(1, 2))
    crowd.take(EdgeTally("a", "old", 9, (row,)), HELD, 0)
    row = SpaceTally("hall", push=1, run="run1", unique=registers(2))
    crowd.take(EdgeTally("a", "new", 1, (row,)), HELD, 1)
    assert crowd.figures("hall", "run1", 1) == Figures(connections=1, unique=2)
    assert crowd.figures("hall", "run1", SILENT_NS + 2) == Figures(unique=2)


def test_a_tally_that_is_not_counted_says_nothing_either() -> None:
    crowd = Crowd()
    row = SpaceTally("hall", reactions={"clap": 2}, hands={"ann": True})
    for _ in range(3):
        crowd.take(EdgeTally("a", "x", 1, (row,)), HELD, 0)
    assert crowd.voices.due("hall", GATHER_NS) == {"clap": 2}
    assert crowd.heads.refused == 2


def test_spaces_of_other_studios_are_counted_but_not_kept() -> None:
    crowd = Crowd()
    row = SpaceTally("hall", push=1, run="r", unique=registers(1), hands={"ann": True})
    crowd.take(EdgeTally("a", "x", 1, (row,)), frozenset(), 0)
    assert crowd.figures("hall", "r", 0) == Figures(connections=1)
    crowd.take(EdgeTally("a", "x", 2, (row,)), HELD, 0)
    assert crowd.figures("hall", "r", 0) == Figures(connections=1, unique=1, hands=1)
    crowd.take(EdgeTally("a", "x", 3, ()), frozenset(), 0)
    assert crowd.figures("hall", "r", 0) == Figures()


def test_reactions_of_one_second_come_together_and_at_most_once_a_second() -> None:
    voices = Voices()
    voices.take("hall", {"clap": 2, "boo": 5}, {}, 0)
    voices.take("hall", {"clap": 1, "wow": 1}, {}, GATHER_NS - 1)
    assert voices.due("hall", GATHER_NS - 1) == {}
    assert voices.due("hall", GATHER_NS) == {"clap": 3, "wow": 1}
    assert voices.due("hall", GATHER_NS) == {}
    voices.take("hall", {"heart": 1}, {}, GATHER_NS + 1)
    assert voices.due("hall", GATHER_NS + TELL_EVERY_NS - 1) == {}
    assert voices.due("hall", GATHER_NS + TELL_EVERY_NS) == {"heart": 1}


@pytest.mark.parametrize("counts", [{}, {"clap": 0}, {"boo": 3}])
def test_nothing_is_told_where_nothing_was_said(counts: dict[str, int]) -> None:
    voices = Voices()
    voices.take("hall", counts, {}, 0)
    assert voices.due("hall", 10 * TELL_EVERY_NS) == {}


def test_hands_keep_their_order_and_are_bounded() -> None:
    voices = Voices()
    voices.take("hall", {}, {"ann": True, "ben": True}, 0)
    voices.take("hall", {}, {"ben": True, "cy": True, "ann": False, "dan": False}, 0)
    assert voices.hands("hall", 0) == ("ben", "cy")
    voices.take("hall", {}, {f"x{index}": True for index in range(HANDS_MAX)}, 0)
    assert len(voices.hands("hall", 0)) == HANDS_MAX
    assert voices.hands_refused == 2
    assert voices.hands("tea", 0) == ()


def test_a_hand_goes_down_that_is_not_raised_again_and_keeps_its_place_while_it_is() -> None:
    voices = Voices()
    voices.take("hall", {}, {"ann": True, "ben": True}, 0)
    voices.take("hall", {}, {"cy": True}, 1)
    voices.take("hall", {}, {"ann": True}, HAND_NS - 1)
    assert voices.hands("hall", HAND_NS - 1) == ("ann", "ben", "cy")
    assert voices.hands("hall", HAND_NS) == ("ann", "cy")
    assert voices.hands("hall", 2 * HAND_NS - 2) == ("ann",)
    assert voices.hands("hall", 2 * HAND_NS - 1) == ()


def test_hands_that_nobody_holds_up_make_room() -> None:
    voices = Voices()
    voices.take("hall", {}, {f"x{index}": True for index in range(HANDS_MAX)}, 0)
    voices.take("hall", {}, {"ann": True}, HAND_NS - 1)
    assert voices.hands_refused == 1
    voices.take("hall", {}, {"ann": True}, HAND_NS)
    assert voices.hands("hall", HAND_NS) == ("ann",)


def test_reactions_that_nobody_could_tell_are_not_told_later() -> None:
    voices = Voices()
    voices.take("hall", {"clap": 9}, {}, 0)
    assert voices.due("hall", STALE_NS) == {"clap": 9}
    voices.take("hall", {"clap": 9}, {}, STALE_NS)
    assert voices.due("hall", 2 * STALE_NS + 1) == {}
    voices.take("hall", {"clap": 9}, {}, 3 * STALE_NS)
    voices.take("hall", {"clap": 1}, {}, 4 * STALE_NS + 1)
    assert voices.due("hall", 4 * STALE_NS + 1 + GATHER_NS) == {"clap": 1}
