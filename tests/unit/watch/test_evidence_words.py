"""What the evidence adds up to, and the sentences that say it."""

import string

import pytest
from tests.fakes.watch_parts import NOON_US, US, component, level, probes, sight

from rostra.watch import words
from rostra.watch.accuracy import DAYS, accuracy
from rostra.watch.attribution import TOGETHER_S, attribute, related
from rostra.watch.board import Level, UpdateView
from rostra.watch.components import Impact, Status
from rostra.watch.incidents import Incident, Phase
from rostra.watch.maintenance import (
    MAINTENANCE_S_MAX,
    MAINTENANCE_UPDATES_MAX,
    Maintenance,
    Mover,
    Stage,
    check_times,
    due,
    edited,
    note_of,
    step,
)
from rostra.watch.sights import Sight
from rostra.watch.summing import IMPACT_OF, STATUS_OF, evident, page_of, status_of

DAY_US = 86_400 * US
FOUR_PAST_EIGHT = NOON_US + (8 * 3_600 + 4 * 60) * US


def incident(name: str = "i", **more: object) -> Incident:
    given: dict[str, object] = {
        "id": name,
        "name": "x",
        "phase": Phase.INVESTIGATING,
        "impact": Impact.MINOR,
        "started_utc_us": NOON_US,
        "created_utc_us": NOON_US,
        "updated_utc_us": NOON_US,
        "components": ("page",),
    }
    return Incident(**(given | more))  # type: ignore[arg-type] # a test's shorthand


def test_the_sentence_is_the_one_that_was_promised() -> None:
    people = Level(reports=16, usual=5.0, state="unusual")
    alone = probes("failing", FOUR_PAST_EIGHT, alone=True)
    assert words.evidence(people, probes("ok"), "en") == "Reports 3.2 × usual; our probes: ok"  # noqa: RUF001 - as shown
    assert words.evidence(people, alone, "en", FOUR_PAST_EIGHT) == (
        "Reports 3.2 × usual; our probes: failing since 20:04 UTC (one place only)"  # noqa: RUF001 - as shown
    )
    assert words.evidence(people, alone, "es") == (
        "Avisos: 3,2 × lo habitual; nuestras sondas: fallan desde 20:04 UTC (un solo lugar)"  # noqa: RUF001 - as shown
    )
    assert words.evidence(Level(reports=2), probes("none"), "en") == (
        "Reports as usual (2 in 15 min); our probes: none"
    )
    later = words.evidence(people, alone, "en", FOUR_PAST_EIGHT + DAY_US)
    assert "since 2027-01-15 20:04 UTC" in later


@pytest.mark.parametrize(
    ("value", "said"), [(9.94, "9.9"), (9.95, "10"), (12.4, "12"), (12_345.0, "12\u202f345")]
)
def test_numbers_are_said_as_exactly_as_they_are_known(value: float, said: str) -> None:
    assert words.number(value, "en") == said


def test_names_are_listed_up_to_an_end() -> None:
    names = [f"n{n}" for n in range(words.NAMES_MAX + 1)]
    assert words.listed(names[:-1], "en") == "n0, n1, n2"
    assert words.listed(names, "es") == "n0, n1, n2 y 1 más"


def test_every_sentence_is_there_in_both_languages_with_the_same_values() -> None:
    for table in (words.REASONS, words.STATUSES, words._LINES):
        for english, spanish in table.values():
            assert english
            assert spanish
            fields = [
                {name for _, name, _, _ in string.Formatter().parse(one) if name}
                for one in (english, spanish)
            ]
            assert fields[0] == fields[1]
    assert {words.description(one, "es") for one in words.DESCRIPTIONS} == set(
        words.DESCRIPTIONS.values()
    )
    every = {*Status, *Impact, *Phase, *Stage}
    assert {one.value for one in every} <= words.STATUSES.keys()
    assert words.reason("of a newer watch", "es") == "of a newer watch"
    assert words.probes_words(probes("new"), "en") == "cannot tell"


