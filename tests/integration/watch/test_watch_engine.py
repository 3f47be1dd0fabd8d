"""The engine on a real store: looks, tells once, survives faults and restarts, draws charts."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import event
from tests.fakes.panel_hall import PanelHall
from tests.fakes.watch_parts import (
    US,
    Crier,
    Hand,
    HandPanels,
    HandProbes,
    HandReports,
    Ids,
    SimpleLevels,
    Watchful,
    component,
    probes,
)
from tests.until import until

from rostra.app.watch_charts import SPANS
from rostra.app.watch_engine import LOOK_EVERY_S, Engine, Parts
from rostra.app.watch_faults import FaultCollector
from rostra.app.watch_seeing import Senses
from rostra.domain.errors import NotFoundError, PeerError
from rostra.store.watch_incidents import (
    COUNTED_MAX,
    LOG_ROWS_MAX,
    MAINTENANCES_MAX,
    TOLD_KEPT,
    UNTOLD_MAX,
    ChangedError,
)
from rostra.store.watch_opening import WatchStore, open_watch_store
from rostra.watch.acts import Act, confirm
from rostra.watch.assembling import Page
from rostra.watch.board import INCIDENTS_MAX, PLACE_REPORTS_MIN, Affected, ProbesView
from rostra.watch.components import Impact, Status, Target
from rostra.watch.events import What
from rostra.watch.incidents import Change, Incident, Phase, event_of, note_of
from rostra.watch.maintenance import Maintenance, Stage, Work
from rostra.watch.ports import Action
from rostra.watch.probing import Result
from rostra.watch.rounds import CALM_S

COMPONENTS = (component("page", "house"), component("stream", "others"))
HOUSE_DIES_S = 60
"""An incident of a house killed whole is on the board this soon."""


class Bench:
    """An engine with everything beside it in the test's hand."""

    def __init__(self, store: WatchStore, ids: str = "i") -> None:
        self.store = store
        self.clock, self.reports, self.panels = Hand(), HandReports(), HandPanels()
        self.levels, self.probes, self.crier = SimpleLevels(), HandProbes(), Crier()
        for one in COMPONENTS:
            self.panels.say(one.id, "ok", self.clock.utc_us)
        self.ids = Ids(ids)
        self.engine = self.another()

    def another(self) -> Engine:
        """The engine of the next process on the same store."""
        senses = Senses(
            COMPONENTS, self.reports, self.panels, self.levels, Watchful, self.store.incidents
        )
        page = Page("Tea", "https://status.example.org", self.clock.utc_us)
        return Engine(Parts(self.clock, page, senses, self.probes, self.crier, self.ids))

    async def look(self, seconds: float = LOOK_EVERY_S) -> None:
        """Let time pass, and look."""
        self.clock.run(seconds)
        await self.engine.look()

    def faults(self) -> dict[str, int]:
        return {doing: number for doing, number in self.engine.faults.items() if number}

    def statuses(self) -> list[Status]:
        return [one.status for one in self.engine.board().components]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[WatchStore]:
    opened = open_watch_store(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
async def bench(store: WatchStore) -> Bench:
    return Bench(store)


async def test_a_failing_component_is_on_the_next_board_and_told_once(bench: Bench) -> None:
    assert [one.status for one in bench.engine.board().components] == [Status.OPERATIONAL] * 2
    await bench.look()
    bench.panels.say("page", "failing", bench.clock.utc_us, step="connect")
    for _ in range(3):
        await bench.look()
    board = bench.engine.board()
    assert bench.statuses() == [Status.MAJOR, Status.OPERATIONAL]
    assert [one.automatic for one in board.incidents] == [True]
    assert [(one.what, one.subject) for one in bench.crier.events] == [(What.OPENED, "i1")]
    assert board.components[0].updated_utc_us > board.components[1].updated_utc_us


async def test_what_was_kept_and_not_told_is_told_after_a_restart_under_its_id(
    bench: Bench,
) -> None:
    bench.crier.dumb = True
    bench.panels.say("page", "failing", bench.clock.utc_us)
    await bench.look()
    assert bench.faults() == {"tell": 1}
    assert bench.crier.events == []
    assert bench.engine.board().incidents  # the board does not wait for the herald
    bench.crier.dumb = False
    bench.engine = bench.another()
    for _ in range(2):
        await bench.look()
    assert [one.id for one in bench.crier.events] == ["i1-u1"]
    assert len(bench.engine.board().incidents) == 1


async def test_a_timeline_says_what_failed_and_over_a_restart_that_it_works(bench: Bench) -> None:
    await bench.look()
    bench.panels.say("page", "failing", bench.clock.utc_us)
    await bench.look()
    (draft,) = bench.engine.board().incidents
    assert draft.updates[0].affected == (Affected("page", Status.OPERATIONAL, Status.MAJOR),)
    bench.engine = bench.another()
    bench.panels.say("page", "ok", bench.clock.utc_us)
    await bench.look()
    await bench.look(CALM_S)
    (settled,) = bench.engine.board().incidents
    assert (settled.status, len(settled.updates)) == ("resolved", 2)
    assert settled.updates[0].affected == (Affected("page", Status.MAJOR, Status.OPERATIONAL),)


async def test_an_alarm_goes_on_over_a_restart(bench: Bench) -> None:
    bench.reports.report("page", bench.clock.utc_us, 40)
    await bench.look()
    since = bench.engine.board().components[0].level.since_utc_us
    assert since == bench.clock.utc_us
    bench.engine = bench.another()
    run = asyncio.create_task(bench.engine.run())
    bench.clock.run(30)
    await until(lambda: bench.engine.looks > 0)
    run.cancel()
    level = bench.engine.board().components[0].level
    assert (level.state, level.since_utc_us) == ("alarm", since)
    assert len(bench.store.incidents.newest(9)) == 1


async def test_a_state_that_cannot_be_read_begins_anew(bench: Bench) -> None:
    bench.store.incidents.keep_vigils({"page": b"not json"})
    run = asyncio.create_task(bench.engine.run())
    await until(lambda: bench.engine.looks > 0)
    run.cancel()
    assert bench.faults() == {}
    assert bench.statuses() == [Status.OPERATIONAL] * 2


async def test_one_component_that_cannot_be_judged_leaves_the_others(bench: Bench) -> None:
    await bench.look()
    bench.reports.broken.add("page")
    bench.panels.say("stream", "failing", bench.clock.utc_us)
    await bench.look()
    assert bench.statuses() == [Status.OPERATIONAL, Status.MAJOR]
    assert bench.faults() == {"judge": 1}


async def test_what_cannot_be_learnt_or_looked_at_is_counted_and_shown_to_prometheus(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    learn = bench.levels.fit

    def broken(*_given: object, **_more: object) -> float:
        monkeypatch.setattr(bench.levels, "fit", learn)
        sentence = "nothing is learnt"
        raise ValueError(sentence)

    monkeypatch.setattr(bench.levels, "fit", broken)
    await bench.look()
    assert bench.faults() == {"fit": 1}
    assert bench.statuses() == [Status.OPERATIONAL] * 2
    with monkeypatch.context() as away:
        away.setattr(bench.store.incidents, "open_or_recent", None)
        away.setattr(bench.store.incidents, "vigils", None)
        run = asyncio.create_task(bench.engine.run())
        await until(lambda: bench.engine.faults["look"])
        run.cancel()
    registry = CollectorRegistry()
    registry.register(FaultCollector({"engine": bench.engine.faults}, {}))
    for doing in ("fit", "restore", "look"):
        labels = {"part": "engine", "doing": doing}
        assert registry.get_sample_value("rostra_watch_faults_total", labels), doing
    labels = {"part": "engine", "doing": "write"}
    assert registry.get_sample_value("rostra_watch_faults_total", labels) == 0, "told before it is"


async def test_a_look_that_fails_does_not_end_the_loop(bench: Bench) -> None:
    bench.crier.dumb = True
    bench.panels.say("page", "failing", bench.clock.utc_us)
    run = asyncio.create_task(bench.engine.run())
    await until(bench.faults)
    bench.crier.dumb = False
    bench.engine.wake()
    await until(lambda: len(bench.crier.events) == 1)
    run.cancel()


async def test_the_house_killed_whole_is_on_the_board_within_a_minute(bench: Bench) -> None:
    """Probes every 20 s, a quick second one after a failure, a look every 5 s, on one clock."""

    class Twice:
        """Fails after the second failure in a row, as the panel's rule is."""

        def __init__(self) -> None:
            self.failures: list[int] = []

        def take(self, result: Result) -> None:
            self.failures = [] if result.ok else [*self.failures, result.utc_us]

        def view(self, now_utc_us: int) -> ProbesView:
            assert now_utc_us
            if len(self.failures) < 2:
                return probes("ok", 1)
            return probes("failing", self.failures[1], alone=True, step="connect")

    parts = [msgspec.structs.replace(one, target=Target.HTTP) for one in COMPONENTS]
    hall = PanelHall(parts, lambda _: Twice())
    senses = Senses(parts, bench.reports, hall, bench.levels, Watchful, bench.store.incidents)
    page = Page("Tea", "", 0)
    bench.engine = Engine(Parts(bench.clock, page, senses, bench.probes, bench.crier, bench.ids))
    died_s, timeout_s, again_s = 1, 10, 5  # just after a good probe; each probe runs out
    failures = {died_s + 20 + timeout_s, died_s + 20 + timeout_s + again_s + timeout_s}
    for second in range(HOUSE_DIES_S + 1):
        bench.clock.run(1)
        for one in parts if second in failures else ():
            hall.take(Result(one.id, "here", bench.clock.utc_us, ok=False, listening=7))
        if second % LOOK_EVERY_S == 0:
            await bench.engine.look()
    assert [one.components for one in bench.engine.board().incidents] == [("page", "stream")]
    assert bench.statuses() == [Status.PARTIAL] * 2
    assert bench.engine.board().components[0].listening == 7
    hall.take(Result("moon", "here", 1, ok=True))
    assert hall.view("moon", 1) == ProbesView()


async def test_an_operator_who_is_faster_is_right(bench: Bench) -> None:
    bench.panels.say("page", "failing", bench.clock.utc_us)
    await bench.look()
    book = bench.store.incidents
    read = book.newest(1)[0]
    change = confirm(read, Act(by="Ada", impact="minor"), {"page"}, bench.clock.utc_us)
    book.keep(change, Action(bench.clock.utc_us, "Ada", "confirm", read.id))
    for stale in (change, Change(msgspec.structs.replace(read, revision=2))):
        with pytest.raises(ChangedError):
            book.keep(stale)
    with pytest.raises(ChangedError):
        book.keep(Change(read))
    bench.engine.wake()
    await bench.look()
    assert bench.statuses()[0] is Status.DEGRADED
    assert [one.what for one in bench.crier.events] == [What.OPENED, What.UPDATED]
    assert [(one.by, one.action) for one in book.log(9)] == [("Ada", "confirm")]


async def test_work_begins_and_ends_by_itself_and_is_told(bench: Bench) -> None:
    now = bench.clock.utc_us
    work = Maintenance(
        "w", "Disks", Stage.SCHEDULED, now, now + 20 * US, now, now, components=("page",)
    )
    bench.store.incidents.keep(Work(work))
    bench.panels.say("page", "failing", now)
    await bench.look()
    assert bench.statuses()[0] is Status.MAINTENANCE
    assert bench.engine.board().incidents == ()
    await bench.look(30)
    over = bench.engine.board().maintenances[0]
    assert over.status == "completed"
    assert [one.affected for one in reversed(over.updates)] == [
        (Affected("page", Status.OPERATIONAL, Status.MAINTENANCE),),
        (Affected("page", Status.MAINTENANCE, Status.MAJOR),),
    ]
    assert [one.what for one in bench.crier.events] == [What.BEGUN, What.COMPLETED, What.OPENED]


async def test_a_chart_has_reports_beside_the_band_and_probes_beside_them(bench: Bench) -> None:
    now_s = bench.clock.utc_us // US
    bench.reports.report("page", bench.clock.utc_us, 5)
    bench.reports.report("page", bench.clock.utc_us, 7, forged=True)
    bench.reports.note_exposure("page", now_s // 300 * 300, 200.0)
    bench.reports.told_places = {"ES": PLACE_REPORTS_MIN, "PT": PLACE_REPORTS_MIN - 1, "": 99}
    bench.probes.rows = [(now_s // 900 * 900, 45, 2)]
    await bench.look(0)
    chart = await bench.engine.chart("page", "24h")
    newest = chart.points[-1]
    assert (len(chart.points), chart.slot_s) == (96, 900)
    assert (newest.reports, newest.unproven, newest.probes, newest.failed) == (5, 7, 45, 2)
    assert (newest.usual, newest.upper) == (6.0, 12.0)
    assert chart.places == (("ES", PLACE_REPORTS_MIN),)
    bench.reports.report("page", bench.clock.utc_us, 5)
    assert await bench.engine.chart("page", "24h") is chart
    bench.clock.run(SPANS["24h"].fresh_s)
    assert (await bench.engine.chart("page", "24h")).points[-1].reports == 10
    days = await bench.engine.chart("page", "90d")
    assert (len(days.points), days.points[-1].reports) == (90, 10)
    with pytest.raises(NotFoundError, match="no component 'moon'"):
        await bench.engine.chart("moon", "24h")
    with pytest.raises(PeerError, match="no range '7d'"):
        await bench.engine.chart("page", "7d")


def stored(n: int, *, closed: bool = True) -> Incident:
    return Incident(
        id=f"s{n}",
        name="x",
        phase=Phase.RESOLVED if closed else Phase.INVESTIGATING,
        impact=Impact.MINOR,
        started_utc_us=n,
        created_utc_us=n,
        updated_utc_us=n,
        closed_utc_us=n if closed else 0,
        outcome="confirmed",
    )


def test_an_incident_of_an_earlier_version_is_read(store: WatchStore) -> None:
    note = note_of(None, Phase.RESOLVED, "x", 1)
    now = msgspec.structs.replace(stored(1), updates=(note,))
    store.incidents.keep(Change(now))
    body = msgspec.json.decode(msgspec.json.encode(now))
    del body["impact_by_default"], body["updates"][0]["affected"]
    earlier = msgspec.json.encode(body).decode()
    with store.engine.begin() as sql:
        sql.exec_driver_sql("update watch_incidents set body_json = ?", (earlier,))
    assert store.incidents.incident("s1") == now


async def test_the_board_shows_what_is_open_however_old_it_is(bench: Bench) -> None:
    book = bench.store.incidents
    book.keep(Change(stored(1, closed=False)))
    for n in range(2, INCIDENTS_MAX * 2 + 20):
        book.keep(Change(stored(n)))
    await bench.look()
    shown = bench.engine.board().incidents
    assert len(shown) == INCIDENTS_MAX + 1
    assert shown[-1].id == "s1"


def _many(many: int, one: Callable[[int], object]) -> None:
    for n in range(many):
        one(n)


def test_what_the_store_hands_out_at_once_has_an_end(
    store: WatchStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = store.incidents
    for name, limit in (
        ("TOLD_KEPT", TOLD_KEPT),
        ("UNTOLD_MAX", UNTOLD_MAX),
        ("LOG_ROWS_MAX", LOG_ROWS_MAX),
        ("MAINTENANCES_MAX", MAINTENANCES_MAX),
    ):
        assert limit >= 100
        monkeypatch.setattr(f"rostra.store.watch_incidents.{name}", 3)
    assert COUNTED_MAX >= 1_000
    line = Action(1, "Ada", "login", "")
    _many(5, lambda _: book.note(line))
    assert len(book.log(99)) == 3
    work = Maintenance("w", "x", Stage.SCHEDULED, 1, 2, 1, 1)
    _many(5, lambda n: book.keep(Work(replace_id(work, n))))
    assert [one.id for one in book.maintenances(0)] == ["w0", "w1", "w2"]
    _many(5, lambda n: book.keep(_told(n)))
    assert len(book.untold()) == 3
    _many(5, lambda n: book.told(f"s{n}-u1", 9))
    assert book.untold() == []
    with store.engine.connect() as sql:
        kept = sql.exec_driver_sql("select id from watch_told order by n").scalars().all()
    assert kept == ["s2-u1", "s3-u1", "s4-u1"]


def replace_id(work: Maintenance, n: int) -> Maintenance:
    return msgspec.structs.replace(work, id=f"w{n}")


def _told(n: int) -> Change:
    one = msgspec.structs.replace(stored(n), updates=(note_of(None, Phase.RESOLVED, "x", n),))
    return Change(one, event_of(one, What.RESOLVED))


async def test_a_store_that_takes_nothing_does_not_keep_the_page_green(bench: Bench) -> None:
    await bench.look()
    event.listen(
        bench.store.engine, "checkout", lambda raw, *_: raw.execute("PRAGMA query_only = ON")
    )
    bench.panels.say("page", "failing", bench.clock.utc_us, step="connect")
    for _ in range(2):
        await bench.look()
    assert bench.statuses() == [Status.MAJOR, Status.OPERATIONAL]
    assert bench.engine.board().utc_us == bench.clock.utc_us
    assert bench.faults().keys() == {"write"}


async def test_the_first_look_after_a_restart_has_learnt_what_is_usual(bench: Bench) -> None:
    bench.reports.report("page", bench.clock.utc_us - 3 * 86_400_000_000, 3)
    await bench.another().look()
    assert bench.levels.learnt == [1, 0]
