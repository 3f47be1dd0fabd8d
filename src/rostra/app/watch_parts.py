"""Puts the watch's parts together: what makes the board, and the loops that work beside the page.

One place for all of it: each part is made here, from the settings, the store and the others.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from rostra.app.config import Settings
from rostra.app.dist import dist_folder
from rostra.app.secrets import watch_token
from rostra.app.watch_components import components_of, page_name
from rostra.app.watch_intake import Intake
from rostra.app.watch_loops import Loop
from rostra.app.watch_source import source_behind
from rostra.domain.errors import HouseError
from rostra.domain.ports import Clock
from rostra.store.watch_opening import WatchStore
from rostra.watch.board import Board, Chart, ComponentView
from rostra.watch.components import Status
from rostra.web.watch_site import Site


@dataclass(frozen=True, slots=True)
class Parts:
    """A watch put together: what its pages are given, and its loops."""

    site: Site
    loops: tuple[Loop, ...]


def assemble(settings: Settings, store: WatchStore, clock: Clock) -> Parts:
    """Every part, none of them begun.

    `board` and `chart` are the engine's; `loops` are the engine's, the prober's, the outbox's,
    the exporter's and the intake's, each as `Loop("name", part.run)`.
    """
    board, chart = _plain(settings, clock)
    intake = Intake(store.reports, clock, (one.id for one in components_of(settings)))
    site = Site(
        clock,
        board,
        chart,
        watch_token(settings),
        _dist(),
        intake=intake,
        source=source_behind(settings.watch.proxies),
    )
    return Parts(site, loops=(Loop("reports", intake.run),))


def _plain(
    settings: Settings, clock: Clock
) -> tuple[Callable[[], Board], Callable[[str, str], Awaitable[Chart]]]:
    """A board of what is configured, of which nothing is known, and empty charts."""
    born_us = clock.now().utc_us
    views = tuple(
        ComponentView(
            one.id,
            one.name,
            one.description,
            one.group,
            position,
            born_us,
            born_us,
            Status.OPERATIONAL,
        )
        for position, one in enumerate(components_of(settings), 1)
    )

    def board() -> Board:
        now_us = clock.now().utc_us
        return Board(page_name(settings), settings.watch_url, now_us, components=views)

    async def chart(component: str, of_range: str) -> Chart:
        return Chart(component, of_range, 900)

    return board, chart


def _dist() -> Path | None:
    try:
        return dist_folder()
    except HouseError:
        return None
