"""One look at all components: which incidents open, gather, grow, come back, and end by calm."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

import msgspec

from rostra.watch import summing, words
from rostra.watch.attribution import strongest
from rostra.watch.board import Level, ProbesView, UpdateView
from rostra.watch.components import Impact
from rostra.watch.events import What
from rostra.watch.incidents import Cause, Change, Incident, Phase, changed, event_of, open_of, step
from rostra.watch.moments import US_PER_S
from rostra.watch.sights import Sight

GATHER_S: Final = 600
"""What fails within ten minutes is one incident: probes find it in seconds, people's reports take
minutes to rise."""

CALM_S: Final = 900
"""A quarter of an hour without a sign: three slots of reports."""

REOPEN_S: Final = 1_800
"""A sign that begins within half an hour of the end is the same trouble come back."""

GATHERED_MAX: Final = 200
"""As many as there are components (`components.COMPONENTS_MAX`)."""

LINES_MAX: Final = 100
"""Half of `incidents.UPDATES_MAX`: signs that come and go may not fill a timeline that people
want to write in; beyond it another incident opens."""


class Look(msgspec.Struct, frozen=True):
    """What one look is given."""

    sights: Mapping[str, Sight]
    kin: Mapping[str, frozenset[str]]
    """`attribution.related` of the components."""
    now_utc_us: int


def look(look: Look, incidents: Sequence[Incident], new_id: Callable[[], str]) -> list[Change]:
    """The changes that this look makes, one an incident at most.

    `incidents`, newest first, are all that are open and those that were closed lately. Several
    steps of one look are one change: its revision is one more than before, its event the first.
    """
    begun = {one.id: one.revision for one in incidents}
    known = {one.id: one for one in incidents}
    changes: dict[str, Change] = {}
    for one in incidents:
        if one.open:
            _keep(_watched(one, look), known, changes)
    for sight in look.sights.values():
        if sight.signs_utc_us and not sight.worked_on:
            fresh = frozenset(known) - frozenset(begun)
            _keep(_sign(sight, look, tuple(known.values()), fresh, new_id), known, changes)
    return [
        Change(msgspec.structs.replace(known[one], revision=begun.get(one, 0) + 1), change.event)
        for one, change in changes.items()
    ]


def _keep(change: Change | None, known: dict[str, Incident], changes: dict[str, Change]) -> None:
    if change is None:
        return
    kept, event = change.incident, change.event
    before = changes.get(kept.id)
    if before is not None and before.event is not None:
        event = msgspec.structs.replace(
            before.event,
            name=kept.name,
            impact=kept.impact,
            components=kept.components,
            agreed=kept.agreed,
        )
    known[kept.id] = kept
    changes[kept.id] = Change(kept, event)


def _sign(
    sight: Sight,
    look: Look,
    incidents: tuple[Incident, ...],
    fresh: frozenset[str],
    new_id: Callable[[], str],
) -> Change | None:
    """What a sign of trouble leads to: nothing, an incident reopened, joined, or opened.

    `fresh` are the incidents that this very look has opened.
    """
    if open_of(incidents, sight.id) is not None:
        return None
    closed = max(
        (one for one in incidents if sight.id in one.components),
        key=lambda one: one.closed_utc_us,
        default=None,
    )
    if closed is not None:
        if _done_with(closed, sight):
            return None
        if _comes_back(closed, sight):
            return _reopened(closed, sight, look)
    for one in incidents:
        if _gathers(one, sight, look):
            return _joined(one, sight, look, silently=one.id in fresh)
    return _opened(sight, look, new_id())


def _done_with(closed: Incident, sight: Sight) -> bool:
    """Whether a person, or calm, has done with this very sign.

    Reports that fall and rise again soon after a person called them a false alarm are still the
    same reports; probes that fail anew are not.
    """
    if max(sight.signs_utc_us) <= closed.closed_utc_us:
        return True
    return closed.phase is Phase.DISMISSED and not sight.fails and _soon(closed, sight)


def _comes_back(closed: Incident, sight: Sight) -> bool:
    """Whether this is the same trouble again."""
    if len(closed.updates) >= LINES_MAX or not closed.sensed:
        return False
    return closed.phase in {Phase.RESOLVED, Phase.SETTLED} and _soon(closed, sight)


def _soon(closed: Incident, sight: Sight) -> bool:
    return max(sight.signs_utc_us) - closed.closed_utc_us <= REOPEN_S * US_PER_S


def _gathers(incident: Incident, sight: Sight, look: Look) -> bool:
    """Whether a component's sign belongs to an incident that is under way.

    A component with reports alone joins what is unrelated only if that has reports alone too:
    else the page would list an innocent neighbour beside what fails. A person's incident takes
    up what probes find, and nothing for reports alone.
    """
    if not incident.open or incident.phase is Phase.MONITORING:
        return False
    if look.now_utc_us - incident.started_utc_us > GATHER_S * US_PER_S:
        return False
    if len(incident.updates) >= LINES_MAX or len(incident.components) >= GATHERED_MAX:
        return False
    probed = incident.probes.state == "failing"
    if any(one in look.kin.get(sight.id, ()) for one in incident.components):
        return sight.fails or incident.phase is Phase.DRAFT
    if incident.phase is not Phase.DRAFT:
        return False
    return sight.fails == probed


def _opened(sight: Sight, look: Look, incident_id: str) -> Change:
    names = _names((sight.id,), look)
    incident = Incident(
        id=incident_id,
        name=_name(sight.probes, names, "en"),
        name_es=_name(sight.probes, names, "es"),
        phase=Phase.DRAFT,
        impact=_impact((sight,)),
        started_utc_us=min(sight.signs_utc_us),
        created_utc_us=look.now_utc_us,
        updated_utc_us=look.now_utc_us,
        sensed=True,
        components=(sight.id,),
        attribution=sight.attribution,
        level=sight.level,
        probes=sight.probes,
        updates=(_note(None, Phase.DRAFT, look.now_utc_us, *_evidence(sight, look, Phase.DRAFT)),),
    )
    return _first(incident)


def _first(incident: Incident) -> Change:
    """An incident that this look opens, told if it weighs anything.

    Reports alone are shown and not sent: else whoever forges reports sends the mails.
    """
    if incident.impact is Impact.NONE or incident.told:
        return Change(incident)
    told = msgspec.structs.replace(incident, told=True)
    return Change(told, event_of(told, What.OPENED))


def _joined(incident: Incident, sight: Sight, look: Look, *, silently: bool) -> Change:
    grown = msgspec.structs.replace(incident, components=(*incident.components, sight.id))
    fields = _fresh(grown, look)
    if silently:
        return _first(changed(incident, fields).incident)
    names = _names((sight.id,), look)
    said = (words.say("joined", one, names=words.listed(names, one)) for one in ("en", "es"))
    note = _note(incident, incident.phase, look.now_utc_us, *said)
    weighs = fields.get("impact", incident.impact) is not Impact.NONE
    if incident.told:
        return changed(incident, fields, note, What.UPDATED)
    return changed(incident, fields, note, What.OPENED if weighs else None)


def _reopened(incident: Incident, sight: Sight, look: Look) -> Change:
    then = Phase.DRAFT if incident.phase is Phase.SETTLED else Phase.INVESTIGATING
    said = tuple(
        words.say(
            "again",
            one,
            evidence=words.evidence(sight.level, sight.probes, one, look.now_utc_us),
        )
        for one in ("en", "es")
    )
    return step(incident, then, Cause.ALARM, _note(incident, then, look.now_utc_us, *said))


def _watched(incident: Incident, look: Look) -> Change | None:
    """An incident that is under way beside what is seen now; None where nothing changes.

    What a person opened grows as the rest does, and only a person ends it.
    """
    if not incident.sensed:
        return _grown(incident, look)
    sights = _sights(incident, look)
    failed = incident.probes.state == "failing"
    calm = bool(sights) and all(one.calm(after_failing=failed) for one in sights)
    if not calm:
        return _grown(incident, look)
    # A clock that was set back leaves a moment that is yet to come: calm is counted from now.
    if not 0 < incident.calm_since_utc_us <= look.now_utc_us:
        return changed(incident, {"calm_since_utc_us": look.now_utc_us})
    if look.now_utc_us - incident.calm_since_utc_us < CALM_S * US_PER_S:
        return None
    then, line = _CALMED[incident.phase]
    minutes = CALM_S // 60
    said = (words.say(line, one, minutes=minutes) for one in ("en", "es"))
    return step(incident, then, Cause.CALM, _note(incident, then, look.now_utc_us, *said))


_CALMED: Final[Mapping[Phase, tuple[Phase, str]]] = {
    Phase.DRAFT: (Phase.SETTLED, "settled"),
    Phase.INVESTIGATING: (Phase.MONITORING, "monitoring"),
    Phase.IDENTIFIED: (Phase.MONITORING, "monitoring"),
    Phase.MONITORING: (Phase.RESOLVED, "resolved"),
}
"""Calm takes what a person has confirmed one step at a time."""


def _grown(incident: Incident, look: Look) -> Change | None:
    """With the evidence at its worst; with a line and an event once that weighs more.

    Two places that agree weigh more than an alarm, whatever the impact: before them subscribers
    are told of no draft (`outbox.ruling`).
    """
    fields = _fresh(incident, look)
    grown = msgspec.structs.replace(incident, **fields)
    if grown == incident:
        return None
    if grown.impact is incident.impact and grown.agreed is incident.agreed:
        return changed(incident, fields)
    sight = max(_unworked(incident, look), key=lambda one: _gravity(one.probes))
    said = _evidence(sight, look, incident.phase)
    note = _note(incident, incident.phase, look.now_utc_us, *said)
    return changed(incident, fields, note, What.UPDATED if incident.told else What.OPENED)


def _fresh(incident: Incident, look: Look) -> dict[str, object]:
    """The fields that evidence moves; a person's word stays."""
    sights = _unworked(incident, look)
    troubled = [one for one in sights if one.signs_utc_us]
    level = max((incident.level, *(one.level for one in sights)), key=_height)
    probes = max((incident.probes, *(one.probes for one in sights)), key=_gravity)
    fields: dict[str, object] = {
        "components": incident.components,
        "level": level if _height(level) > _height(incident.level) else incident.level,
        "probes": probes if _gravity(probes) > _gravity(incident.probes) else incident.probes,
        "calm_since_utc_us": 0,
    }
    if troubled and not incident.attribution_by_person:
        fields["attribution"] = strongest(one.attribution for one in troubled)
    if not incident.impact_by_person:
        fields["impact"] = summing.heaviest((incident.impact, _impact(sights)))
    if incident.phase is Phase.DRAFT:
        names = _names(incident.components, look)
        fields["name"] = _name(probes, names, "en")
        fields["name_es"] = _name(probes, names, "es")
    return fields


