"""The watch's pages in a real Chromium: seen, read by axe, without a script, and reported from."""

import contextlib
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Literal
from urllib.parse import urlsplit

import altcha
import msgspec
import pytest
from playwright.async_api import Browser, Page, Route, expect
from tests.browser.conftest import Launch
from tests.browser.hall import Picture, fits_and_is_accessible, picture
from tests.browser.visits import overflow_px, violations, visit
from tests.fakes import boards
from tests.fakes.watching import Watch, watching
from tests.house import House

from rostra.watch.board import Attribution, Board
from rostra.watch.kinds import Kind
from rostra.watch.pages.links import SERVED
from rostra.watch.pages.world_map import tiles

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

RISE = {"sound": {"rise": 6.4, "failing": 1}}
FLOOD = {"sound": {"rise": 6.4, "unproven": 40}}
LONG = "Donaudampfschifffahrtsgesellschaftskapitän and everything that hangs on it, at all hours"
COLUMNS = max(column for column, _ in tiles().values()) + 1
KEY, KEY_OF_KEYS = "k" * 32, "q" * 32


@pytest.fixture
async def browser(launch: Launch) -> Browser:
    return await launch()


@pytest.fixture
async def watch() -> AsyncIterator[Watch]:
    async with watching(Watch(boards.alarm(), traits=RISE)) as one:
        yield one


def with_reasons(board: Board, *reasons: str) -> Board:
    """The board whose first component and incident are attributed for these reasons."""
    why = Attribution(board.components[0].attribution.word, reasons)
    first = msgspec.structs.replace(board.components[0], attribution=why)
    incident = msgspec.structs.replace(board.incidents[0], attribution=why)
    return msgspec.structs.replace(
        board,
        components=(first, *board.components[1:]),
        incidents=(incident, *board.incidents[1:]),
    )


def heard(board: Board) -> Board:
    """The board whose first component is the one that a listener's trouble is about."""
    first = msgspec.structs.replace(board.components[0], id="listening", name="Listening")
    return msgspec.structs.replace(board, components=(first, *board.components[1:]))


def named(board: Board, name: str) -> Board:
    long = [
        msgspec.structs.replace(one, name=f"{name} {one.id}", group=name[:60])
        for one in board.components
    ]
    return msgspec.structs.replace(board, name=name, components=tuple(long))


@contextlib.contextmanager
def foreign(body: str) -> Iterator[str]:
    """Another site, which serves this one page."""

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        serving = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        serving.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            serving.join()


async def test_every_page_fits_and_is_accessible(browser: Browser, watch: Watch) -> None:
    watch.board = named(with_reasons(boards.alarm(), "one_place_only"), LONG)
    one = await visit(browser, f"{watch.origin}{SERVED}", width=360)
    assert await overflow_px(one.page) <= 0
    await fits_and_is_accessible(one.page)
    for path in ("/c/sound", "/incidents/in-open", "/history", "/report", "/method", "/none"):
        await one.page.goto(f"{watch.origin}{SERVED}{path}")
        assert await overflow_px(one.page) <= 0, path
        assert await violations(one.page) == [], path
    await one.page.emulate_media(color_scheme="dark")
    for path in ("/report", ""):
        await one.page.goto(f"{watch.origin}{SERVED}{path}")
        assert await violations(one.page) == [], path
    assert one.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_map_can_be_read_on_a_phone_without_a_script(
    browser: Browser, watch: Watch, scheme: Literal["light", "dark"]
) -> None:
    one = await visit(browser, f"{watch.origin}{SERVED}/c/sound", width=360, color_scheme=scheme)
    said = "Map of the world with reports from 3 countries or territories, most of all: Spain."
    world = one.page.get_by_role("img", name=said)
    await expect(world).to_be_visible()
    assert await overflow_px(one.page) <= 0
    assert await violations(one.page) == []
    assert one.complaints == []
    box = await world.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["width"] >= 340
    codes = world.locator("text")
    assert await codes.all_text_contents() == ["US", "GB", "ES"]
    for code in await codes.all():
        wide = await code.bounding_box()
        assert wide is not None
        # As wide as can be read, and no wider than a tile with half a gap on each side.
        assert 8 < wide["width"] <= box["width"] / COLUMNS
    context = await browser.new_context(java_script_enabled=False, locale="es-ES")
    page = await context.new_page()
    await page.goto(f"{watch.origin}{SERVED}/c/sound")
    await expect(page.get_by_role("img", name="Mapa del mundo con avisos de 3")).to_be_visible()
    await expect(page.get_by_role("listitem").filter(has_text="España (MD)")).to_be_visible()


