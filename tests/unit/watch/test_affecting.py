"""What each line of a timeline says anew of components, and what all of them come to."""

import msgspec
from tests.fakes.watch_parts import NOON_US, US, Ids, component, level, probes, sight

from rostra.watch.acts import Act, confirm, open_by_hand, update
from rostra.watch.affecting import Standing, by_step, marked
from rostra.watch.attribution import related
from rostra.watch.board import Affected, UpdateView
from rostra.watch.components import Status
from rostra.watch.incidents import Incident
from rostra.watch.maintenance import Maintenance, Stage, due
from rostra.watch.rounds import CALM_S, Look, look
from rostra.watch.sights import Sight

KNOWN = ("page", "stream")
KIN = related([component(one, "front") for one in KNOWN])
WELL = (sight("page"), sight("stream"))
FAILING = sight("page", probes("failing"))


class House:
    """Looks one after another, each marked beside the statuses of the one before."""

    def __init__(self) -> None:
        self.kept: dict[str, Incident] = {}
        self.works: tuple[Maintenance, ...] = ()
        self.seen: tuple[Sight, ...] = WELL
        self.now_us = NOON_US

    def standing(self) -> Standing:
        return Standing(self.seen, tuple(self.kept.values()), self.works)

    def look(self, *seen: Sight, after_s: int = 5) -> None:
        was = self.standing().statuses()
        self.now_us += after_s * US
        given = Look({one.id: one for one in seen}, KIN, self.now_us)
        self.seen = seen
        changes = look(given, tuple(self.kept.values()), Ids())
        now = self.standing().after(*(one.incident for one in changes)).statuses()
        for one in changes:
            self.keep(marked(one.incident, self.kept.get(one.incident.id), was, now))

    def keep(self, kept: Incident) -> None:
        self.kept[kept.id] = kept

    @property
    def lines(self) -> tuple[UpdateView, ...]:
        (one,) = self.kept.values()
        return one.updates


def change(name: str, old: Status, new: Status) -> Affected:
    return Affected(name, old, new)


def test_a_draft_says_what_fails_and_once_it_is_calm_that_it_works() -> None:
    house = House()
    house.look(*WELL)
    house.look(FAILING, sight("stream"))
    assert house.lines[0].affected == (change("page", Status.OPERATIONAL, Status.MAJOR),)
    house.look(FAILING, sight("stream"))
    house.look(*WELL)
    assert len(house.lines) == 1, "that it is well is no line before it is calm"
    house.look(*WELL, after_s=CALM_S)
    assert house.lines[0].affected == (change("page", Status.MAJOR, Status.OPERATIONAL),)


def test_reports_alone_and_a_person_who_writes_say_nothing_of_components() -> None:
    house = House()
    house.look(sight("page", probes("ok"), level("alarm")), sight("stream"))
    assert [one.affected for one in house.lines] == [()]
    (before,) = house.kept.values()
    said = confirm(before, Act("Ada", body="Odd.", impact="none"), KNOWN, house.now_us).incident
    assert by_step(said, before, house.standing()).updates[0].affected == ()


def test_evidence_that_grows_and_parts_that_join_are_said_by_their_lines() -> None:
    house = House()
    house.look(sight("page", probes("failing", alone=True)), sight("stream"))
    house.look(FAILING, sight("stream"))
    house.look(FAILING, sight("stream", probes("failing")))
    assert [one.affected for one in reversed(house.lines)] == [
        (change("page", Status.OPERATIONAL, Status.PARTIAL),),
        (change("page", Status.PARTIAL, Status.MAJOR),),
        (change("stream", Status.OPERATIONAL, Status.MAJOR),),
    ]


def test_what_changed_without_a_line_is_said_by_the_next_one() -> None:
    house = House()
    house.look(FAILING, sight("stream"))
    (draft,) = house.kept.values()
    house.keep(confirm(draft, Act("Ada"), KNOWN, house.now_us).incident)
    house.look(*WELL)
    (before,) = house.kept.values()
    said = update(before, Act("Ada", body="Better."), KNOWN, house.now_us).incident
    marked_one = by_step(said, before, house.standing())
    assert marked_one.updates[0].affected == (change("page", Status.MAJOR, Status.OPERATIONAL),)


def test_another_persons_incident_that_holds_a_status_leaves_it() -> None:
    def opened(id_: str, impact: str) -> Incident:
        act = Act("Ada", "We hear it.", "Hum", impact=impact, components=("page",))
        return open_by_hand(act, (), KNOWN, id_, NOON_US).incident

    grave = opened("i1", "major")
    house = House()
    house.keep(grave)
    lighter = opened("i2", "minor")
    assert by_step(lighter, None, house.standing()).updates[0].affected == ()
    gone = msgspec.structs.replace(grave, components=("page", "removed-from-the-configuration"))
    said = by_step(gone, None, House().standing()).updates[0].affected
    assert said == (change("page", Status.OPERATIONAL, Status.PARTIAL),)


def test_a_change_without_a_line_keeps_the_lines_as_they_are() -> None:
    house = House()
    house.look(FAILING, sight("stream"))
    (before,) = house.kept.values()
    silent = msgspec.structs.replace(before, calm_since_utc_us=1)
    assert marked(silent, before, {"page": Status.MAJOR}, {"page": Status.PARTIAL}) is silent


def test_work_that_the_clock_begins_and_ends_says_so_of_its_parts() -> None:
    house = House()
    house.seen = (FAILING, sight("stream"))
    work = Maintenance(
        "w", "Disks", Stage.SCHEDULED, NOON_US, NOON_US + US, 0, 0, components=("page", "stream")
    )
    house.works = (work,)
    for moment, said in (
        (
            NOON_US,
            (
                change("page", Status.MAJOR, Status.MAINTENANCE),
                change("stream", Status.OPERATIONAL, Status.MAINTENANCE),
            ),
        ),
        (
            NOON_US + US,
            (
                change("page", Status.MAINTENANCE, Status.MAJOR),
                change("stream", Status.MAINTENANCE, Status.OPERATIONAL),
            ),
        ),
    ):
        step = due(work, moment)
        assert step is not None
        work = by_step(step.maintenance, work, house.standing())
        house.works = (work,)
        assert work.updates[0].affected == said
