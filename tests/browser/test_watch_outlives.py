"""The house is dead, its watch is not: a listener's open page still reaches it."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Page, expect
from tests.browser.conftest import Launch
from tests.house import House, until

pytestmark = [pytest.mark.browser, pytest.mark.house, pytest.mark.timeout(120)]

BUTTON = "I have a problem"


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[House]:
    one = House(tmp_path, edges=1, watch=True)
    one.start()
    yield one
    one.clear()


async def test_a_listener_reports_a_house_that_is_dead(launch: Launch, watched: House) -> None:
    own = f"http://localhost:{watched.port + 100}"
    until(lambda: reports(own) == 0, 30)
    listen_url = watched.create_space("Cut off").listen_url
    browser = await launch()
    looked, never = [await browser.new_page(locale="en-GB") for _ in range(2)]
    for page in (looked, never):
        await page.goto(listen_url)
        await expect(page.get_by_role("button", name=BUTTON)).to_be_visible()
    # The sheet is loaded when somebody asks for it, or with the first look at the watch's line.
    await looked.get_by_role("button", name=BUTTON).click()
    await looked.keyboard.press("Escape")
    watched.kill_all_but("watch")

    await report(looked)
    until(lambda: reports(own) == 1)
    await never.get_by_role("button", name=BUTTON).click()
    link = never.get_by_role("link", name=f"{own}/status")
    async with never.context.expect_page() as opened:
        await link.click()
    form = await opened.value
    await expect(form).to_have_url(f"{own}/status/report?lang=en")
    await expect(form.get_by_role("radio", name="No sound")).to_be_visible()


async def report(page: Page) -> None:
    await page.get_by_role("button", name=BUTTON).click()
    sheet = page.get_by_role("region", name="What goes wrong for you?")
    await sheet.get_by_label("No sound").check()
    await sheet.get_by_role("button", name="Send the report").click()
    await expect(sheet.get_by_role("status")).to_contain_text("Your report is in, and counts.")


def reports(own: str) -> int | None:
    """How many the watch counted at its own address, or None while it is not there."""
    try:
        told = httpx.get(f"{own}/status/board.json", trust_env=False, timeout=10).json()
    except httpx.TransportError:
        return None
    return sum(int(one["level"]["reports"]) for one in told["components"])
