"""What an operator does to incidents: open, confirm, dismiss, update, resolve, look back."""

from collections.abc import Iterable
from typing import Final

import msgspec

from rostra.domain.errors import PeerError
from rostra.watch import summing, texts, words
from rostra.watch.board import Attribution, UpdateView
from rostra.watch.components import Impact
from rostra.watch.events import What
from rostra.watch.incidents import (
    CONFIRMED,
    IMPACT_BY_DEFAULT,
    Cause,
    Change,
    Incident,
    Phase,
    changed,
    event_of,
    note_of,
    step,
)

IMPACTS: Final = (Impact.NONE, Impact.MINOR, Impact.MAJOR, Impact.CRITICAL)
"""What a person may say of an incident; maintenance is announced, not confirmed."""
ATTRIBUTIONS: Final = ("internal", "external", "undetermined")


class Act(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an operator asks for; empty fields leave what is there.

    `by` is their name, kept in the log. `reason` is of a dismissal, `body` of all else.
    """

    by: str
    body: str = ""
    name: str = ""
    reason: str = ""
    status: str = ""
    impact: str = ""
    attribution: str = ""
    components: tuple[str, ...] = ()


def open_by_hand(
    act: Act, incidents: Iterable[Incident], known: Iterable[str], new_id: str, now_utc_us: int
) -> Change:
    """An incident that no alarm opened; PeerError (409) if a draft of a component waits.

    Without `impact` it is `minor`, and heavier once the evidence says so.
    """
    components = texts.components(act.components, set(known))
    for one in incidents:
        if one.phase is Phase.DRAFT and set(one.components) & set(components):
            sentence = f"A draft about it waits already: {one.id}. Confirm that one."
            raise PeerError(sentence, status=409)
    phase = _status(act.status or Phase.INVESTIGATING.value)
    body = texts.paragraphs(act.body, "update", texts.BODY_CHARS_MAX)
    note = note_of(None, phase, body, now_utc_us)
    word = _attribution(act.attribution) if act.attribution else None
    incident = Incident(
        id=new_id,
        name=texts.line(act.name, "name", texts.NAME_CHARS_MAX),
        phase=phase,
        impact=_impact(act.impact or IMPACT_BY_DEFAULT),
        impact_by_person=bool(act.impact),
        impact_by_default=not act.impact,
        started_utc_us=now_utc_us,
        created_utc_us=now_utc_us,
        updated_utc_us=now_utc_us,
        told=True,
        outcome="confirmed",
        components=components,
        updates=(note,),
        attribution=word or Attribution(),
        attribution_by_person=word is not None,
    )
    return Change(incident, event_of(incident, What.OPENED))


def confirm(incident: Incident, act: Act, known: Iterable[str], now_utc_us: int) -> Change:
    """An alarm was right; one that has settled meanwhile is over and counted as right.

    Without `impact` what the probes found stays, or `minor` where reports alone raised it, until
    the evidence says more.
    """
    then = Phase.RESOLVED if incident.phase is Phase.SETTLED else Phase.INVESTIGATING
    fields = _said(incident, act, known) | {"outcome": "confirmed", "reason": ""}
    if not act.impact and incident.impact is Impact.NONE:
        fields |= _by_default(IMPACT_BY_DEFAULT)
    if act.body.strip():
        note = _note(incident, then, act, now_utc_us)
    else:
        said = (words.say("confirmed", one) for one in ("en", "es"))
        note = _own_words(incident, then, *said, now_utc_us=now_utc_us)
    return step(incident, then, Cause.PERSON, note, fields)


def dismiss(incident: Incident, act: Act, now_utc_us: int) -> Change:
    """It was a false alarm: it stays published, with the reason.

    No impact is what follows from that, and not a person's word that outlives a reopening.
    """
    reason = texts.paragraphs(act.reason, "reason", texts.BODY_CHARS_MAX)
    note = note_of(incident, Phase.DISMISSED, reason, now_utc_us)
    fields = {
        "outcome": "false_alarm",
        "reason": reason,
        "impact": Impact.NONE,
        "impact_by_person": False,
    }
    return step(incident, Phase.DISMISSED, Cause.PERSON, note, fields)


def update(incident: Incident, act: Act, known: Iterable[str], now_utc_us: int) -> Change:
    """A line of the timeline, and whatever else is given: status, impact, components, name.

    A draft is confirmed or dismissed first (409): an update without that would leave readers with
    both a person's words and "nobody has confirmed this".
    """
    if incident.phase not in CONFIRMED:
        sentence = f"An incident that is {incident.phase} takes no update."
        sentence += " Confirm it first, or open it again."
        raise PeerError(sentence, status=409)
    then = _status(act.status) if act.status else incident.phase
    note = _note(incident, then, act, now_utc_us)
    fields = _said(incident, act, known)
    if then is incident.phase:
        return changed(incident, fields, note, What.UPDATED)
    return step(incident, then, Cause.PERSON, note, fields)


def resolve(incident: Incident, act: Act, now_utc_us: int) -> Change:
    """It is over."""
    note = _note(incident, Phase.RESOLVED, act, now_utc_us)
    return step(incident, Phase.RESOLVED, Cause.PERSON, note)


def reopen(incident: Incident, act: Act, known: Iterable[str], now_utc_us: int) -> Change:
    """It is not over, or was no false alarm.

    Without `impact` a false alarm weighs again what its evidence says, or `minor`.
    """
    note = _note(incident, Phase.INVESTIGATING, act, now_utc_us)
    fields = _said(incident, act, known) | {"outcome": "confirmed", "reason": ""}
    if incident.phase in CONFIRMED | {Phase.DRAFT}:
        sentence = "This incident is open. Update it."
        raise PeerError(sentence, status=409)
    if not act.impact and incident.phase is Phase.DISMISSED:
        evident = summing.IMPACT_OF[summing.found(incident.probes, incident.level)]
        fields |= _by_default(summing.heaviest((IMPACT_BY_DEFAULT, evident)))
    return step(incident, Phase.INVESTIGATING, Cause.PERSON, note, fields)


def postmortem(incident: Incident, act: Act, now_utc_us: int) -> Change:
    """What was learnt; a later one takes the place of an earlier one."""
    text = texts.paragraphs(act.body, "post-mortem", texts.POSTMORTEM_CHARS_MAX)
    note = note_of(incident, Phase.POSTMORTEM, text, now_utc_us)
    if incident.phase is Phase.POSTMORTEM:
        return changed(incident, {"postmortem": text}, note, What.POSTMORTEM)
    return step(incident, Phase.POSTMORTEM, Cause.PERSON, note, {"postmortem": text})


def _said(incident: Incident, act: Act, known: Iterable[str]) -> dict[str, object]:
    """The fields that a person's words replace."""
    fields: dict[str, object] = {}
    if act.name.strip() and act.name.strip() != incident.name:
        fields |= {"name": texts.line(act.name, "name", texts.NAME_CHARS_MAX), "name_es": ""}
    if act.impact:
        fields |= {"impact": _impact(act.impact), "impact_by_person": True}
        fields["impact_by_default"] = False
    if act.components:
        # What has left the configuration meanwhile may stay in an incident that names it.
        fields["components"] = texts.components(act.components, {*known, *incident.components})
    if act.attribution:
        fields |= {
            "attribution": _attribution(act.attribution, incident.attribution),
            "attribution_by_person": True,
        }
    return fields


def _by_default(impact: Impact) -> dict[str, object]:
    return {"impact": impact, "impact_by_person": False, "impact_by_default": True}


def _note(incident: Incident, then: Phase, act: Act, now_utc_us: int) -> UpdateView:
    body = texts.paragraphs(act.body, "update", texts.BODY_CHARS_MAX)
    return note_of(incident, then, body, now_utc_us)


def _own_words(
    incident: Incident, then: Phase, body: str, body_es: str, *, now_utc_us: int
) -> UpdateView:
    note = note_of(incident, then, body, now_utc_us)
    return msgspec.structs.replace(note, body_es=body_es)


def _status(word: str) -> Phase:
    if word not in CONFIRMED:
        known = ", ".join(one.value for one in Phase if one in CONFIRMED)
        sentence = f"There is no status {word[:40]!r} to set; there are {known}."
        raise PeerError(sentence, status=422)
    return Phase(word)


def _impact(word: str) -> Impact:
    if word not in IMPACTS:
        sentence = f"There is no impact {word[:40]!r}; there are {', '.join(IMPACTS)}."
        raise PeerError(sentence, status=422)
    return Impact(word)


def _attribution(word: str, before: Attribution | None = None) -> Attribution:
    if word not in ATTRIBUTIONS:
        sentence = f"There is no attribution {word[:40]!r}; there are {', '.join(ATTRIBUTIONS)}."
        raise PeerError(sentence, status=422)
    found = before or Attribution()
    reasons = ("person", *(one for one in found.reasons if one != "person"))
    return msgspec.structs.replace(found, word=word, reasons=reasons)