def _impact(sights: Iterable[Sight]) -> Impact:
    return summing.IMPACT_OF[summing.worst(map(summing.evident, sights))]


def _height(level: Level) -> float:
    return level.times if level.state != "quiet" else 0.0


def _gravity(probes: ProbesView) -> int:
    if probes.state == "failing":
        return 2 if probes.one_place else 3
    return int(probes.state == "mixed")


def _sights(incident: Incident, look: Look) -> list[Sight]:
    return [look.sights[one] for one in incident.components if one in look.sights]


def _unworked(incident: Incident, look: Look) -> list[Sight]:
    """What may weigh on it: announced work takes parts down by intent."""
    return [one for one in _sights(incident, look) if not one.worked_on]


def _names(components: Iterable[str], look: Look) -> list[str]:
    return [look.sights[one].component.name if one in look.sights else one for one in components]


def _name(probes: ProbesView, names: Sequence[str], language: str) -> str:
    line = "name_reports"
    if probes.state == "failing":
        line = "name_one_place" if probes.one_place else "name_places"
    return words.say(line, language, names=words.listed(names, language))


def _evidence(sight: Sight, look: Look, phase: Phase) -> list[str]:
    """What is seen, in both languages; "nobody has confirmed this" is said of a draft only."""
    return [
        f"{words.evidence(sight.level, sight.probes, one, look.now_utc_us)}."
        + (f" {words.say('unconfirmed', one)}" if phase is Phase.DRAFT else "")
        for one in ("en", "es")
    ]


def _note(
    incident: Incident | None, phase: Phase, now_utc_us: int, body: str, body_es: str
) -> UpdateView:
    number = 1 if incident is None else len(incident.updates) + 1
    shown = "resolved" if phase is Phase.SETTLED else phase.value
    return UpdateView(
        id=f"u{number}",
        status="investigating" if phase is Phase.DRAFT else shown,
        body=body,
        utc_us=now_utc_us,
        automatic=True,
        body_es=body_es,
    )
