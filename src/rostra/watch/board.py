"""Everything that the watch says in public at one moment; pages, API, feeds and files draw it.

Nothing here is private: no reporter, no address, no subscriber. Times are microseconds since 1970,
UTC. The board is made anew every few seconds and handed out as it is (`frozen`).
"""

from typing import Final

import msgspec

from rostra.watch.components import Impact, Status
from rostra.watch.kinds import Kind

INCIDENTS_MAX: Final = 50
"""As many past incidents as Statuspage's API tells."""


class Level(msgspec.Struct, frozen=True):
    """People's reports of a component beside the usual level, in the last `window_s`."""

    reports: int = 0
    unproven: int = 0
    """Reports that are shown and not counted: no proof of work in a flood."""
    window_s: int = 900
    usual: float = 0.0
    """Expected reports in such a window at this hour of the week and this many listeners."""
    upper: float = 0.0
    """More than this would be unusual."""
    state: str = "quiet"
    """`quiet`, `unusual`, `alarm`."""
    since_utc_us: int = 0
    """When `state` began."""
    learning: bool = False
    """Too little history for an hour of the week; a pooled start is used."""
    kinds: tuple[tuple[Kind, int], ...] = ()
    """What is reported most in the window."""

    @property
    def times(self) -> float:
        """N of `reports N times usual`; the usual level is taken as half a report at the least."""
        return self.reports / max(self.usual, 0.5)


class PlaceView(msgspec.Struct, frozen=True):
    """What one place finds."""

    place: str
    state: str
    """`ok`, `failing`, `noisy` (left out until stable), `own_trouble`, `silent` (says nothing)."""
    since_utc_us: int
    last_utc_us: int
    step: str = ""
    why: str = ""
    first_sound_ms: float = 0.0


class ProbesView(msgspec.Struct, frozen=True):
    """What the places together find."""

    state: str = "none"
    """`ok`, `failing` (two places agree, or the only one), `mixed`, `unknown`, `none`."""
    since_utc_us: int = 0
    one_place: bool = False
    """Only one place probes: it alone proves nothing about others."""
    step: str = ""
    why: str = ""
    places: tuple[PlaceView, ...] = ()


class Attribution(msgspec.Struct, frozen=True):
    """Whose trouble it is, as far as evidence goes."""

    word: str = "undetermined"
    """`internal`, `external`, `undetermined`."""
    reasons: tuple[str, ...] = ()
    """Ids of sentences (`watch.words`), strongest first, so that pages say them in any language."""
    neighbours: tuple[str, ...] = ()
    """Unrelated components that rise with it."""
    verdict: str = "none"
    """What the house's shield concludes; `none` where there is no shield."""


class ComponentView(msgspec.Struct, frozen=True):
    """One component as the page shows it."""

    id: str
    name: str
    description: str
    group: str
    position: int
    created_utc_us: int
    updated_utc_us: int
    status: Status
    level: Level = Level()
    probes: ProbesView = ProbesView()
    attribution: Attribution = Attribution()
    listening: int = -1


class Affected(msgspec.Struct, frozen=True):
    """What an update said anew of a component: `affecting` says when."""

    component: str
    old: Status
    new: Status


class UpdateView(msgspec.Struct, frozen=True):
    """One line of an incident's, or a maintenance's, timeline."""

    id: str
    status: str
    body: str
    utc_us: int
    automatic: bool = False
    affected: tuple[Affected, ...] = ()
    """Components whose status this update said anew; none where it said nothing of them."""
    body_es: str = ""
    """The line in Spanish where the watch wrote it itself; else people read what was written."""


class IncidentView(msgspec.Struct, frozen=True):
    """One incident. `status` is Statuspage's: investigating … resolved, postmortem."""

    id: str
    name: str
    status: str
    impact: Impact
    started_utc_us: int
    created_utc_us: int
    updated_utc_us: int
    resolved_utc_us: int = 0
    automatic: bool = False
    """Opened by an alarm and by nobody yet confirmed."""
    outcome: str = ""
    """`confirmed`, `false_alarm` (`reason` says why), or empty."""
    reason: str = ""
    components: tuple[str, ...] = ()
    updates: tuple[UpdateView, ...] = ()
    """Newest first."""
    attribution: Attribution = Attribution()
    level: Level = Level()
    """The reports at their highest."""
    probes: ProbesView = ProbesView()
    """The probes when it was opened, or at their worst."""
    postmortem: str = ""
    name_es: str = ""
    """The name in Spanish where the watch gave it."""


class MaintenanceView(msgspec.Struct, frozen=True):
    """Announced work. `status`: scheduled, in_progress, verifying, completed."""

    id: str
    name: str
    status: str
    begins_utc_us: int
    ends_utc_us: int
    created_utc_us: int
    updated_utc_us: int
    components: tuple[str, ...] = ()
    updates: tuple[UpdateView, ...] = ()
    cancelled: bool = False
    """Called off: `completed` to Statuspage's readers, which know no other word."""


class Accuracy(msgspec.Struct, frozen=True):
    """How well the page did over the last `days`."""

    days: int = 90
    alarms: int = 0
    confirmed: int = 0
    false_alarms: int = 0
    open: int = 0
    """Alarms that nobody has judged yet."""
    missed: int = 0
    """Incidents that a person had to open because no alarm did."""


class Board(msgspec.Struct, frozen=True):
    """The whole page."""

    name: str
    public_url: str
    """Where the page is published, without a slash at its end; `/status` follows."""
    utc_us: int
    """When this was true."""
    impact: Impact = Impact.NONE
    description: str = "All Systems Operational"
    components: tuple[ComponentView, ...] = ()
    incidents: tuple[IncidentView, ...] = ()
    """Newest first, at most `INCIDENTS_MAX`, beside those that are open."""
    maintenances: tuple[MaintenanceView, ...] = ()
    accuracy: Accuracy = Accuracy()
    flood: bool = False
    """Reports need a proof of work at the moment."""


class Point(msgspec.Struct, frozen=True, array_like=True):
    """One point of a chart: a slot's reports, the usual band, and how many probes failed."""

    utc_s: int
    reports: int
    usual: float
    upper: float
    probes: int
    failed: int
    unproven: int = 0


class Chart(msgspec.Struct, frozen=True):
    """A component's `24h` (slots of 15 minutes) or `90d` (days)."""

    component: str
    range: str
    slot_s: int
    points: tuple[Point, ...] = ()
    places: tuple[tuple[str, int], ...] = ()
    """Reports by coarse place in the range, only places with `PLACE_REPORTS_MIN` or more."""


PLACE_REPORTS_MIN: Final = 10
"""Fewer reports of a place are not shown: somebody could be recognised."""
