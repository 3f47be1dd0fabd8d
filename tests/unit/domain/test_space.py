"""A space moves only along its table, and only for who may move it."""

import itertools

import pytest

from rostra.domain.errors import ForbiddenError, PeerError
from rostra.domain.space import DOORS_OPEN, OVER, TRANSITIONS, Cause, State, move

STEPS = list(itertools.product(State, State, Cause))


def _allowed(now: State, then: State, cause: Cause) -> bool:
    return cause in TRANSITIONS.get((now, then), frozenset())


@pytest.mark.parametrize(("now", "then", "cause"), [s for s in STEPS if _allowed(*s)])
def test_a_step_of_the_table_is_taken(now: State, then: State, cause: Cause) -> None:
    assert move(now, then, cause) is then


def test_a_step_that_is_not_in_the_table_is_a_conflict() -> None:
    missing = [step for step in itertools.product(State, State) if step not in TRANSITIONS]
    assert (State.ENDED, State.LIVE) in missing
    for now, then in missing:
        with pytest.raises(PeerError, match=f"that is {now} cannot become {then}") as caught:
            move(now, then, Cause.OPERATOR)
        assert caught.value.status == 409


def test_a_step_of_somebody_else_names_who_may() -> None:
    with pytest.raises(ForbiddenError, match="caused by: host, operator") as caught:
        move(State.LIVE, State.ENDED, Cause.CLOCK)
    assert caught.value.status == 403


def test_the_clock_opens_and_starts_but_never_ends() -> None:
    by_clock = {step for step, causes in TRANSITIONS.items() if Cause.CLOCK in causes}
    assert by_clock == {(State.SCHEDULED, State.LOBBY), (State.LOBBY, State.LIVE)}


def test_every_state_is_reached_from_scheduled() -> None:
    reached = {State.SCHEDULED}
    for _ in State:
        reached |= {then for (now, then) in TRANSITIONS if now in reached}
    assert reached == set(State)


def test_what_is_over_never_opens_again() -> None:
    assert all(then in OVER for (now, then) in TRANSITIONS if now in OVER)
    assert OVER.isdisjoint(DOORS_OPEN)
    assert set(State) - OVER - DOORS_OPEN == {State.SCHEDULED}


def test_every_show_that_opened_can_end() -> None:
    for state in DOORS_OPEN:
        assert any(now is state and then in OVER for now, then in TRANSITIONS)
