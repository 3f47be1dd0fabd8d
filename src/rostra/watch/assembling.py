"""Puts the board together from what is seen, what is under way, and what was."""

from collections.abc import Mapping, Sequence

import msgspec

from rostra.watch import accuracy, summing
from rostra.watch.board import INCIDENTS_MAX, Board, ComponentView, IncidentView
from rostra.watch.incidents import Incident
from rostra.watch.maintenance import Maintenance
from rostra.watch.sights import Sight


class Page(msgspec.Struct, frozen=True):
    """What stays the same from board to board."""

    name: str
    public_url: str
    created_utc_us: int
    """When the watch first ran here."""


class Kept(msgspec.Struct, frozen=True):
    """What is under way and what was: `incidents` open and newest, `counted` of 90 days."""

    incidents: Sequence[Incident]
    counted: Sequence[Incident]
    maintenances: Sequence[Maintenance]
    flood: bool = False
    """Reports need a proof of work at the moment."""


def board(
    page: Page,
    sights: Sequence[Sight],
    kept: Kept,
    before: Mapping[str, ComponentView],
    now_utc_us: int,
) -> Board:
    """The board of this moment; `before` are the components of the last one.

    A component's `updated_utc_us` is when its status changed, as Statuspage has it.
    """
    works = tuple(one.view() for one in kept.maintenances)
    components = []
    for position, sight in enumerate(sights, start=1):
        status = summing.status_of(sight, kept.incidents, works)
        last = before.get(sight.id)
        same = last is not None and last.status is status
        components.append(
            ComponentView(
                id=sight.id,
                name=sight.component.name,
                description=sight.component.description,
                group=sight.component.group,
                position=position,
                created_utc_us=page.created_utc_us,
                updated_utc_us=last.updated_utc_us if same and last else now_utc_us,
                status=status,
                level=sight.level,
                probes=sight.probes,
                attribution=sight.attribution,
                listening=sight.listening,
            )
        )
    impact, description = summing.page_of([one.status for one in components])
    return Board(
        name=page.name,
        public_url=page.public_url,
        utc_us=now_utc_us,
        impact=impact,
        description=description,
        components=tuple(components),
        incidents=_shown(kept.incidents),
        maintenances=works,
        accuracy=accuracy.accuracy(kept.counted, now_utc_us),
        flood=kept.flood,
    )


def _shown(incidents: Sequence[Incident]) -> tuple[IncidentView, ...]:
    """Those that are open, and `INCIDENTS_MAX` that are over; newest first."""
    over = [one for one in incidents if not one.open][:INCIDENTS_MAX]
    shown = [one for one in incidents if one.open] + over
    shown.sort(key=lambda one: (one.created_utc_us, one.id), reverse=True)
    return tuple(one.view() for one in shown)
