"""hls.js in a real Chromium: the sound goes on, and the notices in it reach the page."""

from collections.abc import Iterator

import pytest
from playwright.async_api import expect
from tests import figures
from tests.browser.conftest import Launch
from tests.browser.visits import FACTS, PLAYING, heard_past, talking, visit
from tests.browser.waiting import until
from tests.house import Created, House

pytestmark = [pytest.mark.browser, pytest.mark.house, pytest.mark.timeout(120)]

STEADY_S = 10.0
LATENCY_S_MAX = 12.0
"""Three segments of 1.92 s and what two shared cores add."""


@pytest.fixture(scope="module")
def show(house: House) -> Iterator[Created]:
    """A live space in which Ada never stops talking."""
    made = house.create_space("Segments")
    with talking(house, made, "Ada"):
        yield made
    house.cli("space", "end", made.id)


async def test_it_plays_and_shows_what_travels_in_the_segments(
    launch: Launch, show: Created
) -> None:
    one = await visit(await launch(), f"{show.listen_url}?transport=hlsjs")
    page = one.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.get_by_role("button", name="Listen").click()
    await until(page, PLAYING, 30)
    start = await one.facts()
    assert start["transport"] == "hlsjs"
    await until(page, heard_past(start["current_s"] + STEADY_S), 40)
    await until(page, f"{FACTS}.notices.stage > 0 && {FACTS}.notices.count > 0", 30)
    await until(page, f"{FACTS}.people.some((one) => one.name === 'Ada' && one.speaking)", 30)
    await expect(page.get_by_role("listitem").filter(has_text="Ada")).to_contain_text("speaking")
    end = await one.facts()
    figures.show({key: end[key] for key in ("transport", "latency_s", "stalls", "notices")})
    assert end["stalls"] <= 1, end
    assert 0 < end["latency_s"] <= LATENCY_S_MAX, end
    assert any(url.split("?")[0].endswith(".m4s") for url in asked)
    assert not any("push.mp4" in url for url in asked)
    assert one.complaints == []


async def test_the_end_reaches_it_too(launch: Launch, house: House) -> None:
    made = house.create_space("A short one")
    one = await visit(await launch(), f"{made.listen_url}?transport=hlsjs")
    await one.page.get_by_role("button", name="Listen").click()
    await until(one.page, PLAYING, 30)
    house.cli("space", "end", made.id)
    ended = one.page.get_by_text("This conversation has ended.")
    await expect(ended).to_be_visible(timeout=40_000)
    assert (await one.facts())["phase"] == "idle"
