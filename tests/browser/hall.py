"""The people of a whole evening: what each does on their page, and what they see there."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser, Locator, Page, expect
from tests.browser.visits import FACTS, PLAYING, Visit, overflow_px, violations, visit
from tests.browser.waiting import until

WIDTHS = (390, 1280)
PATIENT_S = 60.0
"""A machine that is three times slower and busy."""
PATIENT_MS = PATIENT_S * 1_000
ON_STAGE = "window.__rostra?.facts().phase === 'on'"
MUTED = "document.querySelector('audio').muted"
LOUD_DBFS = -45

EAR = """
const element = document.querySelector('audio');
const context = new AudioContext();
const ear = new AnalyserNode(context, { fftSize: 16384 });
context.createMediaStreamSource(element.captureStream()).connect(ear);
const block = new Float32Array(ear.fftSize);
window.__heard_dbfs = () => {
  ear.getFloatTimeDomainData(block);
  const power = block.reduce((sum, one) => sum + one * one, 0) / block.length;
  return 10 * Math.log10(power + 1e-9);
};
"""
"""How loud the page of a listener has been for the last third of a second."""


def in_(seconds: float) -> str:
    """A time to come, as the house takes it."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


def button(page: Page, name: str) -> Locator:
    """The button with exactly this name."""
    return page.get_by_role("button", name=name, exact=True)


async def sees(page: Page, *texts: str) -> None:
    """These words are on the page, sooner or later."""
    for text in texts:
        await expect(page.get_by_text(text).first).to_be_visible(timeout=PATIENT_MS)


async def listen(browser: Browser, url: str, **reader: str) -> Visit:
    """Somebody opens the listener's page and presses the one button."""
    one = await visit(browser, url, **reader)  # type: ignore[arg-type]
    await one.page.get_by_role("button", name="Listen").click()
    await until(one.page, PLAYING, PATIENT_S)
    return one


async def come_on_stage(browser: Browser, url: str, name: str, width: int = 390) -> Visit:
    """Somebody comes on stage by a link."""
    one = await visit(browser, url, width=width)
    await steps_up(one.page, name)
    await until(one.page, ON_STAGE, PATIENT_S)
    return one


async def steps_up(page: Page, name: str) -> None:
    """Whoever opened a link says their name, checks the microphone, and asks to come on stage."""
    await page.get_by_label("Your name").fill(name)
    await button(page, "Check the microphone").click()
    await button(page, "Go on stage").click()


async def hold(page: Page, label: str, until_true: str) -> None:
    """Press a dangerous button, keep it pressed until the page shows what came of it, let go."""
    await page.get_by_role("button", name=f"{label} (keep pressed)").hover()
    await page.mouse.down()
    await until(page, until_true, PATIENT_S)
    await page.mouse.up()


def is_state(state: str) -> str:
    """The condition that the console or a speaker's page says so."""
    return f"{FACTS}.state === '{state}'"


def on_stage(name: str, what: str = "true") -> str:
    """The condition on somebody whom a page of the stage shows."""
    return f"{FACTS}.people.some((one) => one.name === '{name}' && {what})"


def sounds(name: str) -> str:
    """The condition that the studio hears somebody, as the console is told."""
    who = f"{FACTS}.people.find((one) => one.name === '{name}')?.id"
    return f"{FACTS}.levels[{who}] > {LOUD_DBFS}"


async def fits_and_is_accessible(page: Page) -> None:
    """At both widths nothing serious is found, and nothing is wider than the window."""
    before = page.viewport_size
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 800})
        assert await violations(page) == [], width
        assert await overflow_px(page) <= 0, width
    if before is not None:
        await page.set_viewport_size(before)


@dataclass(frozen=True)
class Picture:
    """One picture of the README: how wide and high, its colours, and whether of the page's end."""

    name: str
    width: int = 390
    height: int = 844
    scheme: Literal["light", "dark"] = "light"
    end: bool = False


async def picture(page: Page, wanted: Picture) -> None:
    """Take it, where `ROSTRA_PICTURES` names a folder to put it into."""
    folder, before = os.environ.get("ROSTRA_PICTURES", ""), page.viewport_size
    if not folder or before is None:
        return
    await page.emulate_media(color_scheme=wanted.scheme)
    await page.set_viewport_size({"width": wanted.width, "height": wanted.height})
    sharp = {"width": wanted.width, "height": wanted.height, "deviceScaleFactor": 2}
    devices = await page.context.new_cdp_session(page)
    await devices.send("Emulation.setDeviceMetricsOverride", sharp | {"mobile": False})
    await page.evaluate(f"document.activeElement.blur(), scrollTo(0, {1e5 * wanted.end})")
    await page.screenshot(path=Path(folder) / f"{wanted.name}.png")
    await devices.send("Emulation.clearDeviceMetricsOverride")
    await page.set_viewport_size(before)
    await page.emulate_media(color_scheme="light")
