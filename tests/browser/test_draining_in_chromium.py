"""A listener in a real Chromium while their edge is emptied, and what all hear of a reaction."""

import asyncio

import httpx
import pytest
from playwright.async_api import expect
from tests.browser.conftest import Launch
from tests.browser.visits import FACTS, PLAYING, heard_past, visit
from tests.browser.waiting import until
from tests.house import House
from tests.house import until as until_true

pytestmark = [pytest.mark.browser, pytest.mark.house, pytest.mark.timeout(120)]

WITHIN_S = 2


def known(port: str) -> int:
    """How many edges the one at `port` knows."""
    return len(httpx.get(f"http://127.0.0.1:{port}/live/edges.json").json()["edges"])


async def test_no_sound_is_lost_and_reactions_come_back_to_all(
    launch: Launch, own_house: House
) -> None:
    own_house.start()
    made = own_house.create_space("A move in the evening")
    ports = sorted(
        row["address"].rsplit(":", 1)[1] for row in own_house.ps() if row["role"] == "edge"
    )
    # A page may connect to the edges that its own edge knew when it was served.
    until_true(lambda: all(known(port) == len(ports) for port in ports))
    one = await visit(await launch(), made.listen_url)
    page = one.page
    await page.get_by_role("button", name="Listen").click()
    await until(page, PLAYING)
    await until(page, heard_past((await one.facts())["current_s"] + 2.0))
    before = await one.facts()
    name = f"edge-{ports.index(before['base'].rsplit(':', 1)[1])}"
    drained = await asyncio.to_thread(
        own_house.cli, "edge", "--drain", name, "--within", str(WITHIN_S), "--json"
    )
    assert drained.returncode == 0, drained.stderr
    await until(page, f"{FACTS}.connections > {before['connections']}")
    await until(page, heard_past((await one.facts())["current_s"] + 2.0))
    after = await one.facts()
    assert after["base"] != before["base"]
    assert after["connections"] == before["connections"] + 1, after
    assert [after[key] - before[key] for key in ("stalls", "jumps", "attempt")] == [0, 0, 0], after

    await page.get_by_role("button", name="React").click()
    await page.get_by_role("button", name="Applause").click()
    await until(page, f"{FACTS}.notices.reactions > 0")
    await page.get_by_role("button", name="Raise hand").click()
    hand = page.get_by_role("button", name="Hand is up")
    await expect(hand).to_have_attribute("aria-pressed", "true")
    assert one.complaints == []
