from functools import partial

from tests.fakes.grid_messages import EPOCH_US, loop, message, state

from rostra.delivery.channel import END_LINGER_NS, Channel
from rostra.delivery.filling import FILL_AFTER_NS, MESSAGE_NS
from rostra.domain.space import State
from rostra.wire.hold import fill_message


def channel() -> Channel:
    return Channel("hall", "edge-0", partial(fill_message, loop(), "hall"))


def test_doors_open_before_the_first_message() -> None:
    subject = channel()
    assert not subject.open
    subject.learn(state(State.LOBBY), 0, EPOCH_US)
    assert subject.open
    assert subject.wake_ns() == FILL_AFTER_NS


def test_the_title_is_the_states() -> None:
    subject = channel()
    subject.learn(state(title="New title"), 0, EPOCH_US)
    assert subject.cutter.title == "New title"


def test_the_end_waits_for_the_last_messages_and_comes_once() -> None:
    subject = channel()
    subject.learn(state(State.LIVE), 0, EPOCH_US)
    for step in subject.take(message(0), 0):
        subject.out(step)
    subject.learn(state(State.ENDED), 10, EPOCH_US)
    assert not subject.ends(END_LINGER_NS + 9)
    assert len(subject.take(message(1), END_LINGER_NS)) == 1
    assert subject.wake_ns() == 2 * END_LINGER_NS
    assert not subject.ends(2 * END_LINGER_NS - 1)
    assert subject.due(10 * FILL_AFTER_NS) == [], "no hold audio after the end"
    assert subject.ends(2 * END_LINGER_NS)
    assert not subject.ends(2 * END_LINGER_NS)
    assert subject.take(message(2), 3 * END_LINGER_NS) == []
    assert not subject.open
    assert subject.farewell().body == {"state": "ended"}


def test_a_relaunch_opens_the_doors_again() -> None:
    subject = channel()
    subject.learn(state(State.ENDED), 0, EPOCH_US)
    assert subject.ends(END_LINGER_NS)
    subject.learn(state(State.LIVE, run="run2"), END_LINGER_NS, EPOCH_US)
    assert subject.open
    steps = subject.take(message(0, "run2"), END_LINGER_NS)
    assert [subject.out(step) for step in steps] == [True]


def test_a_late_message_mends_the_segment_it_belongs_to() -> None:
    subject = channel()
    for step in subject.take(message(0), 0):
        subject.out(step)
    for step in subject.due(FILL_AFTER_NS):
        subject.out(step)
    assert subject.take(message(1), FILL_AFTER_NS + MESSAGE_NS) == []
    held = subject.window.get(1)
    assert held is not None
    assert held.real