async def test_the_page_needs_no_script(browser: Browser, watch: Watch) -> None:
    context = await browser.new_context(java_script_enabled=False, locale="es-ES")
    page = await context.new_page()
    await page.goto(f"{watch.origin}{SERVED}")
    await expect(page.get_by_role("heading", level=1)).to_have_text('Silence in "Live sound"')
    chart = page.get_by_role("img", name="Live sound, Las últimas 24 horas")
    box = await chart.bounding_box()
    assert box is not None
    assert box["width"] > 300
    assert box["height"] > 60
    await page.get_by_role("link", name="Tengo un problema").click()
    await page.get_by_label("Live sound").check()
    await page.get_by_label("No hay sonido").check()
    await page.get_by_label("Tu país").select_option("Chile")
    await page.get_by_role("button", name="Enviar el aviso").click()
    await expect(page.get_by_role("heading", name="Gracias")).to_be_visible()
    [report] = watch.reports
    assert (report.component, report.kind, report.place) == ("sound", Kind.NO_SOUND, "CL")


async def test_a_chart_answers_a_pointer_and_the_table_has_its_numbers(
    browser: Browser, watch: Watch
) -> None:
    one = await visit(browser, f"{watch.origin}{SERVED}", width=1280)
    figure = one.page.locator("figure.chart").first
    assert await one.page.locator(".uplot").count() == 0
    await figure.hover()
    await expect(figure.locator(".uplot canvas")).to_be_visible()
    await figure.hover(position={"x": 300, "y": 60})
    await expect(figure.locator(".tip")).to_contain_text("unusual above")
    await one.page.goto(f"{watch.origin}{SERVED}/c/sound")
    await one.page.get_by_text("The same numbers as a table").first.click()
    await expect(one.page.get_by_role("row", name="29 November 2026, 20:00")).to_be_visible()
    assert one.complaints == []


async def test_the_page_renews_itself_and_says_when_it_cannot(
    browser: Browser, watch: Watch
) -> None:
    context = await browser.new_context()
    page = await context.new_page()
    await page.clock.install(time=datetime(2026, 11, 29, 20, 5, tzinfo=UTC))
    await page.goto(f"{watch.origin}{SERVED}")
    link = page.get_by_role("link", name="Live sound", exact=True)
    await link.focus()
    watch.board = boards.calm()
    await page.clock.run_for(36_000)
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Our probes are ok")
    await expect(page.get_by_role("status")).to_contain_text("Our probes are ok")
    await expect(link).to_be_focused()
    await page.route("**/status", lambda route: route.abort())
    await page.clock.run_for(36_000)
    await expect(page.get_by_text("The watch has not answered since")).to_be_visible()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Our probes are ok")


async def test_a_report_in_a_flood_brings_its_proof(browser: Browser, watch: Watch) -> None:
    made = altcha.create_challenge(
        "PBKDF2/SHA-256", 10, counter=40, hmac_secret=KEY, hmac_key_secret=KEY_OF_KEYS
    )
    watch.challenge = dict(made.to_dict())
    watch.board = boards.false_alarm()
    one = await visit(browser, f"{watch.origin}{SERVED}/report?component=sound")
    await expect(one.page.get_by_label("Live sound")).to_be_checked()
    await one.page.get_by_label("Echo").check()
    await one.page.get_by_role("button", name="Send the report").click()
    await expect(one.page.get_by_role("status")).to_contain_text("Your report is in, and counts.")
    assert one.page.url.endswith("/report?component=sound")
    [report] = watch.reports
    assert (report.component, report.kind, report.source) == ("sound", Kind.ECHO, "page")
    payload = altcha.Payload.from_base64(report.proof)
    assert altcha.verify_solution(payload, KEY, hmac_key_secret=KEY_OF_KEYS).verified
    assert one.complaints == []


