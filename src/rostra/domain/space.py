"""A space's life: its states, the table of transitions between them, and who may cause each."""

from enum import StrEnum
from typing import Final

from rostra.domain.errors import ForbiddenError, PeerError


class State(StrEnum):
    """Where a space is in its life."""

    SCHEDULED = "scheduled"
    LOBBY = "lobby"
    LIVE = "live"
    INTERRUPTED = "interrupted"
    ENDED = "ended"
    ARCHIVED = "archived"
    CANCELLED = "cancelled"


class Role(StrEnum):
    """What a participant may do in a space."""

    HOST = "host"
    COHOST = "cohost"
    SPEAKER = "speaker"


class Cause(StrEnum):
    """Who or what moves a space on."""

    CLOCK = "clock"
    """T0 minus the door time, or T0 itself."""
    HOST = "host"
    OPERATOR = "operator"
    """The person at the machine: the command line or the owner's page."""
    HOUSE = "house"
    """The studio itself: a lost stage, a found one."""


_PEOPLE: Final = frozenset({Cause.HOST, Cause.OPERATOR})

TRANSITIONS: Final[dict[tuple[State, State], frozenset[Cause]]] = {
    (State.SCHEDULED, State.LOBBY): _PEOPLE | {Cause.CLOCK},
    (State.SCHEDULED, State.CANCELLED): _PEOPLE,
    (State.LOBBY, State.LIVE): _PEOPLE | {Cause.CLOCK},
    (State.LOBBY, State.CANCELLED): _PEOPLE,
    (State.LIVE, State.INTERRUPTED): frozenset({Cause.HOUSE}),
    (State.INTERRUPTED, State.LIVE): frozenset({Cause.HOUSE}),
    (State.LIVE, State.ENDED): _PEOPLE,
    (State.INTERRUPTED, State.ENDED): _PEOPLE | {Cause.HOUSE},
    (State.ENDED, State.ARCHIVED): frozenset({Cause.HOUSE, Cause.OPERATOR}),
}

DOORS_OPEN: Final = frozenset({State.LOBBY, State.LIVE, State.INTERRUPTED})
"""States in which the programme runs and listeners may connect."""

OVER: Final = frozenset({State.ENDED, State.ARCHIVED, State.CANCELLED})
"""States in which nothing will be heard any more."""


def move(now: State, then: State, cause: Cause) -> State:
    """Return `then` if the table allows the step for `cause`.

    Raises PeerError (409) for a step that does not exist, ForbiddenError for one that this
    cause may not take.
    """
    causes = TRANSITIONS.get((now, then))
    if causes is None:
        sentence = f"A space that is {now} cannot become {then}."
        raise PeerError(sentence, status=409)
    if cause not in causes:
        allowed = ", ".join(sorted(causes))
        sentence = f"{now} → {then} is not for the {cause}; it is caused by: {allowed}."
        raise ForbiddenError(sentence)
    return then
