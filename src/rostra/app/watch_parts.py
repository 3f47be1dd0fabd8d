"""Puts the watch's parts together: what makes the board, and the loops that work beside the page.

One place for all of it: each part is made here, from the settings, the store and the others.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rostra.app.config import Settings
from rostra.app.dist import dist_folder
from rostra.app.machine import fresh_id
from rostra.app.secrets import WATCH_TOKEN, watch_token
from rostra.app.watch_components import components_of, page_name
from rostra.app.watch_copy import source_of
from rostra.app.watch_engine import Engine
from rostra.app.watch_engine import Parts as EngineParts
from rostra.app.watch_export import ExportCollector, Exporter, shelves_of
from rostra.app.watch_faults import FaultCollector
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
from rostra.watch.board import Board
from rostra.watch.moments import US_PER_S
from rostra.web.watch_acting import Acting
from rostra.web.watch_site import Site


@dataclass(frozen=True, slots=True)
class Parts:
    """A watch put together: what its pages are given, its loops, and what ends after them."""

    site: Site
    loops: tuple[Loop, ...]
    close: Callable[[], None]


class _Newest:
    """The board for parts that are made before the engine, which needs one of them."""

    def __init__(self, first: Board) -> None:
        self.read: Callable[[], Board] = lambda: first

    def __call__(self) -> Board:
        return self.read()


def assemble(settings: Settings, store: WatchStore, clock: Clock) -> Parts:
    """Every part, none of them begun; HouseError for a secret that cannot be read or made."""
    components = components_of(settings)
    page = Page(page_name(settings), settings.watch_url, _first_run_utc_us(settings))
    newest = _Newest(Board(page.name, page.public_url, clock.now().utc_us))
    told = assemble_subscriptions(settings, store, clock, newest)
    intake = Intake(store.reports, clock, (one.id for one in components))
    probing = Probing(
        components,
        settings.watch.place,
        place_tokens(settings),
        store.probes,
        clock,
        controls=settings.watch.controls,
    )
    senses = Senses(
        components,
        store.reports,
        probing,
        levels,
        levels.Vigil,
        store.incidents,
        since_utc_s=page.created_utc_us // US_PER_S,
    )
    engine = Engine(
        EngineParts(clock, page, senses, store.probes, told.outbox, fresh_id, intake.flood)
    )
    newest.read = engine.board
    site = Site(
        clock,
        engine.board,
        engine.chart,
        watch_token(settings),
        _dist(),
        intake=intake,
        acting=Acting(store, clock, engine.board, fresh_id, engine.wake),
        subscribing=told.subscribing,
        places=probing.door,
    )
    faults = {"engine": engine.faults, "outbox": told.outbox.faults}
    site.metrics.registry.register(FaultCollector(faults, told.outbox.letters))
    loops = (
        Loop("reports", intake.run),
        Loop("engine", engine.run),
        Loop("probes", probing.run),
        Loop("outbox", told.outbox.run),
    )
    return Parts(site, (*loops, *_copies(settings, site)), told.close)


def _copies(settings: Settings, site: Site) -> list[Loop]:
    """The copy of the public files, where one is asked for."""
    shelves = shelves_of(settings.watch.export)
    if not shelves:
        return []
    exporter = Exporter(source_of(site), shelves, site.clock, settings.watch.export.every_s)
    site.metrics.registry.register(ExportCollector(exporter))
    return [Loop("copy", exporter.run)]


def _first_run_utc_us(settings: Settings) -> int:
    """When this watch first ran: then its token was made, and it is never made again."""
    return (settings.secrets / WATCH_TOKEN).stat().st_mtime_ns // 1_000


def _dist() -> Path | None:
    try:
        return dist_folder()
    except HouseError:
        return None
