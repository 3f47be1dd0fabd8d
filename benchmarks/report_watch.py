"""The least watch that takes reports, for a benchmark: store, intake, routes, and a board.

    python -m benchmarks.report_watch FOLDER PORT [--no-flood]

It prints a line once it takes connections. `--no-flood` never asks for a proof of work, so that
every report goes the longest way to the disk.
"""

import asyncio
import contextlib
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import uvicorn
import uvloop
from fastapi import FastAPI, Response

from rostra.app.machine import MachineClock
from rostra.app.watch_intake import Intake
from rostra.store.watch_opening import WatchStore, open_watch_store
from rostra.watch.board import Board, Chart, ComponentView, Level
from rostra.watch.components import Status
from rostra.watch.flood import Flood
from rostra.web.watch_factory import create_watch_app
from rostra.web.watch_site import Site

COMPONENTS = ("stage", "page", "stream", "desk")
BOARD_S = 5.0
WINDOW_S = 900
BACKLOG = 1_024


class Boards:
    """The newest board, made anew from the store as the engine of the watch does."""

    def __init__(self, store: WatchStore, intake: Intake) -> None:
        self._store, self._intake, self._clock = store, intake, MachineClock()
        self.newest = Board("Benchmark", "", self._clock.now().utc_us)

    async def run(self) -> None:
        """Every few seconds, in a thread."""
        while True:
            self.newest = await asyncio.to_thread(self._make)
            await asyncio.sleep(BOARD_S)

    def _make(self) -> Board:
        now = self._clock.now().utc_us
        views = tuple(self._view(name, now) for name in COMPONENTS)
        return Board("Benchmark", "", now, components=views, flood=self._intake.flood())

    def _view(self, name: str, now: int) -> ComponentView:
        since = now // 1_000_000 - WINDOW_S
        counts = self._store.reports.counts(name, since, since + 2 * WINDOW_S)
        reports = sum(slot.reports for slots in counts.values() for slot in slots)
        level = Level(reports=reports, unproven=self._store.reports.unproven(name, since))
        return ComponentView(name, name, "", "", 0, now, now, Status.OPERATIONAL, level)


async def no_chart(component: str, kind: str) -> Chart:
    """No chart is measured."""
    return Chart(component, kind, WINDOW_S)


@contextlib.asynccontextmanager
async def running(intake: Intake, boards: Boards) -> AsyncIterator[None]:
    """The intake and the boards at work."""
    tasks = [asyncio.create_task(work) for work in (intake.run(), boards.run())]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def serve(folder: Path, port: int) -> None:
    """Until the process is told to end."""
    store = open_watch_store(folder)
    clock = MachineClock()
    intake = Intake(store.reports, clock, COMPONENTS)
    boards = Boards(store, intake)
    site = Site(clock, lambda: boards.newest, no_chart, intake=intake)
    app = create_watch_app(site)
    add_board(app, boards)
    config = uvicorn.Config(
        app, http="httptools", ws="none", lifespan="off", log_config=None, proxy_headers=False,
        access_log=False, backlog=BACKLOG,
    )  # fmt: skip
    door = socket.create_server(("0.0.0.0", port), backlog=BACKLOG)  # noqa: S104 - clients come from 127.x.y.z
    print("open", door.getsockname()[1], flush=True)
    async with running(intake, boards):
        await uvicorn.Server(config).serve(sockets=[door])
    store.close()


def add_board(app: FastAPI, boards: Boards) -> None:
    """`/status/board.json`, unless the application has it already."""

    @app.get("/status/board.json")
    async def board() -> Response:
        return Response(msgspec.json.encode(boards.newest), media_type="application/json")


def main() -> None:
    """Serve until a signal."""
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    if "--no-flood" in sys.argv:
        Flood.take = lambda *_, **_words: False  # type: ignore[method-assign]  # an experiment
    uvloop.run(serve(folder, port))


if __name__ == "__main__":
    main()
