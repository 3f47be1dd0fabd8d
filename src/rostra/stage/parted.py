"""What somebody does not shed by leaving: a seat behind the stage, and a limit of their time.

Whoever comes back, by a resume ticket or new with the same account or device, finds again what a
host has decided about them. Whom a host calls by an invitation begins anew.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from rostra.stage import newest
from rostra.stage.bans import Marks
from rostra.stage.places import BACKSTAGE, Place

PARTED_MAX: Final = 200
"""People who left and are remembered, the oldest forgotten first: ten times a full stage."""


@dataclass(slots=True)
class Parted:
    """Those of one stage who left it while a host held them to something."""

    _places: dict[str, Place] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._places)

    def keep(self, place: Place) -> None:
        """Somebody gives their place up."""
        for one in tuple(self._places.values()):
            if _same(one, place.id, place.marks):
                del self._places[one.id]
        if place.is_host or not (place.where == BACKSTAGE or place.until_us):
            return
        newest.keep(self._places, place.id, place, PARTED_MAX)

    def before(self, participant: str, marks: Marks, here: Iterable[Place]) -> Place | None:
        """The latest place of whoever comes, among those who left and the places of now."""
        known = [
            one
            for one in (*self._places.values(), *here)
            if not one.is_host and _same(one, participant, marks)
        ]
        return known[-1] if known else None


def _same(one: Place, participant: str, marks: Marks) -> bool:
    mine = {mark for mark in (marks.account, marks.device) if mark}
    return one.id == participant or not mine.isdisjoint((one.marks.account, one.marks.device))
