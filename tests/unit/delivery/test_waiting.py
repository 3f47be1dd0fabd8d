"""The queue that holds nobody: places and times that come true when each asks again."""

import pytest

from rostra.delivery.waiting import JITTER, WAIT_MAX_S, WAIT_MIN_S, Waiting

S = 1_000_000_000


def test_nobody_leaves_so_the_wait_is_the_longest_that_is_told() -> None:
    told = Waiting().told(1 * S, chance=0.5)
    assert (told.place, told.wait_s, told.retry_s) == (1, WAIT_MAX_S, WAIT_MAX_S)


def test_one_is_let_in_for_each_who_left_since_the_queue_began() -> None:
    waiting = Waiting()
    waiting.left(1 * S)
    waiting.close()
    assert not waiting.admit()
    waiting.left(2 * S)
    assert waiting.admit()
    assert not waiting.admit()


@pytest.mark.parametrize("chance", [0.0, 0.25, 0.999])
def test_the_time_to_come_back_is_spread(chance: float) -> None:
    told = Waiting().told(1 * S, chance)
    share = 1 - JITTER + 2 * JITTER * chance
    assert told.retry_s == pytest.approx(WAIT_MAX_S * share, abs=0.51)


def test_a_short_queue_before_a_busy_door_is_told_the_least() -> None:
    waiting = Waiting()
    for turn in range(600):
        waiting.left(turn * S // 10)
    told = waiting.told(60 * S, 0.5)
    assert (told.place, told.wait_s) == (1, WAIT_MIN_S)


def test_with_a_crowd_that_asks_as_it_was_told_place_and_time_are_about_true() -> None:
    """300 wait, five leave a second: a minute for the last; each asks when it was told to."""
    waiting = Waiting()
    for turn in range(60 * 5):
        waiting.left(turn * S // 5)
    waiting.close()
    due = dict.fromkeys(range(300), 60.0)
    inside: dict[int, float] = {}
    told_at: dict[int, tuple[float, int]] = {}
    for tick in range(60 * 10, 300 * 10):
        now_s = tick / 10
        if tick % 2 == 0:
            waiting.left(int(now_s * S))
        for person in sorted(p for p, at in due.items() if at <= now_s):
            if waiting.admit():
                inside[person] = now_s
                del due[person]
                continue
            told = waiting.told(int(now_s * S), (person * 37 % 100) / 100)
            told_at[person] = (now_s, told.place)
            due[person] = now_s + told.retry_s
    assert len(inside) == 300, "everybody comes in"
    assert max(inside.values()) < 60 + 3 * 60
    first_places = [place for at, place in told_at.values() if at > 0]
    assert max(first_places) <= 1.1 * 300
