"""Announced work: its phases, the table of steps between them, and who may cause each."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import msgspec

from rostra.domain.errors import ForbiddenError, PeerError
from rostra.watch import words
from rostra.watch.board import MaintenanceView, UpdateView
from rostra.watch.components import Impact
from rostra.watch.events import Event, What
from rostra.watch.moments import US_PER_S

MAINTENANCE_S_MAX: Final = 7 * 86_400
"""A week: longer work is announced in parts, or a forgotten window hides trouble for ever."""

MAINTENANCE_UPDATES_MAX: Final = 100
"""Lines of one timeline."""


class Stage(StrEnum):
    """Where announced work is; the words are Statuspage's, and `cancelled`."""

    SCHEDULED = "scheduled"
    IN_PROGRESS = "in_progress"
    VERIFYING = "verifying"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Mover(StrEnum):
    """Who moves it on."""

    PERSON = "person"
    CLOCK = "clock"
    """Its announced beginning or end has come."""


_BOTH: Final = frozenset(Mover)
_PERSON: Final = frozenset({Mover.PERSON})

TRANSITIONS: Final[Mapping[tuple[Stage, Stage], frozenset[Mover]]] = {
    (Stage.SCHEDULED, Stage.IN_PROGRESS): _BOTH,
    (Stage.SCHEDULED, Stage.CANCELLED): _PERSON,
    (Stage.IN_PROGRESS, Stage.VERIFYING): _PERSON,
    (Stage.IN_PROGRESS, Stage.COMPLETED): _BOTH,
    (Stage.IN_PROGRESS, Stage.CANCELLED): _PERSON,
    (Stage.VERIFYING, Stage.IN_PROGRESS): _PERSON,
    (Stage.VERIFYING, Stage.COMPLETED): _BOTH,
}
"""Each step that there is, and who may cause it."""

OVER: Final = frozenset({Stage.COMPLETED, Stage.CANCELLED})
UNDER_WAY: Final = frozenset({Stage.IN_PROGRESS, Stage.VERIFYING})
"""While it is in one of these, its components open no incident by themselves."""

_TOLD: Final[Mapping[Stage, What]] = {
    Stage.IN_PROGRESS: What.BEGUN,
    Stage.VERIFYING: What.UPDATED,
    Stage.COMPLETED: What.COMPLETED,
    Stage.CANCELLED: What.COMPLETED,
}


class Maintenance(msgspec.Struct, frozen=True):
    """Announced work as it is kept. Times are microseconds since 1970, UTC."""

    id: str
    name: str
    stage: Stage
    begins_utc_us: int
    ends_utc_us: int
    created_utc_us: int
    updated_utc_us: int
    revision: int = 1
    components: tuple[str, ...] = ()
    updates: tuple[UpdateView, ...] = ()
    """Newest first."""

    def view(self) -> MaintenanceView:
        """As the board shows it."""
        cancelled = self.stage is Stage.CANCELLED
        return MaintenanceView(
            id=self.id,
            name=self.name,
            status=Stage.COMPLETED.value if cancelled else self.stage.value,
            begins_utc_us=self.begins_utc_us,
            ends_utc_us=self.ends_utc_us,
            created_utc_us=self.created_utc_us,
            updated_utc_us=self.updated_utc_us,
            components=self.components,
            updates=self.updates,
            cancelled=cancelled,
        )


class Work(msgspec.Struct, frozen=True):
    """Announced work as it is to be kept now, and what subscribers are told of it."""

    maintenance: Maintenance
    event: Event | None = None


def allow(now: Stage, then: Stage, mover: Mover) -> None:
    """Raise PeerError (409) for a step that is not, ForbiddenError for one of somebody else's."""
    movers = TRANSITIONS.get((now, then))
    if movers is None:
        sentence = f"Announced work that is {now} cannot become {then}. See its page."
        raise PeerError(sentence, status=409)
    if mover not in movers:
        allowed = ", ".join(sorted(movers))
        sentence = f"{now} → {then} is not for the {mover}; it is caused by: {allowed}."
        raise ForbiddenError(sentence)


