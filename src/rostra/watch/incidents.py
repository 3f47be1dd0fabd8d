"""An incident's life: its phases, the table of steps between them, and who may cause each."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

import msgspec

from rostra.domain.errors import ForbiddenError, PeerError
from rostra.watch.board import Attribution, IncidentView, Level, ProbesView, UpdateView
from rostra.watch.components import Impact
from rostra.watch.events import Event, What

UPDATES_MAX: Final = 200
"""Lines of one timeline: a bad week has some fifty; a script that loops is stopped here."""


class Phase(StrEnum):
    """Where an incident is in its life."""

    DRAFT = "draft"
    """Opened by an alarm, judged by nobody."""
    SETTLED = "settled"
    """A draft whose signs went away before anybody judged it."""
    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"
    POSTMORTEM = "postmortem"
    """Over, and what was learnt is written down."""
    DISMISSED = "dismissed"
    """A false alarm: it stays published with its reason."""


class Cause(StrEnum):
    """Who or what moves an incident on."""

    PERSON = "person"
    """An operator, by name."""
    ALARM = "alarm"
    """A sign that begins anew: reports above the usual level, or failing probes."""
    CALM = "calm"
    """Reports and probes of every component were calm for `rounds.CALM_S`."""


_PERSON: Final = frozenset({Cause.PERSON})
_UNJUDGED: Final = (Phase.DRAFT, Phase.SETTLED)
_WORKING: Final = (Phase.INVESTIGATING, Phase.IDENTIFIED, Phase.MONITORING)

TRANSITIONS: Final[Mapping[tuple[Phase, Phase], frozenset[Cause]]] = {
    (Phase.DRAFT, Phase.SETTLED): frozenset({Cause.CALM}),
    (Phase.SETTLED, Phase.DRAFT): frozenset({Cause.ALARM}),
    (Phase.DRAFT, Phase.INVESTIGATING): _PERSON,
    (Phase.DRAFT, Phase.DISMISSED): _PERSON,
    (Phase.SETTLED, Phase.RESOLVED): _PERSON,
    (Phase.SETTLED, Phase.DISMISSED): _PERSON,
    (Phase.INVESTIGATING, Phase.IDENTIFIED): _PERSON,
    (Phase.INVESTIGATING, Phase.MONITORING): frozenset({Cause.PERSON, Cause.CALM}),
    (Phase.INVESTIGATING, Phase.RESOLVED): _PERSON,
    (Phase.IDENTIFIED, Phase.INVESTIGATING): _PERSON,
    (Phase.IDENTIFIED, Phase.MONITORING): frozenset({Cause.PERSON, Cause.CALM}),
    (Phase.IDENTIFIED, Phase.RESOLVED): _PERSON,
    (Phase.MONITORING, Phase.INVESTIGATING): frozenset({Cause.PERSON, Cause.ALARM}),
    (Phase.MONITORING, Phase.IDENTIFIED): _PERSON,
    (Phase.MONITORING, Phase.RESOLVED): frozenset({Cause.PERSON, Cause.CALM}),
    (Phase.RESOLVED, Phase.INVESTIGATING): frozenset({Cause.PERSON, Cause.ALARM}),
    (Phase.RESOLVED, Phase.POSTMORTEM): _PERSON,
    (Phase.POSTMORTEM, Phase.INVESTIGATING): _PERSON,
    (Phase.DISMISSED, Phase.INVESTIGATING): _PERSON,
    **{(one, Phase.DISMISSED): _PERSON for one in (*_WORKING, Phase.RESOLVED)},
}
"""Each step that there is, and who may cause it."""

BEGINNINGS: Final[Mapping[Phase, Cause]] = {
    Phase.DRAFT: Cause.ALARM,
    Phase.INVESTIGATING: Cause.PERSON,
}
"""How an incident begins: opened by an alarm, or by a person."""

OPEN: Final = frozenset({Phase.DRAFT, *_WORKING})
"""Phases in which a component's incident is under way: it gets no second one."""

CONFIRMED: Final = frozenset(_WORKING)
"""Phases in which a person's word on the impact holds."""

IMPACT_BY_DEFAULT: Final = Impact.MINOR
"""What it comes to at the least when a person says that there is trouble and not how much."""

_PUBLIC: Final[Mapping[Phase, str]] = {
    Phase.DRAFT: "investigating",
    Phase.SETTLED: "resolved",
    Phase.DISMISSED: "resolved",
}
"""Phases that Statuspage has no word for, in its words."""


