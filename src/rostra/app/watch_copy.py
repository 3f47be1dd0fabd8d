"""Makes the files of the copy from the newest board, once for all shelves that it goes to."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from rostra.app.watch_built import built_files
from rostra.domain.errors import HouseError
from rostra.domain.ports import Clock
from rostra.watch import exported
from rostra.watch.board import Board, Chart
from rostra.watch.exported import File
from rostra.watch.pages import render
from rostra.watch.published import Printed
from rostra.web.watch_assets import assets_of
from rostra.web.watch_site import Site

RANGES: Final = ("24h", "90d")

Draw = Callable[[Board, list[Chart], str], Mapping[str, str]]
"""Every page as a file by its name (`index.html`, `c/web.html`), in a language."""

_LOG = structlog.get_logger("watch")


@dataclass(frozen=True, slots=True)
class Source:
    """What is copied: the newest board, its charts, the pages drawn of both, and built files.

    `draw` is None where there are no pages. `assets` is the folder of the built files, or None,
    and `entries` are those that the pages load.
    """

    board: Callable[[], Board]
    chart: Callable[[str, str], Awaitable[Chart]]
    draw: Draw | None = None
    assets: Path | None = None
    entries: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("en", "es")
    """The first one's pages lie in the folder itself, the others' in one of their own."""


class Copy:
    """The files of the newest board."""

    def __init__(self, source: Source, clock: Clock) -> None:
        self._source = source
        self._clock = clock
        self._lock = asyncio.Lock()
        self._made: tuple[Board, list[File]] | None = None
        self._loaded: list[tuple[str, bytes]] | None = None

    async def files(self) -> tuple[Board, list[File]]:
        """Every file of the newest board, made once for all shelves."""
        async with self._lock:
            board = self._source.board()
            if self._made is None or self._made[0] is not board:
                charts = await self._charts(board)
                files = await asyncio.to_thread(self._make, board, charts)
                self._made = (board, files)
            return self._made

    async def _charts(self, board: Board) -> list[Chart]:
        charts = []
        try:
            for one in board.components:
                charts += [await self._source.chart(one.id, span) for span in RANGES]
        except HouseError as error:
            _LOG.warning("the copy has no charts this time", reason=error.sentence)
        return charts

    def _make(self, board: Board, charts: list[Chart]) -> list[File]:
        now = self._clock.now().utc_us
        files = [*self._built(), *exported.documents(Printed(board)), *exported.charts(charts)]
        files += self._pages(board, charts, now)
        return [*files, *exported.beginnings(board, now)]

    def _pages(self, board: Board, charts: list[Chart], now_utc_us: int) -> list[File]:
        if self._source.draw is None:
            return []
        files: list[File] = []
        for folder, language in self._folders():
            try:
                drawn = self._source.draw(board, charts, language)
            except Exception:  # noqa: BLE001 - whatever a page stumbles over costs the page alone
                # JSON and feeds go on being written; the pages stay as they were.
                _LOG.exception("the copy's pages could not be drawn", language=language)
                continue
            files += exported.pages(drawn, language, board, now_utc_us, folder)
        return files

    def _built(self) -> Iterator[File]:
        if self._loaded is None:
            # Once: their names change with what is in them, and a new build is a new process.
            self._loaded = built_files(self._source.assets, self._source.entries)
        for name, body in self._loaded:
            yield from (exported.built(name, body, one) for one, _ in self._folders())

    def _folders(self) -> list[tuple[str, str]]:
        first, *others = self._source.languages
        return [("", first), *((f"{one}/", one) for one in others)]


def source_of(site: Site) -> Source:
    """What the watch's own server serves, as the source of a copy."""
    assets = assets_of(site.dist)

    def draw(board: Board, charts: list[Chart], language: str) -> Mapping[str, str]:
        return render.files(board, charts, language, assets)

    folder = None if site.dist is None else site.dist / "assets"
    entries = tuple(filter(None, (assets.script, assets.style, assets.icon)))
    return Source(site.board, site.chart, draw, folder, entries)
