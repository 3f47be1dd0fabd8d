from tests.fakes.grid_messages import message

from rostra.delivery import moving
from rostra.delivery.cutting import EDGE_EVENT, Cutter, Form
from rostra.delivery.moving import EMPTY_AFTER_S, GRACE_S, MOVE_WITHIN_MAX_S, Moving
from rostra.delivery.window import Step, Window
from rostra.domain.grid import message_pts
from rostra.wire.messages import Notice
from rostra.wire.mp4_read import Emsg, Mp4Reader
from rostra.wire.notices import read

S = 1_000_000_000


def window(count: int) -> Window:
    found = Window()
    for number in range(count):
        found.put(Step(message(number), real=True))
    return found


def test_nobody_is_told_before_it_begins() -> None:
    one = Moving()
    assert not one.draining
    assert list(one.notices(window(40), 0, 39)) == []
    assert not one.over(10**15, 0)


def test_everybody_is_told_again_about_each_second_and_how_much_time_is_left() -> None:
    one = Moving()
    one.begin(20, 5 * S)
    told = list(one.notices(window(40), 10, 30))
    assert told == [Notice("move", message_pts(n), {"within_s": 20}) for n in (18, 27)]
    one.pass_time(17 * S)
    assert next(one.notices(window(40), 0, 0)).body == {"within_s": 8}
    one.pass_time(99 * S)
    assert next(one.notices(window(40), 0, 0)).body == {"within_s": 1}, "the late go at once"


def test_a_hole_carries_no_notice() -> None:
    one = Moving()
    one.begin(20, 0)
    assert list(one.notices(window(9), 9, 9)) == []


def test_a_second_call_does_not_begin_anew_and_times_are_bounded() -> None:
    one, never, long = Moving(), Moving(), Moving()
    one.begin(10, 0)
    one.begin(50, 30 * S)
    assert one.over((10 + GRACE_S) * S, 7)
    never.begin(-3, 0)
    assert next(never.notices(window(1), 0, 0)).body == {"within_s": 1}
    long.begin(10**9, 0)
    assert next(long.notices(window(1), 0, 0)).body == {"within_s": MOVE_WITHIN_MAX_S}


def test_it_is_over_when_nobody_is_left_and_lists_of_edges_are_new() -> None:
    one = Moving()
    one.begin(10, 0)
    assert not one.over((EMPTY_AFTER_S - 1) * S, 0)
    assert one.over(EMPTY_AFTER_S * S, 0)
    assert not one.over((EMPTY_AFTER_S + 1) * S, 1)


def test_it_is_over_for_whoever_is_left_when_its_time_is_up() -> None:
    one = Moving()
    one.begin(10, 0)
    assert not one.over((10 + GRACE_S) * S - 1, 3)
    assert one.over((10 + GRACE_S) * S, 3)
    assert moving.MOVE_WITHIN_S + GRACE_S == 80, "as the documents say"


def test_every_tick_and_every_burst_carries_it_in_push_alone() -> None:
    one, shown = Moving(), window(40)
    one.begin(20, 0)
    cutter = Cutter(shown)
    cutter.asides.append(one.notices)
    burst = cutter.burst(Form.PUSH, 39)
    assert burst is not None
    units = [cutter.tick(Form.PUSH, number).plain for number in (29, 32, 35)]
    for stretch in (b"".join(units), burst.plain):
        said = [box for box in Mp4Reader().feed(stretch) if isinstance(box, Emsg)]
        assert [read(box.payload).kind for box in said] == ["move"]
        assert said[0].event_id >= EDGE_EVENT
    assert b"within_s" not in cutter.tick(Form.AAC, 36).plain
