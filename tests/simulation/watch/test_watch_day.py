"""A seeded day of the watch: what the board says at each moment, and whom it accuses."""

import pytest
from tests.fakes.watch_day import Day
from tests.fakes.watch_parts import component

from rostra.watch.acts import Act, confirm, dismiss
from rostra.watch.components import Impact, Status
from rostra.watch.events import What
from rostra.watch.maintenance import Maintenance, Stage
from rostra.watch.words import evidence

COMPONENTS = (
    component("page", "house"),
    component("stream", "house", "page"),
    component("carrier", "others"),
    component("forum", "friends"),
)
NAMES = {one.id for one in COMPONENTS}


@pytest.fixture(params=[1, 2])
def day(request: pytest.FixtureRequest) -> Day:
    begun = Day(COMPONENTS, request.param)
    begun.run(20)
    return begun


def test_a_calm_hour_says_nothing(day: Day) -> None:
    assert day.board.impact is Impact.NONE
    assert day.board.description == "All Systems Operational"
    assert day.board.incidents == ()
    assert {one.status for one in day.board.components} == {Status.OPERATIONAL}
    assert day.events == []


def test_a_crowd_raises_reports_with_itself_and_no_alarm(day: Day) -> None:
    day.panels.crowd["stream"] = 1_000
    day.run(60, {"stream": 8.0})
    stream = day.component("stream")
    assert stream.level.reports > 8  # with 100 listeners an unusual number
    assert stream.level.state == "quiet"
    assert day.board.incidents == ()
    day.run(30, {"stream": 80.0})
    assert day.component("stream").level.state == "alarm"
    assert "crowd" in day.component("stream").attribution.reasons
    assert day.component("stream").status is Status.OPERATIONAL


def test_a_blip_of_one_place_among_several_opens_nothing(day: Day) -> None:
    day.panels.say("page", "mixed", day.clock.utc_us)
    day.run(5)
    assert day.component("page").status is Status.OPERATIONAL
    assert day.component("page").attribution.reasons == ("places_differ",)
    day.panels.say("page", "ok", day.clock.utc_us)
    day.run(5)
    assert day.board.incidents == ()


def test_unrelated_components_that_rise_together_accuse_nobody(day: Day) -> None:
    day.run(15, {"page": 8.0, "carrier": 9.0})
    for one in ("page", "carrier"):
        seen = day.component(one)
        assert seen.status is Status.OPERATIONAL
        assert seen.attribution.word == "external"
        assert seen.attribution.reasons[0] == "neighbours_rise"
        assert seen.attribution.neighbours == ("carrier" if one == "page" else "page",)
    assert [set(one.components) for one in day.open] == [{"page", "carrier"}]
    assert day.open[0].impact is Impact.NONE
    assert day.board.description == "All Systems Operational"
    assert day.events == []


def test_an_outage_that_two_places_see_is_internal_and_one_incident(day: Day) -> None:
    for one in ("page", "stream"):
        day.panels.say(one, "failing", day.clock.utc_us, step="connect")
    day.run(1)
    assert day.board.impact is Impact.MAJOR
    assert day.board.description == "Partial System Outage"
    assert {one: day.component(one).status for one in ("page", "carrier")} == {
        "page": Status.MAJOR,
        "carrier": Status.OPERATIONAL,
    }
    assert day.component("page").attribution.word == "internal"
    day.run(15, {"page": 12.0, "stream": 12.0, "carrier": 8.0})
    # The carrier's users report as well: it stays beside what fails, not in it.
    assert day.component("carrier").attribution.word == "external"
    assert day.component("carrier").attribution.reasons[:2] == (
        "neighbour_failing",
        "neighbours_rise",
    )
    assert sorted(one.components for one in day.open) == [("carrier",), ("page", "stream")]
    outage = next(one for one in day.open if "page" in one.components)
    assert (outage.impact, outage.attribution.word) == (Impact.CRITICAL, "internal")
    assert [(one.what, one.agreed) for one in day.events] == [(What.OPENED, True)]
    assert day.events[0].components == ("page", "stream")
    for one in ("page", "stream"):
        day.panels.say(one, "ok", day.clock.utc_us)
    day.run(60)
    assert (day.open, day.board.impact) == ([], Impact.NONE)
    assert [one.what for one in day.events] == [What.OPENED, What.RESOLVED]
    assert day.board.accuracy.open == 2


