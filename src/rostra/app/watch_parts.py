"""Puts the watch's parts together: what makes the board, and the loops that work beside the page.

One place for all of it: each part is made here, from the settings, the store and the others.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rostra.app.config import Settings
from rostra.app.dist import dist_folder
from rostra.app.machine import fresh_id
from rostra.app.secrets import WATCH_TOKEN, watch_token
from rostra.app.watch_components import components_of, page_name
from rostra.app.watch_copy import source_of
from rostra.app.watch_engine import Engine
from rostra.app.watch_engine import Parts as Tied
from rostra.app.watch_export import ExportCollector, Exporter, shelves_of
from rostra.app.watch_intake import Intake
from rostra.app.watch_loops import Loop
from rostra.app.watch_probing import Probing
from rostra.app.watch_seeing import Senses
from rostra.app.watch_subscriptions import assemble_subscriptions
from rostra.app.watch_tokens import place_tokens
from rostra.domain.errors import HouseError
from rostra.domain.ports import Clock
from rostra.store.watch_opening import WatchStore
from rostra.watch import levels
from rostra.watch.assembling import Page
from rostra.watch.board import Board, ProbesView
from rostra.watch.panel import Panel
from rostra.watch.probing import Result
from rostra.watch.vigil import Vigil
from rostra.web.watch_acting import Acting
from rostra.web.watch_site import Site


@dataclass(frozen=True, slots=True)
class Parts:
    """A watch put together: what its pages are given, and its loops, none of them begun."""

    site: Site
    loops: tuple[Loop, ...]
    close: Callable[[], None]
    """To be called when the loops have ended."""


class Seen:
    """`watch.ports.Panels`: what the places find, and how many listen by the newest probe."""

    def __init__(self) -> None:
        self.panels: Mapping[str, Panel] = {}
        self._listening: dict[str, int] = {}

    def note(self, result: Result) -> None:
        """Hear one result."""
        if not result.own_fault:
            self._listening[result.component] = result.listening

    def view(self, component: str, now_utc_us: int) -> ProbesView:
        """As the board shows it."""
        return self.panels[component].view(now_utc_us)

    def listening(self, component: str) -> int:
        """How many listen; -1 where nobody tells."""
        return self._listening.get(component, -1)


def assemble(settings: Settings, store: WatchStore, clock: Clock) -> Parts:
    """Every part of the watch; HouseError where a file of one cannot be read."""
    components = components_of(settings)
    names = {one.id: one.name for one in components}
    page = Page(page_name(settings), settings.watch_url, _first_ran_us(settings))
    made: list[Engine] = []

    def board() -> Board:
        """The engine's; of the page alone while the engine is being made."""
        if made:
            return made[0].board()
        return Board(page.name, page.public_url, clock.now().utc_us)

    intake = Intake(store.reports, clock, names)
    told = assemble_subscriptions(settings, store, clock, board)
    seen = Seen()
    place, tokens = settings.watch.place, place_tokens(settings)
    probing = Probing(
        components,
        place,
        tokens,
        store.probes,
        clock,
        seen=seen.note,
        controls=settings.watch.controls,
    )
    seen.panels = probing.panels
    senses = Senses(components, store.reports, seen, levels, Vigil, store.incidents)
    tied = Tied(clock, page, senses, store.probes, told.outbox, fresh_id, intake.flood)
    engine = Engine(tied)
    made.append(engine)
    site = Site(
        clock,
        board,
        engine.chart,
        watch_token(settings),
        _dist(),
        intake,
        places=probing.door,
        acting=Acting(store.incidents, clock, names, fresh_id, engine.wake),
        subscribing=told.subscribing,
    )
    loops = (
        Loop("intake", intake.run),
        Loop("probes", probing.run),
        Loop("engine", engine.run),
        Loop("outbox", told.outbox.run),
        _exporting(settings, site),
    )
    return Parts(site, loops, told.close)


def _exporting(settings: Settings, site: Site) -> Loop:
    kept = settings.watch.export
    exporter = Exporter(source_of(site), shelves_of(kept), site.clock, kept.every_s)
    site.metrics.registry.register(ExportCollector(exporter))
    return Loop("exporter", exporter.run)


def _first_ran_us(settings: Settings) -> int:
    """When the watch first ran on this folder: it made its token then."""
    return (settings.secrets / WATCH_TOKEN).stat().st_mtime_ns // 1_000


def _dist() -> Path | None:
    try:
        return dist_folder()
    except HouseError:
        return None
