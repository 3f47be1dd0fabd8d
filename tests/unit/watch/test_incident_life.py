"""An incident's life is its table, and people's acts keep to it."""

import itertools

import msgspec
import pytest
from tests.fakes.watch_parts import NOON_US, US, Ids, component, level, probes, sight

from rostra.domain.errors import ForbiddenError, PeerError
from rostra.watch import rounds, texts
from rostra.watch.acts import (
    Act,
    confirm,
    dismiss,
    open_by_hand,
    postmortem,
    reopen,
    resolve,
    update,
)
from rostra.watch.attribution import NEIGHBOURS_MAX, attribute, related
from rostra.watch.components import COMPONENTS_MAX, Impact
from rostra.watch.events import What
from rostra.watch.incidents import (
    BEGINNINGS,
    OPEN,
    TRANSITIONS,
    UPDATES_MAX,
    Cause,
    Change,
    Incident,
    Phase,
    allow,
)
from rostra.watch.rounds import GATHERED_MAX, LINES_MAX, Look, look
from rostra.watch.sights import Sight

KNOWN = {"page", "stream"}
ACT = Act(by="Ada", body="We know more.")


def draft(*, told: bool = False) -> Incident:
    people = level("alarm")
    found = probes("failing") if told else probes("ok")
    seen = {"page": sight("page", found, people)}
    (change,) = look(Look(seen, related([component("page")]), NOON_US + US), (), Ids())
    return change.incident


def test_every_step_is_for_whom_the_table_says_and_for_nobody_else() -> None:
    for now, then, cause in itertools.product(Phase, Phase, Cause):
        causes = TRANSITIONS.get((now, then))
        if causes is None:
            with pytest.raises(PeerError, match="cannot become") as refused:
                allow(now, then, cause)
            assert refused.value.status == 409
        elif cause in causes:
            allow(now, then, cause)
        else:
            with pytest.raises(ForbiddenError, match="is not for the"):
                allow(now, then, cause)


def test_every_phase_is_reached_and_no_machine_judges() -> None:
    reached = {*BEGINNINGS, *(then for _, then in TRANSITIONS)}
    assert reached == set(Phase)
    judged = {Phase.INVESTIGATING, Phase.DISMISSED, Phase.RESOLVED}
    for (now, then), causes in TRANSITIONS.items():
        if now in {Phase.DRAFT, Phase.SETTLED} and then in judged:
            assert causes == {Cause.PERSON}


def test_a_draft_is_confirmed_worked_on_resolved_and_looked_back_on() -> None:
    first = draft()
    assert (first.phase, first.impact, first.told) == (Phase.DRAFT, Impact.NONE, False)
    confirmed = confirm(first, Act(by="Ada"), KNOWN, NOON_US)
    assert confirmed.event is not None
    assert (confirmed.event.what, confirmed.event.automatic) == (What.OPENED, False)
    assert confirmed.incident.impact is Impact.MINOR
    found = msgspec.structs.replace(
        ACT, status="identified", impact="major", attribution="internal"
    )
    worked = update(confirmed.incident, found, KNOWN, NOON_US)
    assert worked.incident.phase is Phase.IDENTIFIED
    assert worked.incident.attribution.reasons[0] == "person"
    over = resolve(worked.incident, ACT, NOON_US + US)
    assert (over.incident.phase, over.incident.closed_utc_us) == (Phase.RESOLVED, NOON_US + US)
    learnt = postmortem(over.incident, Act(by="Ada", body="Ports.\n\n\nMore."), NOON_US)
    assert learnt.incident.postmortem == "Ports.\n\nMore."
    again = postmortem(learnt.incident, Act(by="Ada", body="Better words."), NOON_US)
    assert again.incident.postmortem == "Better words."
    assert [one.status for one in again.incident.updates] == [
        "postmortem",
        "postmortem",
        "resolved",
        "identified",
        "investigating",
        "investigating",
    ]
    assert again.incident.revision == 6


