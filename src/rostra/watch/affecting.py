"""What a line of a timeline says anew: which components it touched, from which status to which.

A line says what changes with it. While an incident or a work is under way it says as well what has
changed since its timeline last spoke of a component, for a status may move without a line: so
whoever reads the lines in their order is left with no status that is not true any more.
"""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import msgspec

from rostra.watch.board import Affected
from rostra.watch.components import Status
from rostra.watch.incidents import Incident
from rostra.watch.maintenance import UNDER_WAY, Maintenance
from rostra.watch.summing import Seen, status_of

Statuses = Mapping[str, Status]
"""Of every component, by its id."""

_Kept = TypeVar("_Kept", Incident, Maintenance)


class Standing(msgspec.Struct, frozen=True):
    """What statuses follow from: components as they are seen, what is open, what is announced."""

    seen: Sequence[Seen]
    incidents: Sequence[Incident]
    works: Sequence[Maintenance]

    def after(self, *changed: Incident | Maintenance) -> "Standing":
        """With these in the place of what they were made from, or beside the others."""
        incidents = {one.id: one for one in self.incidents}
        incidents |= {one.id: one for one in changed if isinstance(one, Incident)}
        works = {one.id: one for one in self.works}
        works |= {one.id: one for one in changed if isinstance(one, Maintenance)}
        return Standing(self.seen, tuple(incidents.values()), tuple(works.values()))

    def statuses(self) -> Statuses:
        """Each component's status."""
        works = [one.view() for one in self.works]
        return {one.id: status_of(one, self.incidents, works) for one in self.seen}


def by_step(kept: _Kept, before: _Kept | None, standing: Standing) -> _Kept:
    """`marked` for a step of a person or the clock: nothing else moves with it."""
    return marked(kept, before, standing.statuses(), standing.after(kept).statuses())


def marked(kept: _Kept, before: _Kept | None, was: Statuses, now: Statuses) -> _Kept:
    """What is to be kept, with what its newest line says of components.

    `before` is what it was made from, None where it is new. Nothing is marked where no line came.
    """
    parts: tuple[str, ...] = () if before is None else before.components
    if len(kept.updates) == (0 if before is None else len(before.updates)):
        return kept
    said = {} if before is None else _said(before)
    # What somebody took out of it may be well again for that.
    touched = dict.fromkeys((*kept.components, *parts))
    affected = tuple(
        Affected(one, old, now[one])
        for one in touched
        if one in now and (old := said.get(one, was.get(one, now[one]))) is not now[one]
    )
    newest = msgspec.structs.replace(kept.updates[0], affected=affected)
    return msgspec.structs.replace(kept, updates=(newest, *kept.updates[1:]))


def _said(earlier: Incident | Maintenance) -> Statuses:
    """What a timeline that goes on says of components; one that was over says nothing of now."""
    going_on = earlier.open if isinstance(earlier, Incident) else earlier.stage in UNDER_WAY
    lines = reversed(earlier.updates) if going_on else ()
    return {one.component: one.new for line in lines for one in line.affected}
