from dataclasses import dataclass

import msgspec
import pytest

from rostra.domain.errors import NotFoundError, PeerError
from rostra.domain.limits import NAME_CHARS_MAX
from rostra.domain.voices import NOTE_CHARS_MAX
from rostra.stage.queue import (
    DOWN_MAX,
    HANDS_MAX,
    KEPT_BYTES_MAX,
    KEPT_US,
    Queue,
)
from rostra.wire.stagelink import QUEUE_SHOWN


@dataclass(frozen=True)
class Raised:
    claim: str
    listener: str = "listener"
    name: str = "Ada"
    note: str = ""


def claim(number: int) -> str:
    return f"{number:043}"


def asks(*numbers: int) -> tuple[Raised, ...]:
    return tuple(Raised(claim(number), f"listener-{number}") for number in numbers)


def heard(*numbers: int) -> Queue:
    queue = Queue()
    queue.hear(asks(*numbers), 0, 5)
    return queue


def order(queue: Queue) -> list[int]:
    return [int(ask.id) for ask in queue.view(lambda _: 0).asks]


def test_hands_stand_in_the_order_of_raising_and_keep_it() -> None:
    queue = heard(1, 2, 3)
    queue.hear(asks(3, 4, 1, 2), 1, 9)
    assert order(queue) == [1, 2, 3, 4]
    assert [ask.since_utc_us for ask in queue.view(lambda _: 0).asks] == [5, 5, 5, 9]
    queue.hear(asks(3, 4), 2, 9)
    assert order(queue) == [3, 4]


@pytest.mark.parametrize(
    ("who", "to", "then"),
    [(3, 0, [3, 1, 2]), (1, 1, [2, 1, 3]), (1, 99, [2, 3, 1]), (2, -5, [2, 1, 3])],
)
def test_a_host_orders_them(who: int, to: int, then: list[int]) -> None:
    queue = heard(1, 2, 3)
    queue.move(claim(who), to)
    queue.hear(asks(1, 2, 3), 1, 9)
    assert order(queue) == then


def test_a_hosts_note_stays_with_the_hand() -> None:
    queue = heard(1)
    queue.note(claim(1), " asks about\n tea ")
    queue.hear((Raised(claim(1), note="Tea!"),), 1, 9)
    [ask] = queue.view(lambda _: 7).asks
    assert (ask.note, ask.host_note, ask.invited_until_utc_us) == ("Tea!", "asks about tea", 7)
    with pytest.raises(PeerError, match="at most 140"):
        queue.note(claim(1), "x" * (NOTE_CHARS_MAX + 1))
    with pytest.raises(NotFoundError):
        queue.note(claim(9), "")
    with pytest.raises(NotFoundError):
        queue.move(claim(9), 0)


def test_what_a_page_says_is_cut_and_one_line() -> None:
    queue = Queue()
    queue.hear((Raised(claim(1), name="N\n" * 99, note="x" * 999),), 0, 0)
    [ask] = queue.view(lambda _: 0).asks
    assert len(ask.name) == NAME_CHARS_MAX
    assert len(ask.note) == NOTE_CHARS_MAX
    assert "\n" not in ask.name


def test_who_was_taken_down_stays_down_however_often_the_page_raises_it() -> None:
    queue = heard(1, 2)
    queue.take_down(claim(1))
    queue.hear(asks(1, 2), 1, 9)
    assert order(queue) == [2]
    for number in range(DOWN_MAX + 1):
        queue.take_down(claim(100 + number))
    assert len(queue._down) == DOWN_MAX


def test_banned_listeners_and_what_is_no_claim_are_left_out() -> None:
    queue = Queue()
    given = (*asks(1, 2), Raised("short"), Raised("<" * 43), Raised(claim(2), "thief", "Thief"))
    queue.hear(given, 0, 0, lambda listener: listener == "listener-1")
    [ask] = queue.view(lambda _: 0).asks
    assert (ask.id, ask.name) == (claim(2), "Ada")


def test_more_hands_than_anybody_calls_are_left_out_and_some_are_shown() -> None:
    queue = heard(*range(HANDS_MAX + 1))
    assert len(queue) == HANDS_MAX
    view = queue.view(lambda _: 0)
    assert (len(view.asks), view.total) == (QUEUE_SHOWN, HANDS_MAX)


def test_another_studio_keeps_order_and_notes_until_the_hands_are_up_again() -> None:
    before = heard(1, 2, 3)
    before.move(claim(3), 0)
    before.note(claim(1), "tea")
    after = Queue()
    after.restore(before.kept, 0)
    after.hear((), 1, 9)
    after.hear(asks(1, 3, 4), 2, 9)
    assert order(after) == [3, 1, 2, 4]
    assert after.hand(claim(1)).host_note == "tea"
    after.hear(asks(1, 3, 4), KEPT_US, 9)
    assert order(after) == [3, 1, 4]


def test_what_is_kept_of_a_long_queue_is_bounded() -> None:
    queue = Queue()
    queue.hear([Raised(claim(n), note='"' * NOTE_CHARS_MAX) for n in range(HANDS_MAX)], 0, 0)
    kept = queue.kept
    assert 20 < len(kept) < HANDS_MAX
    assert len(msgspec.json.encode(kept)) <= KEPT_BYTES_MAX + 2