def test_a_false_alarm_keeps_its_reason_and_can_be_taken_back() -> None:
    gone = dismiss(draft(), Act(by="Ada", reason="Our own test."), NOON_US)
    assert gone.event is None  # nobody was told of it
    shown = gone.incident.view()
    assert (shown.status, shown.outcome, shown.reason) == (
        "resolved",
        "false_alarm",
        "Our own test.",
    )
    told = dismiss(draft(told=True), Act(by="Ada", reason="A cut cable of ours."), NOON_US)
    assert told.event is not None
    assert told.event.what is What.DISMISSED
    back = reopen(gone.incident, ACT, KNOWN, NOON_US)
    assert (back.incident.outcome, back.incident.reason) == ("confirmed", "")
    with pytest.raises(PeerError, match="is empty"):
        dismiss(draft(), Act(by="Ada"), NOON_US)


def test_what_a_person_opens_the_watch_missed() -> None:
    asked = Act(by="Ada", name="No sound", body="Heard it.", components=("page", "page"))
    made = open_by_hand(asked, (), KNOWN, "h1", NOON_US).incident
    assert (made.sensed, made.outcome, made.components) == (False, "confirmed", ("page",))
    with pytest.raises(PeerError, match="A draft about it waits already: i1"):
        open_by_hand(asked, (draft(),), KNOWN, "h2", NOON_US)
    with pytest.raises(PeerError, match="takes no update"):
        update(draft(), ACT, KNOWN, NOON_US)
    for wrong in ("impact", "attribution", "status"):
        with pytest.raises(PeerError, match=f"There is no {wrong} 'red'"):
            update(made, msgspec.structs.replace(ACT, **{wrong: "red"}), KNOWN, NOON_US)
    with pytest.raises(PeerError, match="There is no component 'moon'"):
        update(made, msgspec.structs.replace(ACT, components=("moon",)), KNOWN, NOON_US)
    with pytest.raises(PeerError, match="This incident is open"):
        reopen(made, ACT, KNOWN, NOON_US)


def test_a_timeline_has_an_end_for_people_and_none_for_calm() -> None:
    full = confirm(draft(told=True), Act(by="Ada"), KNOWN, NOON_US).incident
    while len(full.updates) < UPDATES_MAX:
        full = update(full, ACT, KNOWN, NOON_US).incident
    with pytest.raises(PeerError, match="no more fit"):
        update(full, ACT, KNOWN, NOON_US)
    kin = related([component("page")])
    for after in (1, 2 + rounds.CALM_S, 3 + 2 * rounds.CALM_S, 4 + 3 * rounds.CALM_S):
        seen = Look({"page": sight("page")}, kin, NOON_US + after * US)
        for change in look(seen, (full,), Ids()):
            full = change.incident
    assert full.phase is Phase.RESOLVED
    assert len({one.id for one in full.updates}) == len(full.updates) == UPDATES_MAX + 2


def test_a_timeline_that_signs_filled_takes_no_further_sign() -> None:
    closed = msgspec.structs.replace(
        draft(told=True),
        phase=Phase.SETTLED,
        closed_utc_us=NOON_US + US,
        updates=draft().updates * LINES_MAX,
    )
    fresh = sight("page", probes("failing", NOON_US + 5 * US), level("alarm", NOON_US + 5 * US))
    seen = Look({"page": fresh}, related([component("page")]), NOON_US + 6 * US)
    (change,) = look(seen, (closed,), Ids("other"))
    assert change.incident.id == "other1"
    shorter = msgspec.structs.replace(closed, updates=closed.updates[1:])
    (change,) = look(seen, (shorter,), Ids("other"))
    assert (change.incident.id, change.incident.phase) == ("i1", Phase.DRAFT)
    assert 2 * LINES_MAX <= UPDATES_MAX


def test_all_components_that_fail_at_once_are_one_incident_with_one_event() -> None:
    assert GATHERED_MAX == COMPONENTS_MAX
    parts = [component(f"c{n}", f"g{n}") for n in range(GATHERED_MAX)]
    seen = {one.id: Sight(one, level(), probes("failing")) for one in parts}
    (change,) = look(Look(seen, related(parts), NOON_US + US), (), Ids())
    assert change.incident.components == tuple(seen)
    assert len(change.incident.updates) == change.incident.revision == 1
    assert change.event is not None
    assert (change.event.what, change.event.components) == (What.OPENED, tuple(seen))
    assert change.event.name == "Probes fail: C0, C1, C2 and 197 more"


