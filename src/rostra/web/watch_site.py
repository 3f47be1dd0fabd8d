"""What the watch's routes are given, and how they get at it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request

from rostra.domain.ports import Clock
from rostra.watch.board import Board, Chart
from rostra.web.watch_acting import Acting


@dataclass(frozen=True, slots=True)
class Site:
    """The watch's parts, put together once.

    `board` is the newest board, in memory; `chart(component, range)` reads a chart from the
    store. `token` lets an operator in; empty where there is none. `dist` is the folder of the
    built browser application, or None.
    """

    clock: Clock
    board: Callable[[], Board]
    chart: Callable[[str, str], Awaitable[Chart]]
    token: str = ""
    dist: Path | None = None
    acting: Acting | None = None
    """What operators may do; None where this watch takes no orders."""


def site_of(request: Request) -> Site:
    """The parts of the watch that this request came to."""
    site: Site = request.app.state.site
    return site


SiteHere = Annotated[Site, Depends(site_of)]
