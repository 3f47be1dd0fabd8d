"""What the evidence adds up to: a component's status, an incident's impact, the page's sentence.

People's reports alone never change a status. Probes do, and a person's word before them.
"""

from collections.abc import Iterable, Sequence
from typing import Final, Protocol

from rostra.watch.board import Level, MaintenanceView, ProbesView
from rostra.watch.components import Impact, Status
from rostra.watch.incidents import CONFIRMED, IMPACT_BY_DEFAULT, Incident
from rostra.watch.maintenance import UNDER_WAY
from rostra.watch.probing import QUALITY_STEPS

STATUS_OF: Final = {
    Impact.NONE: Status.OPERATIONAL,
    Impact.MINOR: Status.DEGRADED,
    Impact.MAJOR: Status.PARTIAL,
    Impact.CRITICAL: Status.MAJOR,
    Impact.MAINTENANCE: Status.MAINTENANCE,
}
"""What a person's word on the impact makes of the components."""

IMPACT_OF: Final = {status: impact for impact, status in STATUS_OF.items()}
"""What a component's status makes of an incident that nobody has judged."""

_ORDER: Final = tuple(Status)
_IMPACTS: Final = (Impact.NONE, Impact.MINOR, Impact.MAJOR, Impact.CRITICAL)


class Seen(Protocol):
    """A component as it is seen: a `Sight` of now, or as the newest board has it."""

    @property
    def id(self) -> str:
        """The component's id."""
        ...

    @property
    def level(self) -> Level:
        """People's reports."""
        ...

    @property
    def probes(self) -> ProbesView:
        """What the places find."""
        ...


def evident(sight: Seen) -> Status:
    """What the probes say of a component, with reports beside them.

    - two places agree: major outage, or degraded where only the quality suffers;
    - one place alone fails: partial outage, or degraded;
    - one of several fails: operational; degraded if reports are in alarm as well;
    - reports alone: operational.
    """
    return found(sight.probes, sight.level)


def found(probes: ProbesView, level: Level) -> Status:
    """`evident` of probes and reports, be they seen now or kept in an incident."""
    if probes.state == "failing":
        if probes.step in QUALITY_STEPS:
            return Status.DEGRADED
        return Status.PARTIAL if probes.one_place else Status.MAJOR
    if probes.state == "mixed" and level.state == "alarm":
        return Status.DEGRADED
    return Status.OPERATIONAL


def status_of(
    sight: Seen, incidents: Iterable[Incident], maintenances: Iterable[MaintenanceView]
) -> Status:
    """A component's status: announced work, then a person's word, then the evidence.

    Where a person left the impact open, it is the worse of the default and the evidence.
    While its probes cannot tell, as after a restart, the incident that is open goes on saying what
    they found last.
    """
    if any(one.status in UNDER_WAY and sight.id in one.components for one in maintenances):
        return Status.MAINTENANCE
    own = [one for one in incidents if one.open and sight.id in one.components]
    words = [
        STATUS_OF[one.impact] for one in own if one.phase in CONFIRMED and one.impact_by_person
    ]
    if words:
        return worst(words)
    if sight.probes.state == "unknown":
        return worst(STATUS_OF[one.impact] for one in own)
    left_open = any(one.phase in CONFIRMED and one.impact_by_default for one in own)
    least = STATUS_OF[IMPACT_BY_DEFAULT] if left_open else Status.OPERATIONAL
    return worst((least, evident(sight)))


def worst(statuses: Iterable[Status]) -> Status:
    """The worst of some statuses; operational if there are none."""
    return max(statuses, key=_ORDER.index, default=Status.OPERATIONAL)


def heaviest(impacts: Iterable[Impact]) -> Impact:
    """The heaviest of some impacts; none if there are none."""
    return max(impacts, key=_IMPACTS.index, default=Impact.NONE)


def page_of(statuses: Sequence[Status]) -> tuple[Impact, str]:
    """The page's indicator and sentence, in Statuspage's words.

    What is under maintenance counts neither for nor against; a page where all else is lost is
    critical.
    """
    counted = [one for one in statuses if one is not Status.MAINTENANCE]
    lowest = worst(counted)
    if lowest is Status.MAJOR and all(one is Status.MAJOR for one in counted):
        return Impact.CRITICAL, "Major System Outage"
    if lowest in {Status.MAJOR, Status.PARTIAL}:
        return Impact.MAJOR, "Partial System Outage"
    if lowest is Status.DEGRADED:
        return Impact.MINOR, "Partially Degraded Service"
    if len(counted) < len(statuses):
        return Impact.MAINTENANCE, "Service Under Maintenance"
    return Impact.NONE, "All Systems Operational"
