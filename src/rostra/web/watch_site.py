"""What the watch's routes are given, and how they get at it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request

from rostra.domain.ports import Clock
from rostra.watch.board import Board, Chart
from rostra.watch.receipts import ClosedDoor, Door
from rostra.web.watch_acting import Acting
from rostra.web.watch_metrics import SiteMetrics
from rostra.web.watch_place_door import PlaceDoor
from rostra.web.watch_subscribing import Subscribing


@dataclass(frozen=True, slots=True)
class Site:
    """The watch's parts, put together once.

    `board` is the newest board, in memory; `chart(component, range)` a chart, read from the
    store where it is no longer fresh. `token` lets an operator in; empty where there is none.
    `dist` is the folder of the built browser application, or None. `intake` takes people's
    reports, `places` what probes elsewhere find.
    """

    clock: Clock
    board: Callable[[], Board]
    chart: Callable[[str, str], Awaitable[Chart]]
    token: str = ""
    dist: Path | None = None
    intake: Door = field(default_factory=ClosedDoor)
    metrics: SiteMetrics = field(default_factory=SiteMetrics)
    places: PlaceDoor = field(default_factory=PlaceDoor)
    acting: Acting | None = None
    """What operators may do; None where this watch takes no orders."""
    subscribing: Subscribing | None = None
    """Takes subscriptions; None where nobody can be told."""

    def __post_init__(self) -> None:
        self.metrics.follow(self.intake)

    def address_of(self, request: Request) -> str:
        """The asker's address: for hashes and budgets only, never kept.

        The server puts the one that the proxies which it believes have seen in place of theirs.
        """
        return request.client.host if request.client else ""


def site_of(request: Request) -> Site:
    """The parts of the watch that this request came to."""
    site: Site = request.app.state.site
    return site


async def _site_here(request: Request) -> Site:
    # FastAPI gives a dependency that is not asynchronous to a thread: most of a small request.
    return site_of(request)


SiteHere = Annotated[Site, Depends(_site_here)]
