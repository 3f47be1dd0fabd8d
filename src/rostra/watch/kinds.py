"""What people can say that is wrong, and what one report is."""

from enum import StrEnum
from typing import Final

import msgspec

SLOT_S: Final = 300
"""Reports are counted in slots of five minutes, aligned to UTC."""
WINDOW_S: Final = 1_800
"""One report a reporter, component and window counts; later ones are taken and not counted."""
PLACE_CHARS_MAX: Final = 6
"""A coarse place: a country (`ES`, ISO 3166-1), a part of one (`ES-MD`, ISO 3166-2), or ""."""
PLACE_PATTERN: Final = r"(?:[A-Z]{2}(?:-[A-Z0-9]{1,3})?)?"


class Kind(StrEnum):
    """The kinds of trouble on the form."""

    CANNOT_JOIN = "cannot_join"
    NO_SOUND = "no_sound"
    BROKEN_SOUND = "broken_sound"
    ECHO = "echo"
    LATE = "late"
    CANNOT_SPEAK = "cannot_speak"
    OTHER = "other"


class Report(msgspec.Struct, frozen=True):
    """One report as it is kept.

    `reporter` is a keyed hash that means nothing once its window's key is gone. `proven` says
    that it came within the budgets, or with a proof of work: what is not is shown, never counted
    against the usual level. `facts` are the player's own, sent with consent.
    """

    id: str
    component: str
    kind: Kind
    utc_us: int
    reporter: str
    place: str = ""
    proven: bool = True
    source: str = "page"
    """`page`, `listener` or `api`."""
    facts: dict[str, str | int | float | bool] = {}
    network: str = ""
    """A keyed hash of the reporter's wider network, which bounds what one network counts."""


class SlotCount(msgspec.Struct, frozen=True):
    """Reports that count in one slot of a component and kind, and how many listened meanwhile."""

    slot_utc_s: int
    reports: int
    exposure: float = 0.0
    """Concurrent listeners, mean of the slot; 0 when unknown."""
