"""Questions, a poll, captions, a hand and its invitation in a real Chromium, and a lost network."""

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, Route, expect
from tests.browser.conftest import Launch
from tests.browser.evening import Evening, evening
from tests.browser.visits import FACTS, PLAYING, heard_past, overflow_px, violations, visit
from tests.browser.waiting import until
from tests.browser.wire import wire
from tests.house import House
from tests.until import until as until_true

from rostra.wire.messages import SpaceTally
from rostra.wire.states import Poll, Question

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

QUESTION = {"id": "0123456789abcdef", "text": "Why bees?", "name": "Cy", "backs": 3}
POLL = {"id": "p1", "question": "Tea?", "choices": ["Yes", "No"], "votes": [3, 1], "open": True}
ON_STAGE_S_MAX = 2.0
LOADED_S = 2.0
"""What a machine that runs other tests may take longer."""
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


async def raises_a_hand(page: Page, hall: Evening) -> tuple[str, str]:
    """Ben raises a hand, and checks the microphone meanwhile: his listener's id and claim."""
    await page.get_by_role("button", name="Raise hand").click()
    await page.get_by_label("Your name").fill("Ben")
    await page.get_by_label("What you would like to say").fill("On ants")
    await page.get_by_role("button", name="Send to the hosts").click()
    await page.get_by_role("button", name="Check the microphone").click()
    row = await told(hall, lambda row: any(ask[1] for ask in row.asks.values()))
    ((listener, (word, name, note)),) = row.asks.items()
    assert (name, note) == ("Ben", "On ants")
    assert await violations(page) == []
    return listener, word


async def test_who_is_invited_comes_on_a_real_stage_and_back_to_sound_that_never_stopped(
    launch: Launch, hall: Evening, house: House
) -> None:
    made = house.create_space("The stage behind the invitation")
    ticket = made.speaker_url.rsplit("/", 1)[1]
    claims: list[Any] = []

    async def claim(route: Route) -> None:
        """As the desk: one is refused, and the next one's offer goes to the studio."""
        asked = route.request.post_data_json or {}
        claims.append(asked)
        if len(claims) == 1:
            error = {"status": 403, "sentence": "This invitation was taken."}
            await route.fulfill(status=403, json={"error": error})
            return
        offer = {"ticket": ticket, "sdp": asked["sdp"], "name": asked["name"]}
        async with httpx.AsyncClient() as client:
            answer = await client.post(f"{house.origin}/api/v1/spaces/{made.id}/stage", json=offer)
        await route.fulfill(status=answer.status_code, body=answer.text)

    one = await visit(
        await launch("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"),
        hall.url,
    )
    page = one.page
    await page.route("**/api/v1/spaces/hall/claim", claim)
    await listens(page)
    listener, word = await raises_a_hand(page, hall)

    invitation = {"claim": word, "state": "open", "within_s": 60}
    hall.notices.append(("invitation", invitation | {"claim": "c" * 43}))
    hall.notices.append(("invitation", invitation))
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_text("The host invites you on stage")).to_be_visible()
    await expect(dialog.get_by_role("timer")).to_have_text(re.compile(r"You have [45]\d s to come"))
    assert await violations(page) == []
    before = await one.facts()
    come = dialog.get_by_role("button", name="Come on stage")
    await come.click()
    await expect(page.get_by_text("You could not come on stage.")).to_be_visible()
    await expect(dialog).to_be_hidden()
    assert not await page.evaluate(MUTED)

    hall.notices.append(("invitation", invitation))
    await expect(come).to_be_visible()
    began = time.monotonic()
    await come.click()
    await until(page, MUTED)
    took_s = time.monotonic() - began
    assert took_s < ON_STAGE_S_MAX + LOADED_S
    print(f"on stage after {took_s:.2f} s")  # noqa: T201 - shown with -s
    assert {(one["secret"], one["name"]) for one in claims} == {(claims[0]["secret"], "Ben")}
    await told(hall, lambda row: row.hands.get(listener) is False)
    await page.get_by_role("button", name=re.compile("^Leave")).first.click()
    await expect(page.get_by_text("You are back in the audience.")).to_be_visible()
    assert not await page.evaluate(MUTED)
    await until(page, heard_past(before["current_s"] + 1.0))
    assert (await one.facts())["connections"] == before["connections"], "it is the same stream"
    assert one.complaints == []


async def test_a_lost_network_is_said_and_found_again_and_a_closed_lid_is_opened(
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

        # A lid that is closed: the page is frozen, and its connections are gone when it wakes.
        before = await one.facts()
        power = await page.context.new_cdp_session(page)
        await power.send("Page.setWebLifecycleState", {"state": "frozen"})
        line.cut()
        line.mend()
        await power.send("Page.setWebLifecycleState", {"state": "active"})
        await until(page, f"{FACTS}.connections > {before['connections']}")
        await until(page, heard_past(before["current_s"] + 1.0))
        await until(page, f"{FACTS}.latency_s !== null && {FACTS}.latency_s < 5")
        assert await page.get_by_role("alert").count() == 0
