"""hls.js in a real Chromium: the sound goes on, and the notices in it reach the page."""

import asyncio
import statistics
from collections.abc import Iterator

import pytest
from playwright.async_api import Route, expect
from tests import figures
from tests.browser.conftest import Launch
from tests.browser.visits import FACTS, PLAYING, Visit, heard_past, kill, talking, visit
from tests.browser.waiting import until
from tests.house import Created, House

pytestmark = [pytest.mark.browser, pytest.mark.house, pytest.mark.timeout(120)]

SETTLED_S = 3.0
"""After this a player has found its place behind the newest part."""
STEADY_S = 6.0
LATENCY_S_MAX = 2.5
"""Median, by parts of 320 ms: the stage, three parts of hold-back, two requests a part."""
SAMPLE_S = 0.25
BUFFERED = "document.querySelector('audio').buffered.length"


@pytest.fixture(scope="module")
def show(house: House) -> Iterator[Created]:
    """A live space in which Ada never stops talking."""
    made = house.create_space("Segments")
    with talking(house, made, "Ada"):
        yield made
    house.cli("space", "end", made.id)


async def latencies(one: Visit, seconds: float) -> list[float]:
    """How far behind the stage the sound is, again and again while it plays for so long."""
    start = (await one.facts())["current_s"]
    found: list[float] = []
    async with asyncio.timeout(3 * seconds):
        while True:
            facts = await one.facts()
            found.append(facts["latency_s"])
            if facts["current_s"] > start + seconds:
                return found
            await asyncio.sleep(SAMPLE_S)


async def playing(launch: Launch, show: Created) -> Visit:
    one = await visit(await launch(), f"{show.listen_url}?transport=hlsjs")
    await one.page.get_by_role("button", name="Listen").click()
    await until(one.page, PLAYING, 30)
    return one


async def test_it_plays_parts_close_to_the_stage_and_shows_what_travels_in_them(
    launch: Launch, show: Created
) -> None:
    one = await playing(launch, show)
    page = one.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    start = await one.facts()
    assert start["transport"] == "hlsjs"
    await until(page, heard_past(start["current_s"] + SETTLED_S), 40)
    settled = await one.facts()
    behind = await latencies(one, STEADY_S)
    await until(page, f"{FACTS}.notices.stage > 0 && {FACTS}.notices.count > 0", 30)
    await until(page, f"{FACTS}.people.some((one) => one.name === 'Ada' && one.speaking)", 30)
    await expect(page.get_by_role("listitem").filter(has_text="Ada")).to_contain_text("speaking")
    end = await one.facts()
    codecs = {url.split("/")[-2] for url in asked if "/part-" in url}
    figures.show(
        {
            "transport": "LL-HLS",
            "latency_s": statistics.median(behind),
            "latency_max_s": max(behind),
            "stalls": end["stalls"],
            "stalls_settled": end["stalls"] - settled["stalls"],
            "notices": end["notices"],
            "codecs": sorted(codecs),
        }
    )
    assert end["stalls"] == settled["stalls"], end
    assert end["stalls"] <= 1, end
    assert 0 < statistics.median(behind) <= LATENCY_S_MAX, behind
    assert sum("/part-" in url for url in asked) > STEADY_S, "it plays parts"
    assert any("_HLS_part=" in url for url in asked)
    assert len(codecs) == 1, "one encoding from start to end"
    assert not any("push.mp4" in url for url in asked)
    assert one.complaints == []


async def test_it_changes_edges_in_mid_play_and_nobody_hears_it(
    launch: Launch, house: House, show: Created
) -> None:
    one = await playing(launch, show)
    page = one.page
    here = str((await one.facts())["base"])
    ports = [row["address"].rpartition(":")[2] for row in house.ps() if row["role"] == "edge"]
    there = next(f"http://localhost:{port}" for port in ports if not here.endswith(port))
    await until(page, heard_past((await one.facts())["current_s"] + SETTLED_S), 40)
    before = await one.facts()
    moved: list[str] = []

    async def elsewhere(route: Route) -> None:
        moved.append(route.request.url)
        await route.continue_(url=route.request.url.replace(here, there))

    await page.route(lambda url: url.startswith(f"{here}/live/{show.id}/"), elsewhere)
    behind = await latencies(one, STEADY_S)
    after = await one.facts()
    figures.show(
        {"edges": [here, there], "moved": len(moved), "latency_s": statistics.median(behind)}
    )
    assert sum("/part-" in url for url in moved) > STEADY_S
    assert after["stalls"] == before["stalls"]
    assert (after["jumps"], after["connections"]) == (before["jumps"], before["connections"])
    assert await page.evaluate(BUFFERED) == 1, "no hole at the change"
    assert one.complaints == []


async def test_hold_audio_of_the_edge_fills_a_dead_studios_silence(
    launch: Launch, house: House, show: Created
) -> None:
    one = await playing(launch, show)
    page = one.page
    await until(page, heard_past((await one.facts())["current_s"] + SETTLED_S), 40)
    before = await one.facts()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    kill(house, "studio")
    behind = await latencies(one, STEADY_S)
    after = await one.facts()
    fills = [url for url in asked if "/fillpart-" in url]
    figures.show({"fills": len(fills), "latency_max_s": max(behind), "stalls": after["stalls"]})
    assert fills
    assert after["stalls"] == before["stalls"]
    assert after["connections"] == before["connections"]
    assert await page.evaluate(BUFFERED) == 1, "no hole where the sound turns"
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
