"""The operators' pages in a real Chromium: read by axe, on a phone and a desk, light and dark."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect
from tests.browser.conftest import Launch
from tests.browser.hall import fits_and_is_accessible
from tests.browser.visits import overflow_px, violations, visit
from tests.integration.watch.operator_kit import TOKEN, Desk, on_a_port, opened

from rostra.watch.fact_sums import NEWEST_MAX
from rostra.watch.kinds import Kind

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

LONG = "Donaudampfschifffahrtsgesellschaftskapitän and everything that hangs on it, at all hours"
NAMES = {"page": LONG, "stream": "Live sound"}
EVENING = [
    {
        "kind": Kind.BROKEN_SOUND if number % 3 else Kind.CANNOT_JOIN,
        "place": "ES-MD" if number % 2 else "PT",
        "source": "listener",
        "proven": number % 7 != 0,
        "facts": {
            "browser": ("safari", "safari", "chromium")[number % 3],
            "edge": "edge2.example.org-8012" if number % 5 else "own",
            "network": "cellular" if number % 4 else "wifi",
            "device": "phone",
            "codec": "mp4a.40.2",
            "transport": "push",
            "state": "waiting",
            "page": "listen",
            "latency_ms": 613.4 * number,
            "stalls": number,
            "hidden": number % 2 == 0,
        }
        if number % 6
        else {},
    }
    for number in range(60)
]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with opened(tmp_path, NAMES) as one:
        yield one


@pytest.fixture
def admin(desk: Desk) -> Iterator[str]:
    with on_a_port(desk) as url:
        yield f"{url}/status/admin"


@pytest.fixture
async def browser(launch: Launch) -> Browser:
    return await launch()


async def enter(page: Page) -> None:
    await page.get_by_label("Your name, for the log").fill("Ada")
    await page.get_by_label("Token").fill(TOKEN)
    await page.get_by_role("button", name="Log in").click()
    await expect(page.get_by_role("button", name="Log out")).to_be_visible()


async def schedule(page: Page, admin: str) -> str:
    """Announce work by the form; the address of its page."""
    await page.goto(f"{admin}/maintenance")
    await page.get_by_label("Name").fill(LONG)
    await page.get_by_label("What readers are told").fill("An hour of silence.")
    await page.get_by_label("Begins (UTC)").fill("2027-01-15T13:00")
    await page.get_by_label("Ends (UTC)").fill("2027-01-15T14:00")
    await page.get_by_label("Live sound").check()
    await page.get_by_role("button", name="Announce work").click()
    await expect(page.get_by_text("Scheduled").first).to_be_visible()
    return page.url


async def suits_everybody(page: Page, path: str) -> None:
    """Nothing that axe finds serious and nothing too wide, on any screen and in both schemes."""
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        await fits_and_is_accessible(page)
        await page.set_viewport_size({"width": 360, "height": 800})
        assert await violations(page) == [], (path, scheme)
        assert await overflow_px(page) <= 0, (path, scheme)


async def test_every_page_fits_and_is_accessible(browser: Browser, desk: Desk, admin: str) -> None:
    incident = desk.alarm(told=True)
    desk.told(*EVENING)
    one = await visit(browser, admin, width=360)
    page = one.page
    await suits_everybody(page, "the way in")
    await page.get_by_role("button", name="Log in").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await suits_everybody(page, "refused")
    await enter(page)
    work = await schedule(page, admin)
    for path in (
        admin,
        f"{admin}/open",
        f"{admin}/incidents/{incident.id}",
        f"{admin}/maintenance",
        work,
        f"{admin}/components/page?range=24h&outcome=all",
        f"{admin}/components/stream",
        f"{admin}/log",
    ):
        await page.goto(path)
        for summary in await page.locator("details:not([open]) > summary").all():
            await summary.click()
        await suits_everybody(page, path)
    assert one.complaints == []


async def test_an_operator_sees_what_those_in_trouble_share(
    browser: Browser, desk: Desk, admin: str
) -> None:
    incident = desk.alarm()
    desk.told(*EVENING)
    page = (await visit(browser, admin)).page
    await enter(page)
    await page.get_by_role("link", name=incident.name).click()
    await page.get_by_role("link", name=LONG).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(LONG)
    await expect(page.locator(".shared")).to_contain_text("Edge: edge2.example.org-8012, ")
    await expect(page.locator(".lines > li")).to_have_count(NEWEST_MAX)
    await page.get_by_label("Kind").select_option("Echo")
    await page.get_by_role("button", name="Show").click()
    await expect(page.get_by_text("No report of what you chose.")).to_be_visible()
    await expect(page.get_by_role("cell", name="17")).to_be_visible()
