"""Who may be heard where: the mixer's only source of rights.

On stage one hears the stage; backstage one hears stage and backstage; the programme has the stage
alone. While the space is not live everybody hears everybody, the audience still the stage alone.
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from rostra.stage.places import BACKSTAGE, Place


@dataclass(frozen=True, slots=True)
class Seating:
    """The groups of one block.

    `backstage` is heard backstage alone; with `together` on stage too.
    """

    backstage: frozenset[str] = frozenset()
    together: bool = False

    def hears_all(self, participant: str) -> bool:
        """Whether this participant hears those backstage too."""
        return self.together or participant in self.backstage


ON_STAGE_ALL: Final = Seating()
"""Nobody is backstage."""


def seating_of(places: Iterable[Place], *, live: bool) -> Seating:
    """The groups of these places."""
    behind = frozenset(place.id for place in places if place.where == BACKSTAGE)
    return Seating(behind, together=not live)


def unheard(seats: AbstractSet[str], places: Iterable[Place]) -> frozenset[str]:
    """Of those who have a seat, who may be in no mix: the muted, and who has no place."""
    return frozenset(seats) - {place.id for place in places if not place.muted}
