"""The watch's pages over HTTP: languages, caching, assets, what is not there, and the frame."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import msgspec
import pytest
from tests.fakes import boards
from tests.fakes.watching import Watch, watching

from rostra.watch.board import Board, Chart
from rostra.watch.pages.assets import Assets
from rostra.web.watch_assets import DOCUMENT_BYTES_MAX, assets_of
from rostra.web.watch_pages import PAGE_AGE_S
from rostra.web.watch_rendering import BEHIND_US_MAX, DRAWING_S, PAGES_MAX, Rendering
from rostra.web.watch_site import Site

HTML = "text/html; charset=utf-8"


@pytest.fixture
async def watch() -> AsyncIterator[Watch]:
    async with watching(Watch(boards.alarm())) as one:
        yield one


@pytest.fixture
async def reader(watch: Watch) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=watch.origin, trust_env=False) as one:
        yield one


def rendering(watch: Watch) -> Rendering:
    return Rendering(Site(watch.clock, lambda: watch.board, watch.chart))


@pytest.mark.parametrize(
    "path",
    [
        "/status",
        "/status/c/sound",
        "/status/incidents/in-open",
        "/status/history",
        "/status/method",
        "/status/report",
    ],
)
async def test_every_page_says_its_language_and_lets_nothing_foreign_in(
    reader: httpx.AsyncClient, path: str
) -> None:
    answer = await reader.get(path, headers={"accept-language": "es-MX,es;q=0.9"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == HTML
    assert answer.headers["content-language"] == "es"
    assert answer.headers["vary"] == "Accept-Language"
    assert answer.headers["cache-control"] == f"public, max-age={PAGE_AGE_S}"
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    again = await reader.get(
        path, headers={"accept-language": "es", "if-none-match": answer.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    chosen = await reader.get(f"{path}?lang=en", headers={"accept-language": "es"})
    assert chosen.headers["content-language"] == "en"
    head = await reader.head(path)
    assert (head.status_code, head.content) == (200, b"")


async def test_the_watchs_own_address_leads_to_the_page(reader: httpx.AsyncClient) -> None:
    answer = await reader.get("/")
    assert (answer.status_code, answer.headers["location"]) == (307, "/status")


@pytest.mark.parametrize(
    "path", ["/status/c/none", "/status/incidents/none", "/status/c/", "/status/a/b/c"]
)
async def test_what_is_not_there_is_a_page_that_leads_back(
    reader: httpx.AsyncClient, path: str
) -> None:
    answer = await reader.get(path)
    assert answer.status_code == 404
    assert answer.headers["cache-control"] == "no-store"
    assert 'href="/status"' in answer.text
    assert "There is nothing at this address." in answer.text


async def test_a_page_changes_with_the_board(watch: Watch, reader: httpx.AsyncClient) -> None:
    before = await reader.get("/status")
    assert "Silence in" in before.text
    watch.board = boards.calm()
    after = await reader.get("/status", headers={"if-none-match": before.headers["etag"]})
    assert after.status_code == 200
    assert "Our probes are ok" in after.text


async def test_the_form_keeps_what_a_link_chose(reader: httpx.AsyncClient) -> None:
    chosen = await reader.get("/status/report", params={"component": "desk", "kind": "echo"})
    assert 'value="desk" required checked' in chosen.text
    assert 'value="echo" required checked' in chosen.text
    assert chosen.headers["cache-control"] == "no-store"


async def test_who_sent_the_form_without_a_script_is_thanked(reader: httpx.AsyncClient) -> None:
    sent = await reader.post(
        "/status/report", data={"component": "sound", "kind": "echo"}, follow_redirects=True
    )
    assert "Thank you. Your report is in." in sent.text
    unproven = await reader.get("/status/report", params={"sent": "unproven"})
    assert "With JavaScript the form computes" in unproven.text


KEY = ("/status", "en", "")


class Drawer:
    """Draws a page when the test lets it, and counts."""

    def __init__(self, *, open_: bool = True) -> None:
        self.go = asyncio.Event()
        self.drawn = 0
        if open_:
            self.go.set()

    async def __call__(self, board: Board) -> str:
        self.drawn += 1
        await self.go.wait()
        return board.name


async def test_many_who_ask_at_once_cost_one_drawing(watch: Watch) -> None:
    kept, draw = rendering(watch), Drawer()
    pages = await asyncio.gather(*(kept.page(KEY, draw) for _ in range(20)))
    assert len({page.etag for page in pages if page}) == 1
    await kept.page(KEY, draw)
    assert draw.drawn == 1
    watch.board = boards.calm()
    await asyncio.gather(*(kept.page(KEY, draw) for _ in range(20)))
    assert draw.drawn == 2


async def test_a_page_that_is_slow_to_draw_is_the_one_before_it_for_a_while(watch: Watch) -> None:
    kept, slow = rendering(watch), Drawer(open_=False)
    before = await kept.page(KEY, Drawer())
    watch.board = boards.calm()
    assert await kept.page(KEY, slow) is before
    watch.clock.utc_us += BEHIND_US_MAX
    assert await kept.page(KEY, slow) is before
    watch.clock.utc_us += 1
    waiting = asyncio.create_task(kept.page(KEY, slow))
    _, unanswered = await asyncio.wait({waiting}, timeout=3 * DRAWING_S)
    assert unanswered, "a page that is older is not shown"
    slow.go.set()
    after = await waiting
    assert after is not None
    assert (after.board, slow.drawn) == (watch.board, 1)


async def test_the_page_of_an_older_board_takes_no_newer_ones_place(watch: Watch) -> None:
    kept, slow = rendering(watch), Drawer(open_=False)
    first = asyncio.create_task(kept.page(KEY, slow))
    await asyncio.sleep(0)
    watch.board = boards.calm()
    newer = await kept.page(KEY, Drawer())
    slow.go.set()
    assert await first is not newer, "who asked then gets what was true then"
    assert await kept.page(KEY, slow) is newer


async def test_what_is_kept_is_bounded(watch: Watch) -> None:
    kept, draw = rendering(watch), Drawer()
    for n in range(PAGES_MAX + 5):
        await kept.page((f"/status/c/{n}", "en", ""), draw)
    assert len(kept._pages) == PAGES_MAX
    assert not kept._drawing


async def test_a_page_that_cannot_be_drawn_is_asked_for_again(watch: Watch) -> None:
    class RefusedError(Exception):
        pass

    async def refuse(_board: Board) -> str:
        raise RefusedError

    kept = rendering(watch)
    for _ in range(2):
        with pytest.raises(RefusedError):
            await kept.page(KEY, refuse)
    assert not kept._drawing


async def test_a_chart_is_given_as_the_page_names_it(
    watch: Watch, reader: httpx.AsyncClient
) -> None:
    page = await reader.get("/status/c/sound")
    [day, long] = re.findall(r'data-src="([^"]+)"', page.text)
    for address, range_ in ((day, "24h"), (long, "90d")):
        found = await reader.get(address)
        assert (found.status_code, found.headers["cache-control"]) == (200, "public, max-age=30")
        assert msgspec.json.decode(found.content, type=Chart) == await watch.chart("sound", range_)
        again = await reader.get(address, headers={"if-none-match": found.headers["etag"]})
        assert again.status_code == 304


async def test_assets_are_served_for_a_year_and_nothing_beside_them(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "secret").write_text("no")
    (tmp_path / "assets" / "status-1.js").write_text("1")
    (tmp_path / "assets" / "banner.js").write_text("2")
    watch = Watch(boards.calm(), dist=tmp_path)
    async with watching(watch), httpx.AsyncClient(base_url=watch.origin, trust_env=False) as one:
        found = await one.get("/status/assets/status-1.js")
        assert found.status_code == 200
        assert "immutable" in found.headers["cache-control"]
        banner = await one.get("/status/banner.js")
        assert banner.headers["access-control-allow-origin"] == "*"
        assert "immutable" not in banner.headers["cache-control"]
        for name in ("..%2Fsecret", ".hidden", "none.js", "%00"):
            assert (await one.get(f"/status/assets/{name}")).status_code == 404


def test_a_document_that_is_not_ours_gives_no_assets(tmp_path: Path) -> None:
    document = tmp_path / "status.html"
    script = '<script type="module" src="./assets/status-1.js"></script><!--rostra:status-->'
    document.write_text(" " * DOCUMENT_BYTES_MAX + script)
    assets_of.cache_clear()
    assert assets_of(tmp_path) == Assets()
    assert assets_of(None) == Assets()
    assert assets_of(tmp_path / "none") == Assets()


async def test_a_watch_without_built_files_says_the_same() -> None:
    watch = Watch(boards.alarm(), dist=None)
    async with watching(watch), httpx.AsyncClient(base_url=watch.origin, trust_env=False) as one:
        page = (await one.get("/status")).text
        assert "<script" not in page
        assert "failing since" in page
        assert (await one.get("/status/banner.js")).status_code == 404


async def test_a_name_with_markup_is_only_a_name(watch: Watch, reader: httpx.AsyncClient) -> None:
    watch.board = msgspec.structs.replace(watch.board, name="<b>Tea</b>")
    assert "<b>" not in (await reader.get("/status")).text
