"""A watch that takes reports for tests: real store, real routes, a real port, a clock in hand."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import uvicorn

from rostra.app.watch_intake import Intake
from rostra.domain.ports import Moment
from rostra.store.watch_opening import WatchStore, open_watch_store
from rostra.watch.board import Board, Chart
from rostra.web.watch_factory import create_watch_app
from rostra.web.watch_site import Site

NOW_S = 1_800_000_000
REPORT = {"component": "stage", "kind": "no_sound"}


@dataclass
class Hand:
    """A clock that moves when a test says so."""

    utc_us: int = NOW_S * 1_000_000
    mono_ns: int = 1_000_000_000

    def now(self) -> Moment:
        return Moment(self.mono_ns, self.utc_us)

    def forward(self, seconds: float) -> None:
        self.utc_us += int(seconds * 1_000_000)
        self.mono_ns += int(seconds * 1_000_000_000)


@dataclass
class ReportWatch:
    """The parts, and clients of it by their address."""

    folder: Path
    hand: Hand
    store: WatchStore
    intake: Intake
    site: Site
    base: str = ""
    clients: dict[str, httpx.AsyncClient] = field(default_factory=dict)

    def client(self, address: str = "127.0.0.1") -> httpx.AsyncClient:
        if address not in self.clients:
            way = httpx.AsyncHTTPTransport(verify=False, local_address=address)
            self.clients[address] = httpx.AsyncClient(transport=way, base_url=self.base)
        return self.clients[address]

    async def report(self, address: str = "", /, **words: object) -> httpx.Response:
        """Report, as from `address` if the front door says so."""
        headers = {"X-Forwarded-For": address} if address else {}
        body = {**REPORT, **words}
        return await self.client().post("/status/api/reports", json=body, headers=headers)

    async def outcome(self, address: str = "", /, **words: object) -> tuple[str, str]:
        answer = await self.report(address, **words)
        assert answer.status_code == 201, answer.text
        told = answer.json()
        return told["outcome"], told["proof"]


def board(hand: Hand) -> Board:
    return Board("Status", "http://status.test", hand.utc_us)


async def no_chart(component: str, kind: str) -> Chart:
    return Chart(component, kind, 900)


@asynccontextmanager
async def report_watch(
    folder: Path, components: tuple[str, ...] = ("stage", "page")
) -> AsyncIterator[ReportWatch]:
    hand = Hand()
    store = open_watch_store(folder)
    intake = Intake(store.reports, hand, components)
    site = Site(
        hand,
        lambda: board(hand),
        no_chart,
        intake=intake,
    )
    door = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(
            create_watch_app(site),
            log_config=None,
            forwarded_allow_ips=["127.0.0.0/30"],
            lifespan="off",
            ws="none",
        )
    )
    writing = asyncio.create_task(intake.run())
    serving = asyncio.create_task(server.serve(sockets=[door]))
    watch = ReportWatch(folder, hand, store, intake, site)
    watch.base = f"http://127.0.0.1:{door.getsockname()[1]}"
    try:
        yield watch
    finally:
        for client in watch.clients.values():
            await client.aclose()
        server.should_exit = True
        await serving
        writing.cancel()
        await asyncio.wait({writing})
        store.close()
        door.close()
