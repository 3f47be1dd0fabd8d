"""Renders each page of the watch once a board and language, however many people ask for it."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import structlog
from fastapi import FastAPI

from rostra.watch.board import Board
from rostra.watch.published import etag_of
from rostra.web.watch_site import Site

PAGES_MAX: Final = 512
"""Pages that are kept: a few for each of some hundred components and incidents."""

DRAWING_S: Final = 0.1
"""How long who asks waits for the page of a newer board, where there is the one before it: nobody
feels it, and in a flood of reports a page takes a second."""

BEHIND_US_MAX: Final = 30_000_000
"""A page that was drawn longer ago is waited for: as long as any cache may show it."""

_log = structlog.get_logger("watch")

Key = tuple[str, str, str]
"""Path, language, and the language that was chosen by the address."""

Draw = Callable[[Board], Awaitable[str | None]]


@dataclass(frozen=True, slots=True)
class Kept:
    """A page as it is sent, its board, and when it was drawn."""

    body: bytes
    etag: str
    board: Board
    utc_us: int


@dataclass(frozen=True, slots=True)
class _Drawing:
    board: Board
    task: "asyncio.Task[Kept | None]"


class Rendering:
    """Pages of one watch, kept while they are true."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._pages: OrderedDict[Key, Kept] = OrderedDict()
        self._drawing: dict[Key, _Drawing] = {}

    async def page(self, key: Key, draw: Draw) -> Kept | None:
        """The page of `key`; None where none is. Whatever `draw` raises.

        It is that of the newest board, or, where that one takes longer than `DRAWING_S`, the
        page before it, for as long as `BEHIND_US_MAX`.
        """
        board = self._site.board()
        kept = self._pages.get(key)
        if kept is not None and kept.board is board:
            return kept
        task = self._drawn(key, board, draw)
        behind = kept is not None and 0 <= self._now_us() - kept.utc_us <= BEHIND_US_MAX
        # Not `wait_for`: who leaves or tires must not end what others wait for.
        done, _ = await asyncio.wait({task}, timeout=DRAWING_S if behind else None)
        return task.result() if done else kept

    def _drawn(self, key: Key, board: Board, draw: Draw) -> "asyncio.Task[Kept | None]":
        """One draws for all who ask meanwhile, and goes on when the first of them leaves."""
        under_way = self._drawing.get(key)
        if under_way is not None and under_way.board is board:
            return under_way.task
        task = asyncio.create_task(self._draw(key, board, draw))
        self._drawing[key] = _Drawing(board, task)
        task.add_done_callback(lambda done: self._end(key, done))
        return task

    async def _draw(self, key: Key, board: Board, draw: Draw) -> Kept | None:
        now_us = self._now_us()
        drawn = await draw(board)
        if drawn is None:
            return None
        body = drawn.encode()
        kept = Kept(body, etag_of(body), board, now_us)
        under_way = self._drawing.get(key)
        if under_way is not None and under_way.board is board:  # else there is a newer one
            self._keep(key, kept)
        return kept

    def _keep(self, key: Key, kept: Kept) -> None:
        self._pages[key] = kept
        self._pages.move_to_end(key)
        if len(self._pages) > PAGES_MAX:
            self._pages.popitem(last=False)

    def _end(self, key: Key, task: "asyncio.Task[Kept | None]") -> None:
        under_way = self._drawing.get(key)
        if under_way is not None and under_way.task is task:
            del self._drawing[key]
        if not task.cancelled() and task.exception() is not None:
            # Perhaps nobody waits any more who would say it.
            _log.warning("a page could not be drawn", page=key[0][:80], exc_info=task.exception())

    def _now_us(self) -> int:
        return self._site.clock.now().utc_us


def rendering_of(app: FastAPI) -> Rendering:
    """The application's rendering, made when it is first asked for."""
    found: Rendering | None = getattr(app.state, "rendering", None)
    if found is None:
        found = app.state.rendering = Rendering(app.state.site)
    return found
