"""What an edge does under load, as a listener in a real Chromium meets it; and their own hand."""

import json
from collections.abc import Iterator

import pytest
from playwright.async_api import Page, Route, expect
from tests.browser.conftest import Launch
from tests.browser.evening import Evening, evening
from tests.browser.visits import FACTS, PLAYING, Visit, heard_past, overflow_px, violations, visit
from tests.browser.waiting import until

from rostra.delivery.elastic import RELIEFS, Relief
from rostra.domain.grid import TICK_MESSAGES

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

LEAD_S = 4.1
"""What an edge leaves players for 3 to 9 messages where it is urgent."""
GROWN_S = 0.85
"""How far behind a listener is, at least, for a tick of 960 ms not to run dry."""
STEP = {relief: len(TICK_MESSAGES) + at for at, relief in enumerate(RELIEFS)}


@pytest.fixture(scope="module")
def edge() -> Iterator[Evening]:
    with evening() as one:
        yield one


@pytest.fixture
def hall(edge: Evening) -> Evening:
    """An edge that is at ease."""
    edge.climb(0)
    edge.retick(3)
    return edge


async def listens(one: Visit) -> Page:
    """Press Listen; there is no front door here whose ways could be tried."""
    await one.page.route("**/live/edges.json", lambda route: route.fulfill(json={"edges": []}))
    await one.page.get_by_role("button", name="Listen").click()
    return one.page


async def plays_on(page: Page, seconds: float) -> None:
    now = float(await page.evaluate(f"{FACTS}.current_s"))
    await until(page, heard_past(now + seconds))


async def test_no_change_of_the_tick_is_heard_as_a_gap(launch: Launch, hall: Evening) -> None:
    page = await listens(await visit(await launch(), hall.url))
    await until(page, PLAYING)
    await plays_on(page, 1.0)
    before = await page.evaluate(FACTS)
    hall.retick(9, LEAD_S)
    await until(page, f"{FACTS}.rate < 0.99")
    assert 0.75 <= float(await page.evaluate(f"{FACTS}.rate")) < 1
    await plays_on(page, LEAD_S + 1.5)
    grown = await page.evaluate(FACTS)
    assert (grown["stalls"], grown["jumps"]) == (before["stalls"], before["jumps"]), grown
    assert grown["latency_s"] >= GROWN_S, grown
    hall.retick(3)
    await until(page, f"{FACTS}.rate > 1")
    await until(page, f"{FACTS}.latency_s < {grown['latency_s'] - 0.1}")
    after = await page.evaluate(FACTS)
    assert (after["stalls"], after["jumps"]) == (before["stalls"], before["jumps"]), after
    assert after["connections"] == 1


async def test_who_joins_at_the_longest_tick_without_a_burst_hears_no_gap(
    launch: Launch, hall: Evening
) -> None:
    hall.retick(18)
    hall.climb(STEP[Relief.NO_BURST])
    page = await listens(await visit(await launch(), hall.url))
    await until(page, PLAYING)
    await plays_on(page, 4.0)
    facts = await page.evaluate(FACTS)
    assert (facts["stalls"], facts["connections"]) == (0, 1), facts
    assert facts["codec"] == "opus", "the house has it, and Chromium takes it"


async def test_an_edge_that_offers_hls_is_taken_at_its_word(launch: Launch, hall: Evening) -> None:
    hall.climb(STEP[Relief.OFFER_HLS])
    one = await visit(await launch(), hall.url)
    page = await listens(one)
    await until(page, PLAYING)
    assert (await one.facts())["transport"] == "hlsjs"
    await expect(page.get_by_text("you hear the steadier stream")).to_be_visible()
    assert one.complaints == []


async def test_who_waits_is_told_where_and_begins_by_itself(launch: Launch, hall: Evening) -> None:
    hall.climb(STEP[Relief.WAIT])
    one = await visit(await launch(), hall.url)
    page = await listens(one)
    await expect(page.get_by_text("You are about number")).to_be_visible()
    await expect(page.get_by_text("The house is full at the moment.")).to_be_visible()
    assert await page.get_by_role("alert").count() == 0
    assert await violations(page) == []
    hall.climb(0)
    # Other edges are asked first; here the way through the page's own origin is the same one.
    await until(page, PLAYING, 30)
    await expect(page.get_by_text("You are about number")).to_be_hidden()


async def test_reactions_and_the_hand_by_keyboard_and_within_a_phone(
    launch: Launch, hall: Evening
) -> None:
    sent: list[dict[str, object]] = []
    status = 202

    async def take(route: Route) -> None:
        sent.append(json.loads(route.request.post_data or "null"))
        await route.fulfill(status=status, json={"ok": status == 202})

    one = await visit(await launch(), f"{hall.url}?codec=aac", width=320)
    page = one.page
    for what in ("reactions", "hands"):
        await page.route(f"**/live/hall/{what}*", take)
    await listens(one)
    await until(page, PLAYING)
    assert (await one.facts())["codec"] == "aac"
    react, hand = page.get_by_role("button", name="React"), page.get_by_role("button", name="hand")
    await react.press("Enter")
    await page.keyboard.press("Tab")
    choices = page.get_by_role("group", name="Reactions")
    await expect(choices.get_by_role("button").first).to_be_focused()
    await page.get_by_role("button", name="Share").focus()
    await expect(choices).to_be_hidden()
    await expect(react).not_to_have_attribute("aria-controls", "reactions")
    await react.press("Enter")
    await expect(react).to_have_attribute("aria-controls", "reactions")
    for name in ("Applause", "Wow", "Heart"):
        await page.get_by_role("button", name=name).press("Enter")
    await expect(react).to_have_attribute("aria-expanded", "true")
    assert await violations(page) == []
    assert await overflow_px(page) == 0
    await page.keyboard.press("Escape")
    await expect(react).to_be_focused()
    await expect(choices).to_be_hidden()
    await hand.click()
    await expect(page.get_by_role("button", name="Hand is up")).to_have_attribute(
        "aria-pressed", "true"
    )
    ids = {str(one["listener"]) for one in sent}
    assert [{**one, "listener": ""} for one in sent] == [
        {"reaction": "clap", "listener": ""},
        {"reaction": "wow", "listener": ""},
        {"up": True, "listener": "", "claim": sent[-1]["claim"]},
    ], "the third within a second is not sent"
    assert len(ids) == 1
    assert len(ids.pop()) >= 22
    status = 429
    await page.get_by_role("button", name="Hand is up").click()
    await expect(page.get_by_text("That was a lot at once.")).to_be_visible()
    await expect(page.get_by_role("button", name="Hand is up")).to_be_visible()
    assert one.complaints == []