def test_reports_first_and_probes_later_are_told_when_the_probes_fail() -> None:
    first = draft()
    seen = {"page": sight("page", probes("failing", NOON_US + 60 * US), level("alarm"))}
    (change,) = look(Look(seen, related([component("page")]), NOON_US + 60 * US), (first,), Ids())
    assert change.event is not None
    assert (change.event.what, change.event.impact) == (What.OPENED, Impact.CRITICAL)
    assert change.incident.name == "Probes fail: Page"
    assert (
        look(Look(seen, related([component("page")]), NOON_US + 65 * US), (change.incident,), Ids())
        == []
    )


def test_neighbours_that_are_named_have_an_end() -> None:
    parts = [component(f"c{n:02}", f"g{n}") for n in range(NEIGHBOURS_MAX + 2)]
    seen = {one.id: Sight(one, level("alarm"), probes("ok")) for one in parts}
    found = attribute(seen["c00"], seen, related(parts)["c00"])
    assert len(found.neighbours) == NEIGHBOURS_MAX


@pytest.mark.parametrize(
    ("chars_max", "what"),
    [
        (texts.NAME_CHARS_MAX, "name"),
        (texts.BODY_CHARS_MAX, "update"),
        (texts.POSTMORTEM_CHARS_MAX, "post-mortem"),
        (texts.OPERATOR_CHARS_MAX, "operator"),
    ],
)
def test_texts_have_an_end(chars_max: int, what: str) -> None:
    assert texts.paragraphs("x" * chars_max, what, chars_max) == "x" * chars_max
    with pytest.raises(PeerError, match=f"at most {chars_max} fit"):
        texts.paragraphs("x" * (chars_max + 1), what, chars_max)
    with pytest.raises(PeerError, match="is empty"):
        texts.paragraphs("\n" * texts.BODY_LINES_MAX + "beyond", what, chars_max)
    with pytest.raises(PeerError, match="cannot be shown"):
        texts.line("a\u202eb", what, chars_max)


def test_a_draft_is_open_and_a_settled_one_is_not() -> None:
    assert Phase.DRAFT in OPEN
    assert Phase.SETTLED not in OPEN


def seen_then(incident: Incident, one: Sight) -> list[Change]:
    """What the next look makes of it."""
    kin = related([component("page")])
    return look(Look({"page": one}, kin, NOON_US + 60 * US), (incident,), Ids("n"))


def test_what_is_worked_on_makes_no_draft_graver() -> None:
    worked = msgspec.structs.replace(sight("page", probes("failing")), worked_on=True)
    assert seen_then(draft(), worked) == []


def test_an_incident_by_hand_takes_up_what_probes_find_and_tells_it_once() -> None:
    asked = Act(by="Ada", name="Odd", body="We look.", components=("page",))
    by_hand = open_by_hand(asked, (), KNOWN, "i9", NOON_US).incident
    (change,) = seen_then(by_hand, sight("page", probes("failing", step="gap")))
    assert change.event is not None
    assert (change.event.what, change.incident.impact) == (What.UPDATED, Impact.MINOR)
    assert change.incident.probes.state == "failing"
    assert seen_then(change.incident, sight("page", probes("failing", step="gap"))) == []


def test_a_false_alarm_that_is_opened_again_weighs_what_evidence_says() -> None:
    grave = confirm(draft(), Act(by="Ada", impact="critical"), KNOWN, NOON_US).incident
    again = reopen(dismiss_of(grave), ACT, KNOWN, NOON_US).incident
    assert (again.impact, again.impact_by_person) == (Impact.MINOR, False)
    (change,) = seen_then(again, sight("page", probes("failing")))
    assert change.incident.impact in {Impact.MAJOR, Impact.CRITICAL}


def dismiss_of(incident: Incident) -> Incident:
    return dismiss(incident, Act(by="Ada", reason="A cable at home."), NOON_US).incident
