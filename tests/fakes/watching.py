"""A real watch application on a real socket with boards of memory, for tests of its pages."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import uvicorn
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from tests.fakes.boards import NOW
from tests.fakes.watch_charts import chart

from rostra.domain.ports import Moment
from rostra.watch.board import Board, Chart
from rostra.web.errors import install
from rostra.web.watch_pages import root, router
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
    reports: list[Mapping[str, object]] = field(default_factory=list)
    challenge: dict[str, object] | None = None
    charts_read: int = 0
    at_once: int = 0
    at_once_most: int = 0
    origin: str = ""
    dist: Path | None = DIST
    line: str = "Silence in Live sound: the cause is known."
    came: asyncio.Condition = field(default_factory=asyncio.Condition)
    clock: Still = field(default_factory=Still)

    async def chart(self, component: str, range_: str) -> Chart:
        self.charts_read += 1
        self.at_once += 1
        self.at_once_most = max(self.at_once, self.at_once_most)
        await asyncio.sleep(0)
        self.at_once -= 1
        return chart(component, range_, **self.traits.get(component, {}))  # type: ignore[arg-type]

    def application(self) -> FastAPI:
        app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
        app.state.site = Site(self.clock, lambda: self.board, self.chart, dist=self.dist)
        install(app)
        app.include_router(self._others(), prefix="/status")
        app.include_router(router, prefix="/status")
        app.include_router(root)
        return app

    async def has_reports(self, count: int) -> None:
        """Return once so many have come."""
        async with self.came:
            await self.came.wait_for(lambda: len(self.reports) >= count)

    async def _take(self, report: Mapping[str, object]) -> None:
        async with self.came:
            self.reports.append(report)
            self.came.notify_all()

    def _others(self) -> APIRouter:
        """What other parts of the watch answer, as far as the pages ask for it."""
        others = APIRouter()

        @others.get("/charts/{component}.json")
        async def chart_json(component: str, range: str = "24h") -> Response:  # noqa: A002 - theirs
            found = await self.chart(component, range)
            return Response(msgspec.json.encode(found), media_type="application/json")

        @others.get("/banner.json")
        async def banner() -> Response:
            url = f"{self.origin}/status/incidents/in-open"
            told = {"open": True, "url": url, "text": {"en": self.line, "es": ""}}
            return JSONResponse(told, headers={"Access-Control-Allow-Origin": "*"})

        @others.get("/api/v2/components.json")
        async def components() -> dict[str, object]:
            names = {"page": "Pages", "listening": "Listening"}
            return {"components": [{"id": id_, "name": name} for id_, name in names.items()]}

        @others.get("/api/challenge")
        async def challenge() -> dict[str, object]:
            return {"needed": self.challenge is not None, "challenge": self.challenge}

        @others.post("/api/reports")
        async def report(request: Request) -> Response:
            await self._take(await request.json())
            return JSONResponse({"outcome": "counted", "proof": "not_needed"}, 201)

        @others.post("/report")
        async def form(request: Request) -> Response:
            fields = (await request.body()).decode()
            await self._take(dict(pair.split("=") for pair in fields.split("&")))
            return RedirectResponse("/status/report?sent=counted&component=sound", 303)

        return others


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
