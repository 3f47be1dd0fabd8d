"""A watch that takes orders, for tests: real store, real routes, somebody at the pages."""

import re
import socket
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import msgspec
import uvicorn
from tests.fakes.watch_parts import NOON_US, Hand, Ids, component, level, probes

from rostra.store.watch_incidents import SqlIncidents
from rostra.store.watch_opening import WatchStore, open_watch_store
from rostra.watch.attribution import related
from rostra.watch.board import Board, Chart, ComponentView
from rostra.watch.components import Status
from rostra.watch.incidents import Incident
from rostra.watch.kinds import Kind, Report
from rostra.watch.rounds import Look, look
from rostra.watch.sights import Sight
from rostra.web.errors import install
from rostra.web.watch_acting import Acting
from rostra.web.watch_factory import create_watch_app
from rostra.web.watch_site import Site

TOKEN = "the-watchs-token-of-this-test"  # noqa: S105 - of this test
BEARER = {"Authorization": f"Bearer {TOKEN}"}
API = "/status/api/admin"
NAMES = {"page": "Page", "stream": "Stream"}


@dataclass
class Desk:
    """A watch's application on a real store."""

    app: Any
    store: WatchStore
    clock: Hand
    changes: list[int]

    @property
    def book(self) -> SqlIncidents:
        return self.store.incidents

    def told(self, *many: Mapping[str, Any]) -> None:
        """Reports as people send them a minute apart, the last a minute ago, each by another."""
        first_us = self.clock.utc_us - len(many) * 60_000_000
        reports = []
        for number, words in enumerate(many):
            name, at_us = f"{first_us}-{number}", first_us + number * 60_000_000
            plain = Report(name, "page", Kind.NO_SOUND, at_us, name)
            reports.append(msgspec.structs.replace(plain, **words))
        self.store.reports.take(reports)

    def alarm(self, *, told: bool = False) -> Incident:
        """A draft as the engine opens it."""
        one = component("page")
        found = probes("failing", NOON_US) if told else probes("ok")
        seen = {"page": Sight(one, level("alarm", NOON_US), found)}
        (change,) = look(Look(seen, related([one]), NOON_US + 1), (), Ids("a"))
        self.book.keep(change)
        return change.incident


def view(component_id: str, name: str) -> ComponentView:
    return ComponentView(component_id, name, "", "", 1, NOON_US, NOON_US, Status.OPERATIONAL)


@contextmanager
def opened(folder: Path, names: Mapping[str, str] = NAMES) -> Iterator[Desk]:
    store = open_watch_store(folder)
    clock, changes = Hand(), list[int]()

    async def chart(component_id: str, span: str) -> Chart:
        return Chart(component_id, span, 900)

    views = tuple(view(one, name) for one, name in names.items())
    board = Board("Tea", "https://status.example.org", NOON_US, components=views)
    acting = Acting(store, clock, lambda: board, Ids(), lambda: changes.append(1))
    app = create_watch_app(Site(clock, lambda: board, chart, token=TOKEN, acting=acting))
    install(app)
    yield Desk(app, store, clock, changes)
    store.close()


@contextmanager
def on_a_port(desk: Desk) -> Iterator[str]:
    """The same application on a real port."""
    door = socket.socket()
    door.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(desk.app, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, args=([door],))
    thread.start()
    try:
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        door.close()


@asynccontextmanager
async def asking(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(desk.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://watch.test") as client:
        yield client


class Pages:
    """A person at the pages."""

    def __init__(self, http: httpx.AsyncClient, language: str = "en") -> None:
        self.http = http
        self.headers = {"Accept-Language": language, "Origin": "http://watch.test"}
        self.csrf = ""

    async def log_in(self, token: str = TOKEN, name: str = "Ada") -> httpx.Response:
        answer = await self.post("/login", token=token, name=name)
        if answer.status_code == 303:
            self.csrf = csrf_of((await self.get("")).text)
        return answer

    async def get(self, path: str) -> httpx.Response:
        return await self.http.get(f"/status/admin{path}", headers=self.headers)

    async def post(self, path: str, **form: Any) -> httpx.Response:  # noqa: ANN401 - of a form
        form = {"csrf": self.csrf} | form
        return await self.http.post(f"/status/admin{path}", data=form, headers=self.headers)


def csrf_of(page: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found is not None
    return found[1]