class Incident(msgspec.Struct, frozen=True):
    """One incident as it is kept. Times are microseconds since 1970, UTC."""

    id: str
    name: str
    phase: Phase
    impact: Impact
    started_utc_us: int
    created_utc_us: int
    updated_utc_us: int
    closed_utc_us: int = 0
    """When it was settled, resolved or dismissed last; 0 while it is open."""
    revision: int = 1
    """Grows by one with each change; what was read before another's change is not written."""
    sensed: bool = False
    """An alarm opened it: then calm may end it. What the watch never saw, it cannot see end."""
    told: bool = False
    """Subscribers know of it."""
    impact_by_person: bool = False
    """A person chose the impact: evidence changes nothing of it."""
    impact_by_default: bool = False
    """A person's word stands behind it and no impact was chosen: evidence may make it heavier."""
    outcome: str = ""
    """`confirmed`, `false_alarm`, or empty while nobody has judged."""
    reason: str = ""
    components: tuple[str, ...] = ()
    updates: tuple[UpdateView, ...] = ()
    """Newest first."""
    attribution: Attribution = Attribution()
    attribution_by_person: bool = False
    level: Level = Level()
    probes: ProbesView = ProbesView()
    calm_since_utc_us: int = 0
    """Since when every component is calm; 0 while one is not."""
    postmortem: str = ""
    name_es: str = ""

    @property
    def open(self) -> bool:
        """Whether it is under way."""
        return self.phase in OPEN

    @property
    def agreed(self) -> bool:
        """Probes of two places, or more, found the same."""
        return self.probes.state == "failing" and not self.probes.one_place

    def view(self) -> IncidentView:
        """As the board shows it."""
        return IncidentView(
            id=self.id,
            name=self.name,
            status=_PUBLIC.get(self.phase, self.phase.value),
            impact=self.impact,
            started_utc_us=self.started_utc_us,
            created_utc_us=self.created_utc_us,
            updated_utc_us=self.updated_utc_us,
            resolved_utc_us=self.closed_utc_us,
            automatic=self.phase in _UNJUDGED,
            outcome=self.outcome,
            reason=self.reason,
            components=self.components,
            updates=self.updates,
            attribution=self.attribution,
            level=self.level,
            probes=self.probes,
            postmortem=self.postmortem,
            name_es=self.name_es,
        )


class Change(msgspec.Struct, frozen=True):
    """An incident as it is to be kept now, and what subscribers are told of it."""

    incident: Incident
    event: Event | None = None


def allow(now: Phase, then: Phase, cause: Cause) -> None:
    """Raise PeerError (409) for a step that is not, ForbiddenError for one of somebody else's."""
    causes = TRANSITIONS.get((now, then))
    if causes is None:
        sentence = f"An incident that is {now} cannot become {then}. See its page."
        raise PeerError(sentence, status=409)
    if cause not in causes:
        allowed = ", ".join(sorted(causes))
        sentence = f"{now} → {then} is not for the {cause}; it is caused by: {allowed}."
        raise ForbiddenError(sentence)


def changed(
    incident: Incident,
    fields: Mapping[str, object],
    note: UpdateView | None = None,
    what: What | None = None,
) -> Change:
    """The incident with `fields` replaced, a line added, and `what` told to subscribers.

    PeerError (409) when its timeline is full. What the watch writes by itself always fits: calm
    must be able to end what people have written full (`rounds.LINES_MAX` bounds the rest).
    """
    more: dict[str, object] = {"revision": incident.revision + 1}
    if note is not None:
        if len(incident.updates) >= UPDATES_MAX and not note.automatic:
            sentence = f"This incident has {UPDATES_MAX} updates; no more fit. Open another one."
            raise PeerError(sentence, status=409)
        more["updates"] = (note, *incident.updates)
        more["updated_utc_us"] = note.utc_us
    if what is not None:
        more["told"] = True
    kept = msgspec.structs.replace(incident, **(dict(fields) | more))
    return Change(kept, None if what is None else event_of(kept, what))


def event_of(incident: Incident, what: What) -> Event:
    """What subscribers are told of the newest line of an incident.

    The id follows from the line, so that it is the same however often it is told.
    """
    newest = incident.updates[0]
    return Event(
        id=f"{incident.id}-{newest.id}",
        what=what,
        subject=incident.id,
        name=incident.name,
        body=newest.body,
        impact=incident.impact,
        components=incident.components,
        utc_us=newest.utc_us,
        automatic=incident.phase in _UNJUDGED,
        agreed=incident.agreed,
    )


def step(
    incident: Incident,
    then: Phase,
    cause: Cause,
    note: UpdateView,
    fields: Mapping[str, object] | None = None,
) -> Change:
    """Take one step of the table, with its line; raises what `allow` raises.

    Subscribers are told of a step if they know of the incident, or if a person takes it.
    """
    allow(incident.phase, then, cause)
    moved: dict[str, object] = {
        "phase": then,
        "closed_utc_us": 0 if then in OPEN else _closed(incident, note.utc_us),
        "calm_since_utc_us": 0,
    }
    tell = incident.told or (cause is Cause.PERSON and then is not Phase.DISMISSED)
    what = _what(incident, then) if tell else None
    return changed(incident, moved | dict(fields or {}), note, what)


def note_of(incident: Incident | None, phase: Phase, body: str, now_utc_us: int) -> UpdateView:
    """A person's line of a timeline."""
    number = 1 if incident is None else len(incident.updates) + 1
    return UpdateView(
        id=f"u{number}", status=_PUBLIC.get(phase, phase.value), body=body, utc_us=now_utc_us
    )


def open_of(incidents: Iterable[Incident], component: str) -> Incident | None:
    """The incident of a component that is under way, or None."""
    return next((one for one in incidents if one.open and component in one.components), None)


def _closed(incident: Incident, now_utc_us: int) -> int:
    return incident.closed_utc_us or now_utc_us


def _what(incident: Incident, then: Phase) -> What:
    if then is Phase.DISMISSED:
        return What.DISMISSED
    if then is Phase.POSTMORTEM:
        return What.POSTMORTEM
    if then in {Phase.RESOLVED, Phase.SETTLED}:
        return What.RESOLVED
    return What.UPDATED if incident.told and incident.open else What.OPENED
