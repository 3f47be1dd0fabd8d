"""A whole evening in a real house with five browsers: from the doors to the end."""

import asyncio
import re
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, Page, expect
from tests.browser import hall, hearing
from tests.browser.conftest import Launch
from tests.browser.hall import button, fits_and_is_accessible, is_state, on_stage, sees, sounds
from tests.browser.visits import FACTS, Visit, heard_past, overflow_px, violations, visit
from tests.browser.waiting import until
from tests.house import Created, House

from rostra.programme.drivers.decode import read_sound, write_wav

pytestmark = [pytest.mark.browser, pytest.mark.house, pytest.mark.timeout(400)]

SPEECH = Path(__file__).parents[1] / "data" / "speech.opus"
SOON_S = 22
"""Enough for a host to come; a host who comes later moves T0, and the evening takes longer."""
STARTED_S_MAX = 200.0
QUESTION = "Who pays for the dredging?"


@dataclass
class Evening:
    """The house, its space, and the pages of five people."""

    house: House
    browser: Browser
    made: Created
    host: Visit
    cohost: Visit
    speaker: Visit
    guest: Visit
    listener: Visit

    @property
    def visits(self) -> tuple[Visit, ...]:
        """Everybody's page."""
        return self.host, self.cohost, self.speaker, self.guest, self.listener

    @property
    def pictures(self) -> tuple[tuple[Page, hall.Picture], ...]:
        """The README's, and of whose page each is."""
        return (
            (self.host.page, hall.Picture("console-desktop", 1280, 960, "dark")),
            (self.cohost.page, hall.Picture("console-phone")),
            (self.listener.page, hall.Picture("listener-phone")),
            (self.listener.page, hall.Picture("questions-phone", end=True)),
            (self.speaker.page, hall.Picture("stage-phone", scheme="dark")),
        )

    @property
    def state(self) -> dict[str, object]:
        """What the house tells everybody."""
        url = f"{self.house.origin}/live/{self.made.id}/state.json"
        facts: dict[str, object] = httpx.get(url).json()
        return facts


@pytest.fixture
async def browser(launch: Launch, tmp_path: Path) -> Browser:
    wav = tmp_path / "voice.wav"
    write_wav(wav, read_sound(SPEECH))
    return await launch(microphone_wav=wav)


async def _gathered(browser: Browser, house: House) -> Evening:
    """Doors: the host comes first, then all the others."""
    made = house.create_space("Harbour at night", at=hall.in_(SOON_S))
    host, listener = await asyncio.gather(
        hall.come_on_stage(browser, made.host_url, "Ines", 1280),
        hall.listen(browser, made.listen_url),
    )
    await expect(listener.page.get_by_role("timer").first).to_be_visible()
    await sees(listener.page, "You are connected. Leave this page open; it starts by itself.")
    await sees(host.page, "Starts in", "The audience hears the hold programme, not you.")
    rest = await asyncio.gather(
        hall.listen(browser, made.listen_url),
        hall.come_on_stage(browser, made.host_url, "Ada", 1280),
        hall.come_on_stage(browser, made.speaker_url, "Bo"),
    )
    guest, cohost, speaker = rest
    await fits_and_is_accessible(listener.page)
    return Evening(house, browser, made, host, cohost, speaker, guest, listener)


async def _begins(evening: Evening) -> None:
    """T0: the house starts by itself, nobody presses anything, and the listener hears speech."""
    for page in (evening.host.page, evening.speaker.page):
        await until(page, is_state("live"), STARTED_S_MAX)
    assert evening.state["reason"] == "clock"
    listener = evening.listener.page
    await sees(listener, "Live")
    await until(listener, f"{FACTS}.people.length === 3", hall.PATIENT_S)
    await listener.evaluate(f"() => {{ {hall.EAR} }}")
    await until(listener, f"window.__heard_dbfs() > {hall.LOUD_DBFS}", hall.PATIENT_S)
    # What the house said in the lobby is not left standing.
    caption = listener.get_by_text("The conversation begins in")
    await expect(caption).to_be_hidden(timeout=hall.PATIENT_MS)


async def _is_asked(evening: Evening) -> None:
    """A question that the host shows and somebody backs, and a poll."""
    host, listener, guest = evening.host.page, evening.listener.page, evening.guest.page
    await button(listener, "Ask a question").click()
    await listener.get_by_label("Your question").fill(QUESTION)
    await button(listener, "Send").click()
    await sees(listener, "Your question is with the hosts.")
    await button(host, f"Show: {QUESTION}").click(timeout=hall.PATIENT_MS)
    await sees(guest, QUESTION)
    await guest.get_by_role("button", name="I want this asked").click()
    await sees(host, "2 want it asked")
    await host.get_by_label("Question", exact=True).fill("Dredge it?")
    for at, choice in enumerate(("Yes", "No"), 1):
        await host.get_by_label(f"Choice {at}").fill(choice)
    await button(host, "Open the poll").click()
    await listener.get_by_role("button", name="Yes").click(timeout=hall.PATIENT_MS)
    await sees(host, "Votes: 1")
    await sees(listener, "100%")


