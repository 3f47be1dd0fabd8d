"""What the engine of the watch needs from the other parts; fakes in the tests hold to the same."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from rostra.watch.board import Level, ProbesView
from rostra.watch.counting import Outcome
from rostra.watch.events import Event
from rostra.watch.fact_sums import Detail
from rostra.watch.incidents import Change, Incident
from rostra.watch.kinds import Kind, SlotCount
from rostra.watch.maintenance import Maintenance, Work


class Action(msgspec.Struct, frozen=True):
    """One line of the log of what operators did; it is only ever added to."""

    utc_us: int
    by: str
    action: str
    """`open`, `confirm`, `dismiss`, … as in the path of the API; `login`, `logout`."""
    subject: str
    """The incident's or the work's id; empty for a log-in."""
    detail_json: str = "{}"
    """What was asked for."""


class ReportBook(Protocol):
    """People's reports as they are kept."""

    def counts(
        self, component: str, since_utc_s: int, until_utc_s: int
    ) -> dict[Kind, list[SlotCount]]:
        """Reports that count, by kind and slot of five minutes; a missing slot had none."""
        ...

    def unproven(self, component: str, since_utc_s: int) -> int:
        """Reports that are shown and do not count."""
        ...

    def unproven_slots(self, component: str, since_utc_s: int) -> dict[int, int]:
        """The same by slot."""
        ...

    def places(self, component: str, since_utc_s: int) -> dict[str, int]:
        """Reports by coarse place."""
        ...

    def note_exposure(self, component: str, slot_utc_s: int, listening: float) -> None:
        """One look at how many listen."""
        ...


class DetailBook(Protocol):
    """The same reports one by one, for operators."""

    def details(
        self,
        component: str,
        since_utc_us: int,
        rows: int,
        kinds: Sequence[Kind] = ...,
        outcomes: Sequence[Outcome] = ...,
    ) -> list[Detail]:
        """The newest reports that are kept one by one."""
        ...

    def tallies(self, component: str, since_utc_s: int) -> dict[Kind, dict[Outcome, int]]:
        """Every report by kind and by what became of it."""
        ...


class ProbeBook(Protocol):
    """Probes as they are kept."""

    def slots(
        self, component: str, since_utc_s: int, slot_s: int
    ) -> Sequence[tuple[int, int, int]]:
        """Beginning of each slot, probes in it, and how many of them failed."""
        ...


class Panels(Protocol):
    """What the places find of a component at the moment."""

    def view(self, component: str, now_utc_us: int) -> ProbesView:
        """As the board shows it; the default for a component without probes."""
        ...

    def listening(self, component: str) -> int:
        """How many listen, by the newest probe; -1 where nobody tells."""
        ...


class Levels(Protocol):
    """The usual level and the alarm; the module `rostra.watch.levels` fits it."""

    def fit(
        self,
        history: Mapping[Kind, Sequence[SlotCount]],
        now_utc_s: int,
        /,
        *,
        since_utc_s: int | None = None,
    ) -> Any:  # noqa: ANN401 - a baseline is the rule's own
        """The usual level of a component, of which reports were taken since a moment."""
        ...

    def judge(
        self,
        baseline: Any,  # noqa: ANN401 - as above
        recent: Mapping[Kind, Sequence[SlotCount]],
        previous: Any,  # noqa: ANN401 - as above
        now_utc_us: int,
        unproven: int = 0,
        /,
    ) -> tuple[Level, Any]:
        """The level now, and what to carry to the next judgement."""
        ...

    def band(
        self,
        baseline: Any,  # noqa: ANN401 - as above
        slot_utc_s: int,
        slot_s: int,
        exposure: float,
        /,
    ) -> tuple[float, float]:
        """Usual reports of a slot, and the most that would not be unusual."""
        ...


class Verdict(Protocol):
    """What the house's own shield concludes of a component."""

    def __call__(self, component: str, /) -> str:
        """`internal`, `external`, or `none`."""
        ...


def no_verdict(_component: str) -> str:
    """A house without a shield concludes nothing."""
    return "none"


class IncidentBook(Protocol):
    """Incidents, announced work, what is yet to be told, the log, and the alarms' state."""

    def open_or_recent(self, closed_after_utc_us: int) -> list[Incident]:
        """Incidents that are open, and those closed after a moment; newest first."""
        ...

    def newest(self, rows: int) -> list[Incident]:
        """The newest incidents."""
        ...

    def since(self, created_after_utc_us: int) -> list[Incident]:
        """Every incident made after a moment, newest first; for counting."""
        ...

    def incident(self, incident_id: str) -> Incident | None:
        """One incident."""
        ...

    def maintenances(self, ended_after_utc_us: int) -> list[Maintenance]:
        """Work that is not over, and what ended after a moment; by its beginning."""
        ...

    def maintenance(self, maintenance_id: str) -> Maintenance | None:
        """One piece of announced work."""
        ...

    def keep(self, change: Change | Work, action: Action | None = None) -> None:
        """Write a change, its event and its line of the log, all or nothing.

        Raises `ChangedError` (409) when somebody else changed the thing since it was read.
        """
        ...

    def note(self, action: Action) -> None:
        """Add a line to the log."""
        ...

    def log(self, rows: int) -> list[Action]:
        """The newest lines of the log, newest first."""
        ...

    def untold(self) -> list[Event]:
        """Events that were kept and not yet handed on, oldest first."""
        ...

    def told(self, event_id: str, utc_us: int) -> None:
        """An event has been handed on."""
        ...

    def vigils(self) -> dict[str, bytes]:
        """The alarms' state of each component."""
        ...

    def keep_vigils(self, vigils: Mapping[str, bytes]) -> None:
        """Keep the alarms' state over a restart."""
        ...


NewId = Callable[[], str]
