"""The browser that set-up found: it starts and plays AAC in MSE."""

import pytest
from playwright.async_api import Browser, Page
from scripts import chromium
from tests.browser.conftest import Launch

pytestmark = pytest.mark.browser


async def _page(browser: Browser) -> Page:
    page = await browser.new_page()
    await page.goto("data:text/html,<title>here</title>")
    return page


async def test_it_plays_aac_in_fragmented_mp4(launch: Launch) -> None:
    page = await _page(await launch())
    plays = "mime => MediaSource.isTypeSupported(mime)"
    assert await page.evaluate(plays, chromium.MIME) is True
    assert await page.evaluate(plays, 'audio/mp4; codecs="nonsense"') is False


def test_set_up_has_nothing_against_it(chromium_path: str) -> None:
    assert chromium.objection(chromium_path) is None


def test_set_up_says_why_a_program_that_is_no_browser_will_not_do() -> None:
    against = chromium.objection("/bin/false")
    assert against is not None
    assert against.startswith("does not start: ")
