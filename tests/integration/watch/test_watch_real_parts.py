"""The engine with the detector, the panels and the reports' book as they are."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.fakes.panel_hall import PanelHall
from tests.fakes.watch_parts import NOON_US, US, Crier, Hand, HandProbes, Ids

from rostra.app.watch_engine import Engine, Parts
from rostra.app.watch_seeing import Senses
from rostra.store.watch_opening import WatchStore, open_watch_store
from rostra.watch import levels
from rostra.watch.assembling import Page
from rostra.watch.components import Component, Impact, Status, Target
from rostra.watch.kinds import Kind, Report
from rostra.watch.panel import Panel
from rostra.watch.probing import Result, Step

COMPONENTS = tuple(
    Component(name, name.title(), Target.HTTP, "http://localhost", group=name)
    for name in ("page", "stream")
)


class Whole:
    """The watch without its network."""

    def __init__(self, store: WatchStore) -> None:
        self.store, self.clock, self.crier = store, Hand(NOON_US), Crier()
        self.hall = PanelHall(COMPONENTS, lambda one: Panel(one, ("here", "there")))
        senses = Senses(COMPONENTS, store.reports, self.hall, levels, levels.Vigil, store.incidents)
        page = Page("Tea", "https://status.example.org", NOON_US)
        parts = Parts(self.clock, page, senses, HandProbes(), self.crier, Ids())
        self.engine = Engine(parts)

    async def run(self, minutes: int, reports: int, places: dict[str, bool]) -> None:
        """Twenty seconds a turn: both places probe, some people report, the engine looks."""
        for turn in range(3 * minutes):
            self.clock.run(20)
            now = self.clock.utc_us
            self.store.reports.add(
                [
                    Report(f"{now}-{n}", "page", Kind.NO_SOUND, now, f"{now}-{n}")
                    for n in range(reports)
                ]
            )
            for one in COMPONENTS:
                for place, ok in places.items():
                    well = ok or one.id != "page"
                    steps = () if well else (Step("connect", 3.0, ok=False, why="Refused."),)
                    self.hall.take(Result(one.id, place, now, well, steps, listening=turn))
            await self.engine.look()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[WatchStore]:
    (tmp_path / "secrets").mkdir(exist_ok=True)
    opened = open_watch_store(tmp_path)
    yield opened
    opened.close()


async def test_reports_alone_alarm_and_turn_nothing_red_until_two_places_agree(
    store: WatchStore,
) -> None:
    watch = Whole(store)
    await watch.run(3, 0, {"here": True, "there": True})
    assert watch.engine.board().components[0].probes.state == "ok"
    await watch.run(6, 20, {"here": True, "there": True})
    page = watch.engine.board().components[0]
    assert (page.level.state, page.status) == ("alarm", Status.OPERATIONAL)
    assert page.attribution.reasons[0] == "probes_ok"
    assert watch.engine.board().incidents[0].impact is Impact.NONE
    assert watch.crier.events == []
    await watch.run(2, 20, {"here": False, "there": False})
    page = watch.engine.board().components[0]
    assert (page.status, page.attribution.word) == (Status.MAJOR, "internal")
    assert [one.agreed for one in watch.crier.events] == [True]
    assert len(watch.engine.board().incidents) == 1
    chart = await watch.engine.chart("page", "24h")
    assert sum(one.reports for one in chart.points) == 20 * 3 * 8
    assert chart.points[-1].upper > chart.points[-1].usual > 0
    assert page.level.since_utc_us < page.probes.since_utc_us < watch.clock.utc_us
    assert watch.clock.utc_us - page.probes.since_utc_us <= 2 * 60 * US
