"""A real watch application on a real socket with boards of memory, for tests of its pages."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import uvicorn
from fastapi import FastAPI
from tests.fakes.boards import NOW
from tests.fakes.watch_charts import chart

from rostra.domain.ports import Moment
from rostra.watch.board import Board, Chart
from rostra.watch.counting import Outcome
from rostra.watch.intake import Submission
from rostra.watch.receipts import Receipt
from rostra.web.watch_factory import create_watch_app
from rostra.web.watch_site import Site

DIST = Path(__file__).resolve().parents[2] / "frontend" / "dist"


@dataclass
class Still:
    """A clock that stands until the test moves it."""

    utc_us: int = NOW

    def now(self) -> Moment:
        return Moment(0, self.utc_us)


@dataclass
class Watch:
    """The board that is shown, the charts' traits by component, and the reports that came."""

    board: Board
    traits: dict[str, dict[str, float]] = field(default_factory=dict)
    reports: list[Submission] = field(default_factory=list)
    challenge: dict[str, Any] | None = None
    charts_read: int = 0
    origin: str = ""
    dist: Path | None = DIST
    came: asyncio.Condition = field(default_factory=asyncio.Condition)
    clock: Still = field(default_factory=Still)
    _published: tuple[Board, Board] | None = None

    async def chart(self, component: str, range_: str) -> Chart:
        self.charts_read += 1
        await asyncio.sleep(0)
        return chart(component, range_, **self.traits.get(component, {}))  # type: ignore[arg-type]

    def application(self) -> FastAPI:
        door = FakeDoor(self)
        return create_watch_app(
            Site(self.clock, lambda: self.shown, self.chart, dist=self.dist, intake=door)
        )

    @property
    def shown(self) -> Board:
        """The board with its own address, as configured."""
        if self._published is None or self._published[0] is not self.board:
            here = msgspec.structs.replace(self.board, public_url=self.origin)
            self._published = (self.board, here)
        return self._published[1]

    async def has_reports(self, count: int) -> None:
        """Return once so many have come."""
        async with self.came:
            await self.came.wait_for(lambda: len(self.reports) >= count)


@dataclass
class FakeDoor:
    """Takes whatever comes, and keeps it in memory."""

    watch: Watch
    waiting: int = 0

    @property
    def components(self) -> frozenset[str]:
        return frozenset(one.id for one in self.watch.board.components)

    def flood(self, component: str | None = None) -> bool:
        del component
        return self.watch.challenge is not None

    async def take(self, submission: Submission, address: str) -> Receipt:
        del address
        async with self.watch.came:
            self.watch.reports.append(submission)
            self.watch.came.notify_all()
        return Receipt(Outcome.COUNTED, "accepted" if submission.proof else "not_needed")

    def challenge(self, component: str, address: str) -> dict[str, Any] | None:
        del component, address
        return self.watch.challenge


@contextlib.asynccontextmanager
async def watching(watch: Watch, port: int = 0) -> AsyncIterator[Watch]:
    """Serve it on a socket of its own."""
    with socket.create_server(("127.0.0.1", port)) as listener:
        config = uvicorn.Config(watch.application(), log_level="error", lifespan="off")
        server = uvicorn.Server(config)
        watch.origin = f"http://localhost:{listener.getsockname()[1]}"
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield watch
        finally:
            server.should_exit = True
            await serving
