import pytest
from tests.fakes.grid_messages import EPOCH_US, message, state

from rostra.delivery.channel import END_LINGER_NS, KEEP_NS
from rostra.delivery.drivers import hall as halls
from rostra.delivery.drivers.fanout import Events
from rostra.delivery.drivers.groups import Listener
from rostra.delivery.drivers.hall import Hall
from rostra.delivery.drivers.stats import Stats
from rostra.delivery.listener import SLOW_CLOSE_NS
from rostra.delivery.service import Now
from rostra.delivery.spaces import Directory
from rostra.domain.space import State
from rostra.wire.messages import to_json
from rostra.wire.states import EdgeInfo, SpaceState

ME = EdgeInfo("edge-0", (":8001",))


def nothing(_: Listener) -> None:
    """No listener is in these tests."""


def now(second: int) -> Now:
    return Now(second * 1_000_000_000, EPOCH_US + second * 1_000_000)


def hall() -> Hall:
    return Hall(Directory(ME), None, Stats(), Events(nothing, nothing, nothing))


def tell(subject: Hall, space: str, what: State, second: int) -> None:
    known = SpaceState(id=space, title=space, state=what, t0_utc_us=EPOCH_US)
    subject.learn("state", space, to_json(known), now(second))


def test_beyond_its_channels_messages_are_counted_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(halls, "CHANNELS_MAX", 2)
    subject = hall()
    for number in range(3):
        for space in ("a", "b", "c"):
            subject.take(message(number, space=space), now(0))
    assert set(subject.channels) == {"a", "b"}
    assert len(subject.channels) == halls.CHANNELS_MAX
    assert subject.unplaced == 3
    assert subject.tally("c").push == 0
    assert all(channel.window.newest == 2 for channel in subject.channels.values())


def test_a_space_that_is_over_makes_room_for_a_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(halls, "CHANNELS_MAX", 2)
    subject = hall()
    for space in ("a", "b"):
        tell(subject, space, State.LIVE, 0)
        subject.take(message(0, space=space), now(0))
    tell(subject, "a", State.ENDED, 1)
    subject.take(message(0, space="c"), now(1))
    assert set(subject.channels) == {"a", "b"}, "its last words are still under way"
    subject.tend_all(now(2))
    subject.take(message(1, space="c"), now(2))
    assert set(subject.channels) == {"b", "c"}
    assert subject.unplaced == 1
    assert state().id not in subject.channels


def test_a_space_is_kept_for_a_minute_after_its_end_and_then_forgotten() -> None:
    subject = hall()
    tell(subject, "a", State.LIVE, 0)
    subject.take(message(0, space="a"), now(0))
    tell(subject, "a", State.ENDED, 1)
    subject.tend_all(now(2))
    assert subject.channels["a"].over
    wake_ns = subject.wake_ns()
    assert wake_ns is not None
    kept = KEEP_NS // 1_000_000_000
    assert wake_ns == now(1 + kept).mono_ns + END_LINGER_NS
    subject.tend_all(now(1 + kept))
    assert set(subject.channels) == {"a"}
    subject.tend_all(now(2 + kept))
    assert subject.channels == {}
    assert subject.wake_ns() is None


def test_nobody_is_forgotten_who_may_still_be_owed_something() -> None:
    assert KEEP_NS > SLOW_CLOSE_NS


def test_a_message_after_all_that_wakes_nothing_for_long() -> None:
    subject = hall()
    tell(subject, "a", State.ENDED, 0)
    assert subject.channels == {}
    subject.take(message(0, space="a"), now(1))
    subject.tend_all(now(2))
    assert subject.channels["a"].over
    subject.tend_all(now(3 + KEEP_NS // 1_000_000_000))
    assert subject.channels == {}


def test_a_relaunch_is_not_forgotten() -> None:
    subject = hall()
    tell(subject, "a", State.ENDED, 0)
    subject.take(message(0, space="a"), now(0))
    subject.tend_all(now(1))
    tell(subject, "a", State.LIVE, 2)
    subject.tend_all(now(3 + KEEP_NS // 1_000_000_000))
    assert not subject.channels["a"].over
