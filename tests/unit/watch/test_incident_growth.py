"""What evidence does to an incident that is under way: drafts, hand-made ones, and work beside."""

import msgspec
from tests.fakes.watch_parts import NOON_US, US, Ids, component, level, probes, sight

from rostra.watch.acts import Act, confirm, dismiss, open_by_hand, reopen, update
from rostra.watch.attribution import related
from rostra.watch.board import Level, ProbesView
from rostra.watch.components import Impact, Status
from rostra.watch.events import What
from rostra.watch.incidents import Change, Incident, Phase
from rostra.watch.rounds import CALM_S, Look, look
from rostra.watch.sights import Sight
from rostra.watch.summing import status_of

KNOWN = {"page", "stream"}
KIN = related([component("page", "front"), component("stream", "front")])
BY_HAND = Act(by="Ada", name="No sound", body="Heard it.", components=("page",))


def seen(*sights: Sight, after_s: int = 1, before: tuple[Incident, ...] = ()) -> list[Change]:
    given = Look({one.id: one for one in sights}, KIN, NOON_US + after_s * US)
    return look(given, before, Ids())


def draft(found: ProbesView, people: Level) -> Incident:
    (change,) = seen(sight("page", found, people))
    return change.incident


def taken_back(first: Incident, said: Act | None = None) -> Incident:
    critical = confirm(first, Act(by="Ada", impact="critical"), KNOWN, NOON_US).incident
    gone = dismiss(critical, Act(by="Ada", reason="Our own test."), NOON_US).incident
    assert not gone.impact_by_person
    return reopen(gone, said or Act(by="Ada", body="It was not."), KNOWN, NOON_US).incident


def test_what_was_no_false_alarm_weighs_what_is_seen_of_it() -> None:
    back = taken_back(draft(probes("ok"), level("alarm")))
    assert (back.phase, back.impact) == (Phase.INVESTIGATING, Impact.MINOR)
    fails = sight("page", probes("failing"))
    assert status_of(fails, (back,), ()) is Status.MAJOR
    (change,) = seen(fails, before=(back,))
    assert change.incident.impact is Impact.CRITICAL
    assert taken_back(draft(probes("failing"), level())).impact is Impact.CRITICAL
    said = taken_back(draft(probes("failing"), level()), Act("Ada", "Hm.", impact="major"))
    assert (said.impact, said.impact_by_person) == (Impact.MAJOR, True)


def test_announced_work_makes_nothing_of_a_draft_that_is_open() -> None:
    first = draft(probes("ok"), level("alarm"))
    down = msgspec.structs.replace(sight("page", probes("failing"), level("alarm")), worked_on=True)
    assert seen(down, before=(first,)) == []
    (change,) = seen(msgspec.structs.replace(down, worked_on=False), before=(first,))
    assert change.event is not None
    assert change.incident.name == "Probes fail: Page"


def test_what_a_person_opened_takes_up_evidence_and_is_never_ended_by_calm() -> None:
    made = open_by_hand(BY_HAND, (), KNOWN, "h1", NOON_US).incident
    (change,) = seen(sight("page", probes("failing")), before=(made,))
    grown = change.incident
    assert (grown.impact, grown.probes.state) == (Impact.CRITICAL, "failing")
    assert grown.updates[0].automatic
    assert change.event is not None
    assert (change.event.what, change.event.agreed) == (What.UPDATED, True)
    assert "Nobody has confirmed" not in change.event.body
    fails = (sight("page", probes("failing")), sight("stream", probes("failing")))
    (change,) = seen(*fails, before=(grown,))
    assert (change.incident.id, change.incident.components) == ("h1", ("page", "stream"))
    calm = (sight("page"), sight("stream"))
    for after_s in (2, 3 + CALM_S, 4 + 2 * CALM_S):
        assert seen(*calm, after_s=after_s, before=(change.incident,)) == []


def test_an_impact_that_a_person_chose_stays_and_one_that_was_left_open_grows() -> None:
    fails = sight("page", probes("failing"))
    chosen = msgspec.structs.replace(BY_HAND, impact="minor")
    alarm = draft(probes("ok"), level("alarm"))
    for made, impact, status in (
        (open_by_hand(chosen, (), KNOWN, "h1", NOON_US), Impact.MINOR, Status.DEGRADED),
        (open_by_hand(BY_HAND, (), KNOWN, "h1", NOON_US), Impact.CRITICAL, Status.MAJOR),
        (confirm(alarm, Act("Ada", impact="minor"), KNOWN, NOON_US), Impact.MINOR, Status.DEGRADED),
        (confirm(alarm, Act("Ada"), KNOWN, NOON_US), Impact.CRITICAL, Status.MAJOR),
    ):
        before = made.incident
        assert before.impact is Impact.MINOR
        assert status_of(sight("page"), (before,), ()) is Status.DEGRADED
        (change,) = seen(fails, before=(before,))
        assert change.incident.impact is impact
        assert status_of(fails, (change.incident,), ()) is status


def test_an_impact_that_is_chosen_later_holds() -> None:
    made = open_by_hand(BY_HAND, (), KNOWN, "h1", NOON_US).incident
    said = update(made, Act("Ada", body="Only some.", impact="major"), KNOWN, NOON_US).incident
    assert (said.impact_by_person, said.impact_by_default) == (True, False)
    assert status_of(sight("page", probes("failing")), (said,), ()) is Status.PARTIAL


def test_two_places_that_come_to_agree_are_told_though_the_impact_stays() -> None:
    (change,) = seen(sight("page", probes("mixed"), level("alarm")))
    held = change.incident
    assert (held.impact, change.event and change.event.agreed) == (Impact.MINOR, False)
    gap = sight("page", probes("failing", step="gap"), level("alarm"))
    (change,) = seen(gap, before=(held,))
    assert change.incident.impact is Impact.MINOR
    assert change.event is not None
    assert (change.event.what, change.event.agreed) == (What.UPDATED, True)
    assert seen(gap, before=(change.incident,)) == []


def test_places_that_agree_on_the_second_part_of_one_look_are_told() -> None:
    alone = sight("page", probes("failing", alone=True))
    (change,) = seen(alone, sight("stream", probes("failing")))
    assert change.event is not None
    assert change.event.agreed


def test_calm_is_counted_from_now_where_the_clock_was_set_back() -> None:
    ahead = msgspec.structs.replace(
        draft(probes("ok"), level("alarm")), calm_since_utc_us=NOON_US + 86_400 * US
    )
    (change,) = seen(sight("page"), after_s=5, before=(ahead,))
    assert change.incident.calm_since_utc_us == NOON_US + 5 * US
    (change,) = seen(sight("page"), after_s=6 + CALM_S, before=(change.incident,))
    assert change.incident.phase is Phase.SETTLED