async def _is_invited(evening: Evening) -> None:
    """A hand, an invitation, a claim; heard by the audience; and back on the same connection."""
    host, guest, listener = evening.host.page, evening.guest.page, evening.listener.page
    before = await evening.guest.facts()
    await guest.get_by_role("button", name="Raise hand").click()
    await guest.get_by_label("Your name").fill("Ben")
    await guest.get_by_label("What you would like to say").fill("I have a boat there")
    await button(guest, "Send to the hosts").click()
    await button(guest, "Check the microphone").click()
    await sees(host, "I have a boat there")
    await _is_pictured(evening)
    await asyncio.gather(fits_and_is_accessible(guest), _leads_on_a_phone(evening.cohost.page))
    await button(host, "Mute all but hosts").click()
    await button(host, "Invite Ben").click()
    await button(guest, "Come on stage").click(timeout=hall.PATIENT_MS)
    await until(guest, hall.MUTED, hall.PATIENT_S)
    await until(host, f"{on_stage('Ben', 'one.here')} && {sounds('Ben')}", hall.PATIENT_S)
    heard = f"{FACTS}.people.some((one) => one.name === 'Ben' && one.speaking)"
    await until(listener, heard, hall.PATIENT_S)
    await fits_and_is_accessible(guest)
    await guest.get_by_role("button", name=re.compile("^Leave")).first.click()
    await sees(guest, "You are back in the audience.")
    assert not await guest.evaluate(hall.MUTED)
    await until(guest, heard_past(before["current_s"] + 1.0), hall.PATIENT_S)
    assert (await evening.guest.facts())["connections"] == before["connections"]


async def _is_pictured(evening: Evening) -> None:
    """The middle of the evening, as the README shows it."""
    listener = evening.listener.page
    await button(listener, "React").click()
    for kind in ("Applause", "Heart"):
        await button(listener, kind).click()
    await fits_and_is_accessible(listener)
    await listener.keyboard.press("Escape")
    for page, picture in evening.pictures:
        await hall.picture(page, picture)


async def _leads_on_a_phone(cohost: Page) -> None:
    """Each tab of the console."""
    await cohost.set_viewport_size({"width": 390, "height": 844})
    for tab in await cohost.get_by_role("tab").all():
        await tab.click()
        assert await violations(cohost) == []
        assert await overflow_px(cohost) <= 0


async def _is_kept_in_order(evening: Evening) -> None:
    """The speaker was muted with all but hosts, speaks again, is muted and banned."""
    host, speaker = evening.host.page, evening.speaker.page
    await until(speaker, f"{FACTS}.muted", hall.PATIENT_S)
    await button(speaker, "Muted. Press to be heard").click()
    await until(host, on_stage("Bo", "!one.muted"), hall.PATIENT_S)
    await fits_and_is_accessible(speaker)
    await button(host, "Mute Bo").click()
    await until(speaker, f"{FACTS}.muted", hall.PATIENT_S)
    await button(host, "More for Bo").click()
    await hall.hold(host, "Ban", f"!{on_stage('Bo')}")
    await sees(speaker, "A host has banned you from this stage. You can still listen.")
    await _stays_out(evening)


async def _stays_out(evening: Evening) -> None:
    """The old link lets nobody in; the new one, which the console shows, lets in others than Bo."""
    link = evening.host.page.get_by_label("For speakers", exact=True)
    await expect(link).not_to_have_value(evening.made.speaker_url, timeout=hall.PATIENT_MS)
    new_link = await link.input_value()
    other = (await visit(evening.browser, evening.made.speaker_url)).page
    for page, url, why in (
        (evening.speaker.page, new_link, "A host has banned you from this stage."),
        (other, evening.made.speaker_url, "This link has been closed by a host."),
    ):
        await page.goto(url)
        await hall.steps_up(page, "Bob")
        await sees(page, "The stage did not take you.", why)
    await other.context.close()


async def _loses_its_host(evening: Evening) -> None:
    """The host's browser is gone: the co-host says why, breaks, goes on."""
    await evening.host.page.context.close()
    cohost, listener = evening.cohost.page, evening.listener.page
    await cohost.get_by_role("tab", name=re.compile("^Stage, ")).click()
    await until(cohost, f"!{on_stage('Ines', 'one.here')}", hall.PATIENT_S)
    await cohost.get_by_label("Message to everybody").fill("Ines lost her train. Ada goes on.")
    await button(cohost, "Show it").click()
    await sees(listener, "Ines lost her train. Ada goes on.")
    await hall.hold(cohost, "Break", is_state("interrupted"))
    await sees(listener, "A break. You stay connected; the hosts go on in a moment.")
    await fits_and_is_accessible(listener)
    await hall.hold(cohost, "Go on", is_state("live"))
    await until(listener, f"window.__heard_dbfs() > {hall.LOUD_DBFS}", hall.PATIENT_S)


async def _ends(evening: Evening) -> None:
    await hall.hold(evening.cohost.page, "End", f"{FACTS}.phase === 'off'")
    for page in (evening.cohost.page, evening.listener.page, evening.guest.page):
        await sees(page, "This conversation has ended.")
    await fits_and_is_accessible(evening.listener.page)
    await fits_and_is_accessible(evening.cohost.page)


async def test_a_whole_evening(browser: Browser, house: House) -> None:
    evening = await _gathered(browser, house)
    for part in (_begins, _is_asked, _is_invited, _is_kept_in_order, _loses_its_host, _ends):
        began = time.monotonic()
        await part(evening)
        hearing.show({part.__name__: round(time.monotonic() - began, 1)})
    assert [complaint for one in evening.visits for complaint in one.complaints] == []
