"""The stage's page without a house: its files, a desk of two answers, and a studio for the test."""

import json
from typing import Any, Unpack
from urllib.parse import urlsplit

from playwright.async_api import Browser, Page, Route
from tests.browser.visits import Reader
from tests.house import ROOT

DIST = ROOT / "frontend" / "dist"
ORIGIN = "https://house.test"
"""Secure, so that the browser has microphones; nothing is ever asked there."""

STUDIO = """
class Channel extends EventTarget {
  readyState = 'open';
  send(text) {
    const command = JSON.parse(text);
    window.__told.push(command);
    const refused = window.__refuse?.[command.t];
    const answer = refused ? { t: 'nack', sentence: refused } : { t: 'ack' };
    setTimeout(() => this.say({ n: command.n, ...answer }));
  }
  say(message) { this.onmessage?.({ data: JSON.stringify(message) }); }
}
window.__told = [];
window.__levels = {};
window.__say = (message) => window.__channel?.say(message);
window.RTCPeerConnection = class extends EventTarget {
  iceGatheringState = 'complete';
  connectionState = 'connected';
  localDescription = { sdp: 'v=0' };
  createDataChannel() { return (window.__channel = new Channel()); }
  addTrack() { return { replaceTrack: async () => undefined }; }
  getReceivers() { return []; }
  async createOffer() { return {}; }
  async setLocalDescription() {}
  async setRemoteDescription() {}
  close() { clearInterval(this.beat); }
  beat = setInterval(() => window.__say({ t: 'levels', l: window.__levels, mix: -20 }), 100);
};
"""
"""A peer connection of the page's own: it keeps what the page tells, and says what `__say` says."""


def ticket(role: str) -> dict[str, Any]:
    """What the desk says of a link of that role."""
    return {
        "space": "harbour",
        "role": role,
        "name": "Ines Duarte",
        "title": "Harbour at night: who owns the water?",
        "state": "lobby",
        "t0_utc": "2026-11-25T20:00:00Z",
        "ice_servers": [],
        "listen_url": f"{ORIGIN}/s/harbour",
        "speaker_url": f"{ORIGIN}/join/abcdef" if role != "speaker" else "",
    }


async def _answer(route: Route) -> None:
    path = urlsplit(route.request.url).path
    if path.startswith("/api/v1/tickets/"):
        await route.fulfill(json=ticket("host" if path.endswith("HOST") else "speaker"))
    elif path.endswith("/stage"):
        await route.fulfill(json={"sdp": "v=0", "participant": "p1", "resume": "r1"})
    elif path.startswith("/api/"):
        await route.fulfill(status=401, json={"error": {"sentence": "", "field": None}})
    else:
        file = path.lstrip("/") if path.startswith("/assets/") else "index.html"
        await route.fulfill(path=DIST / file)


async def staged(browser: Browser, role: str, **reader: Unpack[Reader]) -> Page:
    """The page of a link of that role (`host`, `speaker`), before the microphone check."""
    context = await browser.new_context(
        timezone_id="Etc/UTC",
        locale=reader.get("locale", "en-GB"),
        viewport={"width": reader.get("width", 390), "height": 844},
        color_scheme=reader.get("color_scheme"),
        reduced_motion=reader.get("reduced_motion"),
        permissions=["microphone"],
    )
    page = await context.new_page()
    await page.route(f"{ORIGIN}/**", _answer)
    await page.add_init_script(STUDIO + reader.get("script", ""))
    await page.goto(f"{ORIGIN}/{'host' if role == 'host' else 'join'}/{role.upper()}")
    return page


async def say(page: Page, *messages: dict[str, Any]) -> None:
    """Let the page hear these messages of its studio."""
    for message in messages:
        await page.evaluate(f"window.__say({json.dumps(message)})")


async def told(page: Page) -> list[dict[str, Any]]:
    """The commands that the page has given, without their numbers."""
    commands: list[dict[str, Any]] = await page.evaluate("window.__told")
    return [{key: value for key, value in one.items() if key != "n"} for one in commands]