async def test_any_site_may_carry_the_line(browser: Browser, watch: Watch) -> None:
    named_so = msgspec.structs.replace(watch.board.incidents[0], name="<i>Silence</i> & noise")
    watch.board = msgspec.structs.replace(watch.board, incidents=(named_so,))
    with foreign(f'<p>Tea</p><script src="{watch.origin}/status/banner.js" async></script>') as url:
        page = await browser.new_page()
        await page.goto(url)
        link = page.get_by_role("status").get_by_role("link")
        await expect(link).to_contain_text("<i>Silence</i> & noise")
        await expect(link).to_have_attribute("href", f"{watch.origin}{SERVED}/incidents/in-open")


async def behind_the_front_door(page: Page, watch: Watch) -> None:
    """The house's own address leads to this watch, as its front door does."""

    async def onward(route: Route) -> None:
        asked = urlsplit(route.request.url)
        answer = await route.fetch(url=f"{watch.origin}{asked.path}?{asked.query}")
        await route.fulfill(response=answer)

    await page.route(f"**{SERVED}/**", onward)


@pytest.mark.house
async def test_a_listener_says_what_goes_wrong(
    browser: Browser, house: House, watch: Watch
) -> None:
    watch.board = heard(watch.board)
    made = house.create_space("Heard badly")
    one = await visit(browser, made.listen_url, width=360)
    page = one.page
    await behind_the_front_door(page, watch)
    await page.get_by_role("button", name="I have a problem").click()
    sheet = page.get_by_role("region", name="What goes wrong for you?")
    await expect(sheet.get_by_label("Where")).to_have_value("listening")
    assert await overflow_px(page) <= 0
    assert await violations(page) == []
    await sheet.get_by_label("No sound").check()
    await sheet.get_by_role("button", name="Send the report").click()
    await expect(sheet.get_by_role("status")).to_contain_text("Your report is in, and counts.")
    await sheet.get_by_label("Send what my player knows").check()
    await expect(sheet.get_by_text("browser family")).to_be_visible()
    await sheet.get_by_role("button", name="Send the report").click()
    await expect(sheet.get_by_role("status")).to_contain_text("Your report is in, and counts.")
    await watch.has_reports(2)
    without, with_facts = watch.reports
    assert (without.source, without.facts) == ("listener", {})
    facts = with_facts.facts
    assert (facts["page"], facts["browser"], facts["state"]) == ("listen", "chromium", "idle")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="I have a problem")).to_be_focused()
    assert one.complaints == []


@pytest.mark.house
async def test_the_listeners_page_shows_the_line_and_not_at_once(
    browser: Browser, house: House, watch: Watch
) -> None:
    made = house.create_space("Seen by the watch")
    page = await browser.new_page(locale="en-GB")
    await page.clock.install()
    asked: list[str] = []
    page.on("request", lambda one: asked.append(urlsplit(one.url).path))
    await behind_the_front_door(page, watch)
    await page.goto(made.listen_url)
    await expect(page.get_by_role("button", name="I have a problem")).to_be_visible()
    await page.clock.fast_forward(59_000)
    await expect(page.get_by_role("heading", name="Seen by the watch")).to_be_visible()
    assert f"{SERVED}/banner.json" not in asked
    await page.clock.fast_forward(480_000)
    link = page.get_by_role("link", name='Silence in "Live sound": identified.')
    await expect(link).to_have_attribute("href", f"{watch.origin}{SERVED}/incidents/in-open")


@pytest.mark.parametrize(
    ("name", "board", "traits"),
    [
        ("calm", boards.calm(), {}),
        ("alarm", with_reasons(boards.alarm(), "one_place_only"), RISE),
        ("false-alarm", boards.false_alarm(), FLOOD),
    ],
)
async def test_pictures(
    browser: Browser, name: str, board: Board, traits: dict[str, dict[str, float]]
) -> None:
    async with watching(Watch(board, traits=traits)) as watch:
        one = await visit(browser, f"{watch.origin}{SERVED}", width=1280)
        await expect(one.page.get_by_role("img").first).to_be_visible()
        height = 2_060 if name == "false-alarm" else 1_180
        await picture(one.page, Picture(f"status-{name}", width=960, height=height))
        assert one.complaints == []