def test_every_reason_that_is_given_has_its_sentence() -> None:
    parts = [
        component("a", "house", "theirs"),
        component("theirs", "others"),
        component("far", "friends"),
    ]
    kin = related(parts)
    seen_reasons: set[str] = set()
    for own in ("ok", "failing", "mixed", "unknown", "none"):
        for alone in (False, True):
            for other in ("ok", "failing"):
                people = level("alarm", unproven=99, learning=True)
                seen = {
                    one.id: Sight(one, people, probes(other), listening=500, listening_usual=100.0)
                    for one in parts
                }
                seen["a"] = Sight(
                    parts[0], people, probes(own, alone=alone), listening=500, listening_usual=100.0
                )
                for verdict in ("none", "internal", "external"):
                    found = attribute(seen["a"], seen, kin["a"], verdict)
                    seen_reasons |= set(found.reasons)
                    if found.word == "internal":
                        assert own == "failing"
                        assert not alone
                    if found.word == "external" and "dependency" not in found.reasons:
                        assert own == "ok"
    assert seen_reasons == set(words.REASONS) - {"person"}


def test_kin_is_never_a_neighbour_nor_what_rises_at_another_time() -> None:
    parts = [component("a", "house"), component("b", "house"), component("c", "others")]
    kin = related(parts)
    assert kin["a"] == {"a", "b"}
    late = NOON_US + (TOGETHER_S + 1) * US
    seen = {
        "a": Sight(parts[0], level("alarm"), probes("ok")),
        "b": Sight(parts[1], level("alarm"), probes("ok")),
        "c": Sight(parts[2], level("alarm", late), probes("ok")),
    }
    assert attribute(seen["a"], seen, kin["a"]).word == "undetermined"
    seen["c"] = Sight(parts[2], level("alarm", late - US), probes("ok"))
    assert attribute(seen["a"], seen, kin["a"]).neighbours == ("c",)
    linked = related([component("a", "house"), component("c", "others", "a")])
    assert linked["a"] == {"a", "c"}
    assert attribute(sight("page"), {}, frozenset(), "internal").reasons == ()


def test_reports_alone_never_change_a_status() -> None:
    for state in ("quiet", "unusual", "alarm"):
        for found in ("ok", "none", "unknown"):
            assert evident(sight("page", probes(found), level(state))) is Status.OPERATIONAL


@pytest.mark.parametrize(
    ("state", "alone", "step_name", "status"),
    [
        ("failing", False, "connect", Status.MAJOR),
        ("failing", False, "gap", Status.DEGRADED),
        ("failing", True, "connect", Status.PARTIAL),
        ("failing", True, "t0", Status.DEGRADED),
        ("mixed", False, "connect", Status.OPERATIONAL),
    ],
)
def test_probes_say_how_it_is(state: str, *, alone: bool, step_name: str, status: Status) -> None:
    assert evident(sight("page", probes(state, alone=alone, step=step_name))) is status


def test_reports_in_alarm_and_one_place_of_several_are_two_sources() -> None:
    assert evident(sight("page", probes("mixed"), level("alarm"))) is Status.DEGRADED


def test_a_persons_word_goes_before_the_evidence_and_work_before_both() -> None:
    failing = sight("page", probes("failing"))
    judged = incident(impact_by_person=True)
    assert status_of(failing, [judged], ()) is Status.DEGRADED
    assert status_of(failing, [incident()], ()) is Status.MAJOR
    assert status_of(failing, [incident(impact_by_person=True, phase=Phase.RESOLVED)], ()) is (
        Status.MAJOR
    )
    work = Maintenance("w", "W", Stage.VERIFYING, 0, 1, 0, 0, components=("page",))
    assert status_of(failing, [judged], (work.view(),)) is Status.MAINTENANCE


@pytest.mark.parametrize(
    ("state", "alone", "status"),
    [
        ("ok", False, Status.DEGRADED),
        ("failing", True, Status.PARTIAL),
        ("failing", False, Status.MAJOR),
    ],
)
def test_where_no_impact_was_chosen_the_stronger_of_default_and_evidence_holds(
    state: str, *, alone: bool, status: Status
) -> None:
    seen = sight("page", probes(state, alone=alone))
    left_open = incident(impact_by_default=True)
    assert status_of(seen, [left_open], ()) is status
    over = incident(impact_by_default=True, phase=Phase.RESOLVED)
    assert status_of(seen, [over], ()) is evident(seen)
    chosen = incident(impact_by_person=True, impact=Impact.NONE)
    assert status_of(seen, [left_open, chosen], ()) is Status.OPERATIONAL


