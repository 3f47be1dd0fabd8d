"""A space's life follows the table, the clock and the people, in that order."""

import pytest

from rostra.app.beginning import SECOND_US, Beginning
from rostra.app.lifecycle import Life, commanded, due, postponed
from rostra.domain.errors import ForbiddenError, PeerError
from rostra.domain.space import Cause, State
from rostra.wire.states import SpaceDef

T0 = 10_000 * SECOND_US
WAITS, KEPT = Beginning(T0), Beginning(T0, kept=True)


def planned(**more: object) -> SpaceDef:
    given: dict[str, object] = {"id": "hall", "title": "Hall", "t0_utc_us": T0}
    return SpaceDef(**(given | more))  # type: ignore[arg-type] # a test's shorthand


def test_nothing_is_due_before_doors() -> None:
    assert due(Life(State.SCHEDULED, 0), planned(), WAITS, T0 - 1_801 * SECOND_US) is None


def test_doors_open_half_an_hour_before_t0() -> None:
    now = T0 - 1_800 * SECOND_US
    assert due(Life(State.SCHEDULED, 0), planned(), WAITS, now) == (State.LOBBY, Cause.CLOCK)


def test_the_clock_starts_at_t0_and_not_before() -> None:
    lobby = Life(State.LOBBY, 0)
    assert due(lobby, planned(), KEPT, T0 - 1) is None
    assert due(lobby, planned(), KEPT, T0) == (State.LIVE, Cause.CLOCK)


def test_a_t0_that_is_not_settled_starts_nothing() -> None:
    assert due(Life(State.LOBBY, 0), planned(), WAITS, T0 + SECOND_US) is None


def test_an_operators_start_at_once_waits_for_nothing() -> None:
    space = planned(start_at_once=True, t0_utc_us=T0)
    life = Life(State.SCHEDULED, 0)
    seen = []
    while (step := due(life, space, WAITS, 0)) is not None:
        life = life.moved(*step, 0)
        seen.append(life.state)
    assert seen == [State.LOBBY, State.LIVE]


def test_a_cancelled_space_closes_its_lobby() -> None:
    step = due(Life(State.LOBBY, 0), planned(cancelled=True), WAITS, 0)
    assert step == (State.CANCELLED, Cause.OPERATOR)


def test_a_live_space_is_not_cancelled_by_its_definition() -> None:
    assert due(Life(State.LIVE, 0), planned(cancelled=True), KEPT, T0) is None


def test_a_host_starts_early_from_a_closed_door() -> None:
    life = commanded(Life(State.SCHEDULED, 0), "start", Cause.HOST, 7)
    assert (life.state, life.since_utc_us, life.reason) == (State.LIVE, 7, "host")


def test_ending_a_lobby_cancels_it() -> None:
    assert commanded(Life(State.LOBBY, 0), "end", Cause.HOST, 1).state is State.CANCELLED


def test_ending_ends_a_live_space() -> None:
    assert commanded(Life(State.LIVE, 0), "end", Cause.HOST, 1).over


@pytest.mark.parametrize("action", ["start", "end"])
def test_what_is_over_stays_over(action: str) -> None:
    with pytest.raises(PeerError) as caught:
        commanded(Life(State.ENDED, 0), action, Cause.HOST, 1)
    assert caught.value.status == 409


def test_a_break_is_told_apart_from_an_empty_stage() -> None:
    live = Life(State.LIVE, 0)
    broken = commanded(live, "break", Cause.HOST, 1)
    assert (broken.state, broken.reason) == (State.INTERRUPTED, "break")
    assert live.moved(State.INTERRUPTED, Cause.HOUSE, 1).reason == "empty"
    with pytest.raises(ForbiddenError):
        live.moved(State.INTERRUPTED, Cause.CLOCK, 1)


def test_a_start_goes_on_after_a_break_and_after_an_empty_stage() -> None:
    for reason in ("break", "empty"):
        life = commanded(Life(State.INTERRUPTED, 0, reason), "start", Cause.HOST, 1)
        assert (life.state, life.reason) == (State.LIVE, "host")


@pytest.mark.parametrize(
    ("state", "action", "words"),
    [
        (State.LIVE, "start", "live already"),
        (State.LOBBY, "break", "not live yet"),
        (State.INTERRUPTED, "break", "interrupted already"),
        (State.ENDED, "break", "cannot become interrupted"),
    ],
)
def test_what_is_so_already_or_cannot_be_is_said(state: State, action: str, words: str) -> None:
    with pytest.raises(PeerError, match=words) as caught:
        commanded(Life(state, 0), action, Cause.HOST, 1)
    assert caught.value.status == 409


def test_a_start_is_moved_before_it_and_not_after() -> None:
    moved = postponed(Life(State.LOBBY, 0), WAITS, 5, 0)
    assert moved.t0_us == T0 + 300 * SECOND_US
    with pytest.raises(PeerError, match="has begun"):
        postponed(Life(State.LIVE, 0), WAITS, 5, 0)


def test_an_unknown_action_is_named() -> None:
    with pytest.raises(PeerError, match="'dance'"):
        commanded(Life(State.LIVE, 0), "dance", Cause.HOST, 1)
