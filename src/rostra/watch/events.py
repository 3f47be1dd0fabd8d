"""What subscribers are told: something about an incident or announced work has changed."""

from enum import StrEnum
from typing import Protocol

import msgspec

from rostra.watch.components import Impact


class What(StrEnum):
    """What has happened."""

    OPENED = "opened"
    UPDATED = "updated"
    RESOLVED = "resolved"
    DISMISSED = "dismissed"
    SCHEDULED = "scheduled"
    BEGUN = "begun"
    COMPLETED = "completed"
    POSTMORTEM = "postmortem"


class Event(msgspec.Struct, frozen=True):
    """One thing to tell. `id` is the same however often it is told."""

    id: str
    what: What
    subject: str
    """The incident's or the maintenance's id."""
    name: str
    body: str
    impact: Impact
    components: tuple[str, ...]
    utc_us: int
    automatic: bool = False
    """It is an alarm's draft that no person has confirmed."""
    agreed: bool = False
    """Probes of two places, or more, find the same."""


class Herald(Protocol):
    """Takes events and sees to it that subscribers are told; never blocks on one of them."""

    def tell(self, event: Event) -> None:
        """Keep the event for everybody who subscribed to one of its components."""
        ...
