from functools import partial

from tests.fakes.grid_messages import EPOCH_US, loop, message

from rostra.delivery.filling import (
    FILL_AFTER_NS,
    FILL_AT_ONCE_MAX,
    LATE_WAIT_MAX,
    MESSAGE_NS,
    Line,
)
from rostra.domain.limits import MESSAGE_WINDOW
from rostra.wire.hold import fill_message


def line() -> Line:
    return Line(partial(fill_message, loop(), "hall"))


def numbers(steps: list) -> list[int]:  # type: ignore[type-arg]
    return [step.message.number for step in steps]


def test_real_messages_pass_as_they_come() -> None:
    subject = line()
    for number in range(5):
        steps = subject.take(message(number), number * MESSAGE_NS)
        assert numbers(steps) == [number]
        assert steps[0].real


def test_nothing_is_filled_before_the_named_silence() -> None:
    subject = line()
    subject.take(message(0), 0)
    assert subject.due(FILL_AFTER_NS - 1) == []
    assert subject.wake_ns() == FILL_AFTER_NS


def test_silence_is_filled_on_the_grid_from_where_it_began() -> None:
    subject = line()
    subject.take(message(0), 0)
    steps = subject.due(FILL_AFTER_NS)
    assert numbers(steps) == list(range(1, FILL_AFTER_NS // MESSAGE_NS + 1))
    assert not any(step.real for step in steps)
    assert subject.wake_ns() == subject.next * MESSAGE_NS
    assert numbers(subject.due(subject.next * MESSAGE_NS)) == [steps[-1].message.number + 1]


def test_real_messages_are_spliced_in_and_late_ones_refused() -> None:
    subject = line()
    subject.take(message(0), 0)
    subject.due(FILL_AFTER_NS)
    following = subject.next
    assert subject.take(message(following - 1), FILL_AFTER_NS) == []
    assert subject.late == 1
    steps = subject.take(message(following + 1), FILL_AFTER_NS)
    assert numbers(steps) == [following, following + 1]
    assert [step.real for step in steps] == [False, True]


def test_a_studio_that_is_back_but_behind_ends_the_filling() -> None:
    subject = line()
    subject.take(message(0), 0)
    subject.due(2_000_000_000)
    now = 2_000_000_000
    for number in range(8, 12):
        now += MESSAGE_NS
        subject.take(message(number), now)
        assert subject.due(now) == []


def test_a_studio_that_is_far_behind_leaves_nobody_in_silence() -> None:
    subject = line()
    subject.take(message(200), 0)
    subject.due(FILL_AFTER_NS)
    now = FILL_AFTER_NS
    for back in range(LATE_WAIT_MAX + 1, 200):
        now += MESSAGE_NS
        assert subject.take(message(subject.next - back), now) == []
        assert [step.real for step in subject.due(now)] == [False]


def test_a_lost_message_is_filled_when_the_next_comes() -> None:
    subject = line()
    subject.take(message(0), 0)
    assert numbers(subject.take(message(3), MESSAGE_NS)) == [1, 2, 3]
    assert subject.filled == 2


def test_more_than_the_window_is_leapt_over() -> None:
    subject = line()
    subject.take(message(0), 0)
    far = FILL_AT_ONCE_MAX + 5
    assert numbers(subject.take(message(far), MESSAGE_NS)) == [far]
    steps = subject.due(MESSAGE_NS * (3 * MESSAGE_WINDOW))
    assert len(steps) == 1
    assert subject.next == far + 3 * MESSAGE_WINDOW


def test_without_a_loop_holes_stay_holes() -> None:
    subject = Line(None)
    subject.take(message(0), 0)
    assert subject.due(10**12) == []
    assert subject.wake_ns() is None
    assert numbers(subject.take(message(5), 10**12)) == [5]


def test_a_run_known_by_its_state_alone_goes_on_about_where_it_is() -> None:
    subject = line()
    subject.begin("run1", EPOCH_US, 0, EPOCH_US + 60_000_000)
    assert subject.due(FILL_AFTER_NS - 1) == []
    steps = subject.due(FILL_AFTER_NS)
    assert numbers(steps) == [60_000 * 48 // 5_120 + FILL_AFTER_NS // MESSAGE_NS]


def test_a_run_known_by_its_state_takes_the_streams_past_too() -> None:
    subject = line()
    subject.begin("run1", EPOCH_US, 0, EPOCH_US + 60_000_000)
    assert numbers(subject.take(message(3), 1)) == [3]
    assert numbers(subject.take(message(4), 2)) == [4]


def test_a_new_run_begins_with_its_own_numbers() -> None:
    subject = line()
    subject.take(message(100), 0)
    assert numbers(subject.take(message(2, "run2"), MESSAGE_NS)) == [2]
    assert subject.run == "run2"
