import asyncio
import json
from collections.abc import AsyncIterator, Callable
from functools import partial

import httpx
import msgspec
import pytest
import pytest_asyncio
from tests.fakes import boards
from tests.integration.watch.board_server import BoardServer, serving

from rostra.watch.board import Board
from rostra.watch.published import MAX_AGE_S, Printed
from rostra.watch.statuspage import document


@pytest_asyncio.fixture
async def server() -> AsyncIterator[BoardServer]:
    async with serving(boards.maintenance()) as one:
        yield one


@pytest_asyncio.fixture
async def client(server: BoardServer) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{server.url}/status") as one:
        yield one


async def test_every_public_file_of_a_board_is_at_its_path(
    server: BoardServer, client: httpx.AsyncClient
) -> None:
    printed = Printed(server.board)
    for path in printed.paths():
        answer = await client.get(f"/{path}")
        made = printed.get(path)
        assert made is not None
        assert (answer.status_code, answer.content) == (200, made.body), path
        assert answer.headers["content-type"] == made.media
        assert answer.headers["etag"] == made.etag
        assert answer.headers["cache-control"] == f"public, max-age={MAX_AGE_S}"
        assert answer.headers["access-control-allow-origin"] == "*"
    name = "scheduled-maintenances/active"
    answer = await client.get(f"/api/v2/{name}.json")
    assert answer.json() == document(server.board, name)


async def test_who_has_the_newest_is_told_so_until_something_changes(
    server: BoardServer, client: httpx.AsyncClient
) -> None:
    first = await client.get("/api/v2/summary.json")
    tag = first.headers["etag"]
    for asked in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = await client.get("/api/v2/summary.json", headers={"If-None-Match": asked})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
        assert again.headers["access-control-allow-origin"] == "*"
    later = server.board.utc_us + boards.MINUTE
    server.board = msgspec.structs.replace(server.board, utc_us=later)
    same = await client.get("/api/v2/summary.json", headers={"If-None-Match": tag})
    assert same.status_code == 304
    server.board = boards.alarm()
    other = await client.get("/api/v2/summary.json", headers={"If-None-Match": tag})
    assert other.status_code == 200
    assert other.headers["etag"] != tag


async def test_a_head_has_the_length_and_no_body(client: httpx.AsyncClient) -> None:
    whole = await client.get("/history.rss")
    head = await client.head("/history.rss")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(whole.content))
    assert head.headers["etag"] == whole.headers["etag"]


async def test_other_sites_may_ask_with_a_condition(client: httpx.AsyncClient) -> None:
    answer = await client.options("/api/v2/summary.json", headers={"Origin": "https://o.example"})
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "If-None-Match" in answer.headers["access-control-allow-headers"]


@pytest.mark.parametrize(
    "path",
    ["/api/v2/components/nobody.json", "/api/v2/incidents/...json", "/c/nobody/badge.svg"],
)
async def test_what_there_is_not_is_said_in_both_languages(
    client: httpx.AsyncClient, path: str
) -> None:
    english = await client.get(path)
    spanish = await client.get(path, headers={"Accept-Language": "es"})
    assert english.status_code == spanish.status_code == 404
    assert english.json()["error"]["sentence"].startswith("There is nothing at this address.")
    assert spanish.json()["error"]["sentence"].startswith("En esta dirección no hay nada.")
    assert english.headers["access-control-allow-origin"] == "*"


async def test_nothing_is_written_here(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v2/summary.json")
    assert answer.status_code == 405


async def test_a_badge_that_is_opened_as_a_page_runs_nothing(client: httpx.AsyncClient) -> None:
    answer = await client.get("/badge.svg")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"


async def test_a_file_is_made_once_a_board_and_not_once_a_request(
    server: BoardServer, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    class Counted(Printed):
        def __init__(self, board: Board) -> None:
            super().__init__(board)
            made.append("board")
            self._makers = {
                path: partial(counted, path, make) for path, make in self._makers.items()
            }

    def counted(path: str, make: Callable[[], bytes]) -> bytes:
        made.append(path)
        return make()

    monkeypatch.setattr("rostra.web.watch_files.Printed", Counted)
    paths = ["/api/v2/summary.json", "/badge.svg"] * 10
    await asyncio.gather(*(client.get(path) for path in paths))
    assert sorted(made) == ["api/v2/summary.json", "badge.svg", "board"]
    server.board = boards.calm()
    answer = await client.get("/api/v2/summary.json")
    assert json.loads(answer.content)["scheduled_maintenances"] == []
    assert made.count("board") == 2
