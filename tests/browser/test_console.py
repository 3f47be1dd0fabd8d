"""The host's console and the microphone check in Chromium, with a studio that the test plays."""

import re
from typing import Any

import pytest
from playwright.async_api import Page, expect
from tests.browser.conftest import Launch
from tests.browser.fake_studio import say, staged, told
from tests.browser.visits import overflow_px, violations
from tests.browser.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

FLAGS = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
LOUDSPEAKER = """
const connect = AudioNode.prototype.connect;
AudioNode.prototype.connect = function (to, ...more) {
  if (to === this.context.destination) connect.call(this, this.context.air);
  return connect.call(this, to, ...more);
};
AudioContext.prototype.createMediaStreamSource = function () {
  const gain = new GainNode(this, { gain: 0.1 });
  this.air = new DelayNode(this, { delayTime: 0.12 });
  connect.call(this.air, gain);
  return gain;
};
"""
"""A microphone that hears nothing but the page's own loudspeaker: 120 ms later, 20 dB weaker."""

CLAIMS = [f"{at}" * 43 for at in range(3)]
BO = "b0"
PEOPLE: list[dict[str, Any]] = [
    {"id": "p1", "name": "Ines", "role": "cohost", "muted": False, "here": True},
    {"id": BO, "name": "Bo", "role": "speaker", "muted": False, "here": True},
    {"id": "h2", "name": "Ada", "role": "host", "muted": True, "here": True},
    {
        "id": "k3",
        "name": "Kwame",
        "role": "speaker",
        "muted": False,
        "here": True,
        "where": "backstage",
    },
]
VIEW: dict[str, Any] = {
    "t": "stage",
    "title": "Harbour",
    "state": "live",
    "t0_utc_us": 1,
    "listening": 12_304,
    "hls": 304,
    "people": PEOPLE,
    "source": "stage",
}
QUEUE: dict[str, Any] = {
    "t": "queue",
    "asks": [{"id": claim, "name": f"Listener {at}"} for at, claim in enumerate(CLAIMS)],
    "total": 80,
}
AUDIENCE: dict[str, Any] = {
    "t": "audience",
    "mode": "approved",
    "questions": [{"id": "q1", "text": "Who pays?", "state": "pending", "backs": 3}],
}
LINES: dict[str, Any] = {
    "t": "lines",
    "lines": {BO: {"loss_pct": 9, "buffer_ms": 60, "noise_dbfs": -40, "gain_db": 3, "howls": True}},
}


async def _console(launch: Launch) -> Page:
    """A co-host's console with people, hands and a question."""
    page = await staged(await launch(*FLAGS), "host")
    await page.get_by_role("button", name="Check the microphone").click()
    await page.get_by_role("button", name="Go on stage", exact=True).click()
    await until(page, "window.__rostra?.facts().phase === 'on'")
    await say(page, {"t": "hello", "me": "p1", "role": "cohost", "resume": ""})
    await say(page, VIEW, QUEUE, AUDIENCE, LINES)
    return page


async def test_the_echo_is_measured(launch: Launch) -> None:
    page = await staged(await launch(*FLAGS), "speaker", script=LOUDSPEAKER)
    await page.get_by_role("button", name="Check the microphone").click()
    await expect(page.get_by_text("The house answers in")).to_be_visible()
    await page.get_by_role("button", name="Test for echo").click()
    bad = page.get_by_text(re.compile(r"comes back after 1\d0 ms, only (19|20|21) dB weaker"))
    await expect(bad).to_be_visible(timeout=20_000)
    assert await violations(page) == []


async def _phone(page: Page) -> None:
    """Tabs and queue by keyboard alone."""
    heads = page.get_by_text("12,000 open connections and 304 sessions of HLS")
    await expect(heads).to_be_visible()
    await expect(page.get_by_text("howls: kept quiet until headphones are on")).to_be_visible()
    await page.get_by_role("tab", name="Stage, 3").focus()
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_role("tab", name="Queue, 80")).to_be_focused()
    await expect(page.get_by_role("button", name="Mute Bo")).to_be_hidden()
    for button in ("Move Listener 2 up", "Invite Listener 0", "Show: Who pays?"):
        await page.get_by_role("button", name=button, exact=True).press("Enter")
    assert await told(page) == [
        {"t": "order", "who": CLAIMS[2], "to": 1},
        {"t": "invite", "who": CLAIMS[0]},
        {"t": "question", "id": "q1", "act": "show"},
    ]


async def _desktop(page: Page) -> None:
    """All parts side by side; a co-host bans no host, and a refusal keeps what was typed."""
    for title in ("On stage 3", "Queue 80", "Backstage 1"):
        await expect(page.get_by_role("heading", name=title)).to_be_visible()
    await page.get_by_role("button", name="More for Ada").click()
    ban = page.get_by_role("button", name="Ban (keep pressed)")
    assert await ban.count() == 0, "a co-host bans a host"
    await page.get_by_role("button", name="More for Bo").click()
    await ban.click()
    await page.get_by_label("Keep the button pressed, or type BAN").fill("ban")
    await page.get_by_role("button", name="Confirm").click()
    await page.evaluate("window.__refuse = { poll: 'One poll is open already.' }")
    question = page.get_by_label("Question", exact=True)
    await question.fill("Tea?")
    for choice in ("Choice 1", "Choice 2"):
        await page.get_by_label(choice).fill(choice)
    await page.get_by_role("button", name="Open the poll").click()
    await expect(page.get_by_text("One poll is open already.")).to_be_visible()
    await expect(question).to_have_value("Tea?")
    assert (await told(page))[-2:] == [
        {"t": "ban", "who": BO},
        {"t": "poll", "question": "Tea?", "choices": ["Choice 1", "Choice 2"]},
    ]


async def test_a_co_host_leads_on_a_phone_and_on_a_desktop(launch: Launch) -> None:
    page = await _console(launch)
    await _phone(page)
    assert await violations(page) == []
    assert await overflow_px(page) <= 0
    await page.set_viewport_size({"width": 1280, "height": 844})
    await _desktop(page)
    assert await violations(page) == []
    assert await overflow_px(page) <= 0