def test_after_a_restart_the_open_incident_speaks_until_the_probes_do() -> None:
    silent = sight("page", probes("unknown"))
    held = incident(phase=Phase.DRAFT, impact=Impact.CRITICAL)
    assert status_of(silent, [held], ()) is Status.MAJOR
    assert status_of(sight("page", probes("ok")), [held], ()) is Status.OPERATIONAL


def test_the_pages_sentence_follows_its_components() -> None:
    good, work, slow = Status.OPERATIONAL, Status.MAINTENANCE, Status.DEGRADED
    part, lost = Status.PARTIAL, Status.MAJOR
    said = {
        (): Impact.NONE,
        (good, good): Impact.NONE,
        (good, work): Impact.MAINTENANCE,
        (good, slow): Impact.MINOR,
        (good, part): Impact.MAJOR,
        (good, lost): Impact.MAJOR,
        (lost, lost): Impact.CRITICAL,
        (lost, work): Impact.CRITICAL,
    }
    assert {each: page_of(each)[0] for each in said} == said
    assert {page_of(each)[1] for each in said} == words.DESCRIPTIONS.keys()
    assert {STATUS_OF[IMPACT_OF[one]] for one in Status} == set(Status)


def test_accuracy_counts_both_kinds_of_mistake() -> None:
    long_ago = NOON_US - DAYS * DAY_US
    told = accuracy(
        [
            incident("a", sensed=True, outcome="confirmed"),
            incident("b", sensed=True, outcome="false_alarm"),
            incident("c", sensed=True),
            incident("d", outcome="confirmed"),
            incident("e", outcome="false_alarm"),
            incident("f", sensed=True, outcome="confirmed", created_utc_us=long_ago),
        ],
        NOON_US,
    )
    assert (told.alarms, told.confirmed, told.false_alarms, told.open, told.missed) == (
        3,
        1,
        1,
        1,
        1,
    )


def test_work_goes_by_the_clock_or_by_a_person() -> None:
    hour = 3_600 * US
    work = Maintenance("w", "W", Stage.SCHEDULED, NOON_US, NOON_US + hour, 0, 0)
    assert due(work, NOON_US - 1) is None
    begun = due(work, NOON_US + 2 * hour)
    assert begun is not None
    assert begun.event is not None
    ended = due(begun.maintenance, NOON_US + 2 * hour)
    assert ended is not None
    assert ended.maintenance.stage is Stage.COMPLETED
    assert [one.utc_us for one in ended.maintenance.updates] == [NOON_US + hour, NOON_US]
    assert due(ended.maintenance, NOON_US + 9 * hour) is None
    with pytest.raises(Exception, match="cannot become"):
        step(ended.maintenance, Stage.CANCELLED, Mover.PERSON, work_note(ended.maintenance))
    with pytest.raises(Exception, match="is not for the clock"):
        step(work, Stage.CANCELLED, Mover.CLOCK, work_note(work))
    gone = step(work, Stage.CANCELLED, Mover.PERSON, work_note(work)).maintenance.view()
    assert (gone.status, gone.cancelled) == ("completed", True)


def work_note(work: Maintenance) -> UpdateView:
    return note_of(work, work.stage, "As said.", NOON_US)


def test_work_has_bounds() -> None:
    check_times(NOON_US, NOON_US + MAINTENANCE_S_MAX * US, NOON_US)
    for begins, ends, why in (
        (NOON_US, NOON_US, "ends before it begins"),
        (NOON_US - 2, NOON_US - 1, "in the past"),
        (NOON_US, NOON_US + MAINTENANCE_S_MAX * US + 1, "more than 7 days"),
    ):
        with pytest.raises(Exception, match=why):
            check_times(begins, ends, NOON_US)
    work = Maintenance("w", "W", Stage.SCHEDULED, NOON_US, NOON_US + 1, 0, 0)
    for _ in range(MAINTENANCE_UPDATES_MAX):
        work = edited(work, work_note(work)).maintenance
    with pytest.raises(Exception, match="no more fit"):
        edited(work, work_note(work))
    assert due(work, NOON_US) is not None
