"""Whatever the pages of a whole watch name is there: pages, charts, files, feeds, forms."""

import html
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import msgspec
import pytest
from tests.fakes import boards
from tests.fakes.watch_charts import chart
from tests.fakes.watching import DIST

from rostra.app.config import Settings
from rostra.app.machine import MachineClock
from rostra.app.secrets import bootstrap_watch
from rostra.app.watch_parts import assemble
from rostra.store.watch_opening import open_watch_store
from rostra.watch.board import Chart
from rostra.web.watch_factory import create_watch_app

NAMED = re.compile(r'(?:href|src|data-src|action)="(/[^"#]*)')
PARTS = (
    "c/",
    "incidents/",
    "charts/",
    "assets/",
    "api/",
    "report",
    "history",
    "subscribe",
)


async def drawn(component: str, range_: str) -> Chart:
    return chart(component, range_)


@pytest.fixture
async def reader(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Asks a watch that was put together as the process does, with a board that shows a lot."""
    settings = Settings(data=tmp_path)
    bootstrap_watch(settings)
    store = open_watch_store(tmp_path)
    parts = assemble(settings, store, MachineClock())
    board = msgspec.structs.replace(boards.alarm(), maintenances=boards.calm().maintenances)
    site = replace(parts.site, board=lambda: board, chart=drawn, dist=DIST)
    transport = httpx.ASGITransport(create_watch_app(site))
    async with httpx.AsyncClient(base_url="http://watch", transport=transport) as one:
        yield one
    parts.close()
    store.close()


async def test_whatever_a_page_names_is_there(reader: httpx.AsyncClient) -> None:
    to_read, found = {"/status"}, set[str]()
    while to_read:
        path = to_read.pop()
        found.add(path)
        answer = await reader.get(path)
        assert answer.status_code == 200, path
        if answer.headers["content-type"].startswith("text/html"):
            named = {html.unescape(one) for one in NAMED.findall(answer.text)}
            to_read |= named - found
    for beginning in PARTS:
        assert any(one.startswith(f"/status/{beginning}") for one in found), beginning
