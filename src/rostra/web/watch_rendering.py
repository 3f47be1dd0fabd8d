"""Renders each page of the watch once a board and language, however many people ask for it."""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from fastapi import FastAPI

from rostra.watch.board import Board, Chart
from rostra.web.watch_site import Site

PAGES_MAX: Final = 512
"""Pages that are kept: a few for each of some hundred components and incidents."""

CHARTS_MAX: Final = 400
"""Charts that are kept: two for each component."""

CHART_AGE_MAX_US: Final = 30_000_000
"""A chart is read anew after this: its newest slot is 15 minutes long."""

CHARTS_AT_ONCE_MAX: Final = 4
"""Charts that are read at the same time; the store writes reports meanwhile."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A page as it is sent."""

    body: bytes
    etag: str
    board: Board


class Rendering:
    """Pages and charts of one watch, kept while they are true."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._pages: OrderedDict[tuple[str, str, str], Kept] = OrderedDict()
        self._charts: OrderedDict[tuple[str, str], tuple[int, Chart]] = OrderedDict()
        self._under_way: dict[tuple[str, str], asyncio.Task[Chart]] = {}
        self._reading = asyncio.Semaphore(CHARTS_AT_ONCE_MAX)

    async def page(
        self,
        key: tuple[str, str, str],
        draw: Callable[[Board], Awaitable[str | None]],
    ) -> Kept | None:
        """The page of `key` (path, language, chosen) for the newest board; None where none is."""
        board = self._site.board()
        kept = self._pages.get(key)
        if kept is not None and kept.board is board:
            return kept
        drawn = await draw(board)
        if drawn is None:
            return None
        body = drawn.encode()
        kept = Kept(body, f'"{hashlib.sha256(body).hexdigest()[:24]}"', board)
        self._pages[key] = kept
        self._pages.move_to_end(key)
        if len(self._pages) > PAGES_MAX:
            self._pages.popitem(last=False)
        return kept

    async def charts(self, wanted: list[tuple[str, str]]) -> list[Chart]:
        """Charts by component and range, read at most once in `CHART_AGE_MAX_US`."""
        return list(await asyncio.gather(*(self._chart(*one) for one in wanted)))

    async def _chart(self, component: str, range_: str) -> Chart:
        key = (component, range_)
        now_us = self._site.clock.now().utc_us
        kept = self._charts.get(key)
        if kept is not None and abs(now_us - kept[0]) < CHART_AGE_MAX_US:
            return kept[1]
        task = self._under_way.get(key)
        if task is None:
            # One reads for all who ask meanwhile, and goes on when the first of them leaves.
            task = asyncio.create_task(self._read(key))
            self._under_way[key] = task
            task.add_done_callback(lambda _: self._under_way.pop(key, None))
        return await asyncio.shield(task)

    async def _read(self, key: tuple[str, str]) -> Chart:
        async with self._reading:
            chart = await self._site.chart(*key)
        self._charts[key] = (self._site.clock.now().utc_us, chart)
        self._charts.move_to_end(key)
        if len(self._charts) > CHARTS_MAX:
            self._charts.popitem(last=False)
        return chart


def rendering_of(app: FastAPI) -> Rendering:
    """The application's rendering, made when it is first asked for."""
    found: Rendering | None = getattr(app.state, "rendering", None)
    if found is None:
        found = app.state.rendering = Rendering(app.state.site)
    return found