def check_times(begins_utc_us: int, ends_utc_us: int, now_utc_us: int) -> None:
    """PeerError (422) unless it ends after it begins, in the future, within a week."""
    if ends_utc_us <= begins_utc_us:
        sentence = "The work ends before it begins. Give a later end."
        raise PeerError(sentence, status=422)
    if ends_utc_us <= now_utc_us:
        sentence = "The end of the work is in the past. Give one that is to come."
        raise PeerError(sentence, status=422)
    if ends_utc_us - begins_utc_us > MAINTENANCE_S_MAX * US_PER_S:
        sentence = f"The work takes more than {MAINTENANCE_S_MAX // 86_400} days. Announce parts."
        raise PeerError(sentence, status=422)


def schedule(maintenance: Maintenance) -> Work:
    """New work and its first event."""
    return Work(maintenance, _event(maintenance, What.SCHEDULED))


def step(
    maintenance: Maintenance,
    then: Stage,
    mover: Mover,
    note: UpdateView,
    fields: Mapping[str, object] | None = None,
) -> Work:
    """Take one step of the table; raises what `allow` raises."""
    allow(maintenance.stage, then, mover)
    return edited(maintenance, note, _TOLD[then], dict(fields or {}) | {"stage": then})


def edited(
    maintenance: Maintenance,
    note: UpdateView,
    what: What = What.UPDATED,
    fields: Mapping[str, object] | None = None,
) -> Work:
    """The work with `fields` replaced and a line added; PeerError (409) when no line fits."""
    if len(maintenance.updates) >= MAINTENANCE_UPDATES_MAX and not note.automatic:
        sentence = f"This work has {MAINTENANCE_UPDATES_MAX} updates; no more fit."
        raise PeerError(sentence, status=409)
    more: dict[str, object] = {
        "revision": maintenance.revision + 1,
        "updated_utc_us": note.utc_us,
        "updates": (note, *maintenance.updates),
    }
    kept = msgspec.structs.replace(maintenance, **(dict(fields or {}) | more))
    return Work(kept, _event(kept, what))


def due(maintenance: Maintenance, now_utc_us: int) -> Work | None:
    """The step that the clock takes now, or None."""
    if maintenance.stage is Stage.SCHEDULED and now_utc_us >= maintenance.begins_utc_us:
        return _by_clock(maintenance, Stage.IN_PROGRESS, "begun", maintenance.begins_utc_us)
    if maintenance.stage in UNDER_WAY and now_utc_us >= maintenance.ends_utc_us:
        return _by_clock(maintenance, Stage.COMPLETED, "completed", maintenance.ends_utc_us)
    return None


def note_of(
    maintenance: Maintenance | None, stage: Stage, body: str, now_utc_us: int
) -> UpdateView:
    """A person's line of a timeline."""
    number = 1 if maintenance is None else len(maintenance.updates) + 1
    return UpdateView(f"u{number}", stage.value, body, now_utc_us)


def _by_clock(maintenance: Maintenance, then: Stage, line: str, utc_us: int) -> Work:
    note = UpdateView(
        id=f"u{len(maintenance.updates) + 1}",
        status=then.value,
        body=words.say(line, "en"),
        utc_us=utc_us,
        automatic=True,
        body_es=words.say(line, "es"),
    )
    return step(maintenance, then, Mover.CLOCK, note)


def _event(maintenance: Maintenance, what: What) -> Event:
    newest = maintenance.updates[0]
    return Event(
        id=f"{maintenance.id}-{newest.id}",
        what=what,
        subject=maintenance.id,
        name=maintenance.name,
        body=newest.body,
        impact=Impact.MAINTENANCE,
        components=maintenance.components,
        utc_us=newest.utc_us,
    )
