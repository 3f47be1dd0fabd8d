"""A space as somebody planned it, before and beside what a studio makes of it."""

from dataclasses import dataclass
from typing import Final

from rostra.domain.space import State

SPACE_ID_ALPHABET: Final = "23456789abcdefghjkmnpqrstuvwxyz"
"""Lower case without 0/o, 1/l/i: can be read aloud and typed from a poster."""

SPACE_ID_CHARS: Final = 10
"""31^10 is 8 x 10^14 (49 bits): nobody finds an unannounced space by trying."""

DOORS_BEFORE_S: Final = 1_800
"""Doors open half an hour before T0: a crowd gathers on the hold programme, not at T0."""


@dataclass(frozen=True, slots=True)
class PlannedSpace:
    """What the desk keeps of a space; `owner` is an account's id, empty for the operator's.

    Times are microseconds since 1970, UTC. `state` is the last one that a studio told.
    """

    id: str
    title: str
    t0_utc_us: int
    created_utc_us: int
    owner: str = ""
    description: str = ""
    language: str = "en"
    hosts: tuple[str, ...] = ()
    state: State = State.SCHEDULED
    cancelled: bool = False
    start_at_once: bool = False
    doors_before_s: int = DOORS_BEFORE_S


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a space's history as the desk keeps it; `body_json` is a JSON object."""

    space: str
    kind: str
    utc_us: int
    body_json: str
