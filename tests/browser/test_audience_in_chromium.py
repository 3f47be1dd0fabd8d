"""Questions, a poll, captions, a hand and its invitation in a real Chromium, and a lost network."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect
from tests.browser.conftest import Launch
from tests.browser.evening import Evening, evening
from tests.browser.visits import FACTS, PLAYING, heard_past, overflow_px, violations, visit
from tests.browser.waiting import until
from tests.browser.wire import wire
from tests.until import until as until_true

from rostra.wire.messages import SpaceTally
from rostra.wire.states import Poll, Question

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

QUESTION = {"id": "0123456789abcdef", "text": "Why bees?", "name": "Cy", "backs": 3}
POLL = {"id": "p1", "question": "Tea?", "choices": ["Yes", "No"], "votes": [3, 1], "open": True}
MUTED = "document.querySelector('audio').muted"


@pytest.fixture(scope="module")
def hall() -> Iterator[Evening]:
    with evening() as one:
        one.become(
            questions_mode="open",
            questions=(Question("0123456789abcdef", "Why bees?", "Cy", 3, "shown"),),
            poll=Poll("p1", "Tea?", ("Yes", "No"), (3, 1)),
        )
        yield one


async def listens(page: Page) -> None:
    await page.route("**/live/edges.json", lambda route: route.fulfill(json={"edges": []}))
    await page.get_by_role("button", name="Listen").click()
    await until(page, PLAYING)


async def told(hall: Evening, what: Callable[[SpaceTally], object]) -> SpaceTally:
    """The first row of the edge's tallies of which this is true."""
    await until_true(lambda: any(map(what, hall.told())))
    return next(row for row in hall.told() if what(row))


async def test_a_listener_asks_backs_votes_and_reads(launch: Launch, hall: Evening) -> None:
    one = await visit(await launch(), hall.url)
    page = one.page
    await listens(page)
    await page.get_by_role("button", name="Yes").click()
    await expect(page.get_by_role("button", name="Yes")).to_have_attribute("aria-pressed", "true")
    await page.get_by_role("button", name="I want this asked").click()
    await expect(page.get_by_role("button", name="You want this asked")).to_be_disabled()
    await page.get_by_role("button", name="Ask a question").click()
    await page.get_by_label("Your question").fill("And\nants?")
    assert await violations(page) == []
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_text("Your question appears in a moment.")).to_be_visible()
    assert (await told(hall, lambda row: row.votes)).votes["p1"].keys() == {0}
    asked = (await told(hall, lambda row: row.questions)).questions
    assert list(asked.values()) == [("And ants?", "")]

    own = {"id": next(iter(asked)), "text": "And ants?", "name": "", "backs": 1, "state": "shown"}
    hall.notices.append(
        ("questions", {"mode": "off", "list": [QUESTION | {"state": "answered"}, own]})
    )
    hall.notices.append(("poll", POLL | {"open": False, "votes": [4, 1]}))
    hall.notices.append(("caption", {"text": "Bees, then.", "lang": "en", "who": "Ann"}))
    await expect(page.get_by_text("yours", exact=True)).to_be_visible()
    await expect(page.get_by_text("answered")).to_be_visible()
    await expect(page.get_by_role("button", name="Yes")).to_be_disabled()
    await expect(page.get_by_text("80%")).to_be_visible()
    await expect(page.get_by_text("Bees, then.")).to_be_visible()
    await expect(page.get_by_role("button", name="Ask a question")).to_be_hidden()
    assert await violations(page) == []
    assert await overflow_px(page) == 0
    assert one.complaints == []


async def test_an_invitation_finds_who_raised_the_hand_and_the_sound_goes_on(
    launch: Launch, hall: Evening
) -> None:
    refused = {"error": {"status": 403, "sentence": "This invitation was taken."}}
    claims: list[Any] = []

    async def claim(route: Route) -> None:
        claims.append(route.request.post_data_json)
        await route.fulfill(status=403, json=refused)

    one = await visit(
        await launch("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"),
        hall.url,
    )
    page = one.page
    await page.route("**/api/v1/spaces/hall/claim", claim)
    await listens(page)
    await page.get_by_role("button", name="Raise hand").click()
    await page.get_by_label("Your name").fill("Ben")
    await page.get_by_label("What you would like to say").fill("On ants")
    await page.get_by_role("button", name="Send to the hosts").click()
    await page.get_by_role("button", name="Check the microphone").click()
    row = await told(hall, lambda row: any(ask[1] for ask in row.asks.values()))
    ((word, name, note),) = row.asks.values()
    assert (name, note) == ("Ben", "On ants")
    assert await violations(page) == []
    hall.notices.append(("invitation", {"claim": "c" * 43, "state": "open", "within_s": 60}))
    hall.notices.append(("invitation", {"claim": word, "state": "open", "within_s": 60}))
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_text("The host invites you on stage")).to_be_visible()
    await expect(dialog.get_by_role("timer")).to_have_text(re.compile(r"You have 5\d s to come"))
    assert await violations(page) == []
    before = (await one.facts())["current_s"]
    await dialog.get_by_role("button", name="Come on stage").click()
    await expect(page.get_by_text("You could not come on stage.")).to_be_visible()
    await expect(dialog).to_be_hidden()
    assert [(len(one["secret"]), one["name"]) for one in claims] == [(43, "Ben")]
    assert not await page.evaluate(MUTED)
    await until(page, heard_past(before + 1.0))
    assert (await one.facts())["stalls"] == 0

    hall.notices.append(("invitation", {"claim": word, "state": "dismissed", "within_s": 60}))
    await expect(page.get_by_role("button", name="Raise hand")).to_be_visible()
    assert one.complaints == []


async def test_a_network_that_is_gone_for_a_moment_is_said_and_found_again(
    launch: Launch, hall: Evening
) -> None:
    async with wire(hall.house.address[1]) as line:
        one = await visit(await launch(), f"http://localhost:{line.port}/s/hall")
        page = one.page
        await listens(page)
        before = await one.facts()
        await page.context.set_offline(True)
        line.cut()
        await expect(page.get_by_text("This device has no network.")).to_be_visible()
        line.mend()
        await page.context.set_offline(False)
        await until(page, f"{FACTS}.connections > {before['connections']}")
        await until(page, heard_past(before["current_s"] + 1.0))
        await until(page, f"{FACTS}.latency_s !== null && {FACTS}.latency_s < 5")
        assert await page.get_by_role("alert").count() == 0