def test_one_place_alone_proves_nothing_and_says_so(day: Day) -> None:
    day.panels.say("forum", "failing", day.clock.utc_us, alone=True, step="connect")
    day.run(1)
    forum = day.component("forum")
    assert forum.status is Status.PARTIAL
    assert forum.attribution.word == "undetermined"
    assert forum.attribution.reasons[0] == "one_place_only"
    assert evidence(forum.level, forum.probes, "en").endswith("UTC (one place only)")
    assert [one.agreed for one in day.events] == [False]


def test_a_flood_of_forged_reports_turns_nothing_red(day: Day) -> None:
    day.run(30, forged={"page": 2_500})
    page = day.component("page")
    assert page.level.unproven > 10_000
    assert page.level.state == "quiet"
    assert page.status is Status.OPERATIONAL
    # Even forgers who work for their proofs get an alarm, and no outage.
    day.run(20, {"page": 60.0}, {"page": 2_500})
    page = day.component("page")
    assert page.level.state == "alarm"
    assert page.status is Status.OPERATIONAL
    assert (page.attribution.word, page.attribution.reasons[0]) == ("undetermined", "probes_ok")
    assert "unproven" in page.attribution.reasons
    assert [(one.impact, one.automatic) for one in day.open] == [(Impact.NONE, True)]
    assert day.board.description == "All Systems Operational"
    assert day.events == []


def test_a_dismissed_alarm_stays_published_and_does_not_come_back_at_once(day: Day) -> None:
    day.run(20, {"forum": 10.0})
    incident = day.incidents[day.open[0].id]
    change = dismiss(incident, Act(by="Ada", reason="A campaign."), day.clock.utc_us)
    day.keep(change.incident, change.event)
    day.run(20, {"forum": 10.0})
    assert day.open == []
    shown = day.board.incidents[0]
    assert (shown.outcome, shown.reason, shown.status) == ("false_alarm", "A campaign.", "resolved")
    assert day.board.accuracy.false_alarms == 1
    # Probes that fail afterwards are another thing.
    day.panels.say("forum", "failing", day.clock.utc_us)
    day.run(1)
    assert [one.impact for one in day.open] == [Impact.CRITICAL]
    assert len(day.board.incidents) == 2


def test_what_comes_back_soon_is_the_same_incident(day: Day) -> None:
    day.panels.say("page", "failing", day.clock.utc_us)
    day.run(2)
    first = day.incidents[day.open[0].id]
    told = confirm(first, Act(by="Ada", body="We look at it."), NAMES, day.clock.utc_us)
    day.keep(told.incident, told.event)
    day.panels.say("page", "ok", day.clock.utc_us)
    day.run(17)
    assert [one.status for one in day.open] == ["monitoring"]
    day.run(17)
    assert day.open == []
    day.panels.say("page", "failing", day.clock.utc_us)
    day.run(1)
    assert [(one.id, one.status) for one in day.open] == [(first.id, "investigating")]
    whats = [one.what for one in day.events]
    assert whats == [
        What.OPENED,
        What.UPDATED,
        What.UPDATED,
        What.RESOLVED,
        What.OPENED,
    ]
    assert len({one.id for one in day.events}) == len(day.events)


def test_announced_work_keeps_alarms_down_and_reports_up(day: Day) -> None:
    now = day.clock.utc_us
    day.works["w"] = Maintenance(
        "w", "New disks", Stage.SCHEDULED, now, now + 3_600_000_000, now, now, components=("page",)
    )
    day.panels.say("page", "failing", now)
    day.run(30, {"page": 20.0})
    assert day.component("page").status is Status.MAINTENANCE
    assert day.component("page").level.state == "alarm"
    assert day.board.incidents == ()
    assert day.board.description == "Service Under Maintenance"
    day.run(31, {"page": 20.0})
    assert day.board.maintenances[0].status == "completed"
    assert [one.components for one in day.open] == [("page",)]
