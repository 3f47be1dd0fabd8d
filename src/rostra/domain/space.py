"""A space's life: its states, the table of steps between them, and who may cause each."""

from collections.abc import Mapping
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
    """The studio itself, which sees who is on stage."""


class Reason(StrEnum):
    """Why a space is where it is, as everybody is told."""

    CLOCK = "clock"
    HOST = "host"
    OPERATOR = "operator"
    BREAK = "break"
    """A person lets the audience wait; a person goes on."""
    EMPTY = "empty"
    """Nobody was connected to the stage."""
    BACK = "back"
    """Somebody is there again."""
    HOUSE = "house"


_BY_PEOPLE: Final[Mapping[Cause, Reason]] = {
    Cause.HOST: Reason.HOST,
    Cause.OPERATOR: Reason.OPERATOR,
}
_BY_CLOCK: Final[Mapping[Cause, Reason]] = {Cause.CLOCK: Reason.CLOCK}

TRANSITIONS: Final[Mapping[tuple[State, State], Mapping[Cause, Reason]]] = {
    (State.SCHEDULED, State.LOBBY): {**_BY_PEOPLE, **_BY_CLOCK},
    (State.SCHEDULED, State.CANCELLED): _BY_PEOPLE,
    (State.LOBBY, State.LIVE): {**_BY_PEOPLE, **_BY_CLOCK},
    (State.LOBBY, State.CANCELLED): _BY_PEOPLE,
    (State.LIVE, State.INTERRUPTED): {
        Cause.HOST: Reason.BREAK,
        Cause.OPERATOR: Reason.BREAK,
        Cause.HOUSE: Reason.EMPTY,
    },
    (State.INTERRUPTED, State.LIVE): {**_BY_PEOPLE, Cause.HOUSE: Reason.BACK},
    (State.LIVE, State.ENDED): _BY_PEOPLE,
    (State.INTERRUPTED, State.ENDED): _BY_PEOPLE,
    (State.ENDED, State.ARCHIVED): {
        Cause.OPERATOR: Reason.OPERATOR,
        Cause.HOUSE: Reason.HOUSE,
    },
}
"""Each step that there is, who may cause it, and the reason that it is told under."""

DOORS_OPEN: Final = frozenset({State.LOBBY, State.LIVE, State.INTERRUPTED})
"""States in which the programme runs and listeners may connect."""

OVER: Final = frozenset({State.ENDED, State.ARCHIVED, State.CANCELLED})
"""States in which nothing will be heard any more."""


def move(now: State, then: State, cause: Cause) -> State:
    """Return `then` if the table allows the step for `cause`.

    Raises PeerError (409) for a step that does not exist, ForbiddenError for one that this
    cause may not take.
    """
    reason_of(now, then, cause)
    return then


def reason_of(now: State, then: State, cause: Cause) -> Reason:
    """The reason that a step is told under; raises what `move` raises."""
    causes = TRANSITIONS.get((now, then))
    if causes is None:
        sentence = f"A space that is {now} cannot become {then}."
        raise PeerError(sentence, status=409)
    if cause not in causes:
        allowed = ", ".join(sorted(causes))
        sentence = f"{now} → {then} is not for the {cause}; it is caused by: {allowed}."
        raise ForbiddenError(sentence)
    return causes[cause]
