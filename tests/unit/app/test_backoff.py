from itertools import pairwise

from rostra.app.backoff import DELAY_S_MAX, FIRST_DELAY_S, STEADY_S, Backoff


def delays(count: int, lived_s: float = 0.0) -> list[float]:
    patience = Backoff()
    found = []
    for _ in range(count):
        patience = patience.after_death(lived_s)
        found.append(patience.delay_s)
    return found


def test_a_first_death_is_answered_at_once_and_each_young_one_later() -> None:
    found = delays(5)
    assert found[0] == FIRST_DELAY_S
    assert all(after > before for before, after in pairwise(found))


def test_patience_has_an_end_however_often_it_dies() -> None:
    assert delays(200)[-1] == DELAY_S_MAX
    assert max(delays(200)) == DELAY_S_MAX


def test_who_lived_well_is_started_as_at_first() -> None:
    assert delays(50, lived_s=STEADY_S) == [FIRST_DELAY_S] * 50
    worn = Backoff(deaths=40)
    assert worn.after_death(STEADY_S - 0.1).delay_s == DELAY_S_MAX
    assert worn.after_death(STEADY_S).delay_s == FIRST_DELAY_S


def test_nobody_waits_before_the_first_start() -> None:
    assert Backoff().delay_s == 0.0
