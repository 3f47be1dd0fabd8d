"""The stage's page in a real Chromium at a real house: come, speak, mute, lead, leave, return."""

import os
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser, Locator, Page, expect
from tests.browser.conftest import Launch
from tests.browser.visits import violations
from tests.browser.waiting import until
from tests.house import Created, House

from rostra.programme.drivers.decode import read_sound, write_wav

pytestmark = [pytest.mark.browser, pytest.mark.house, pytest.mark.timeout(180)]

SPEECH = Path(__file__).parents[1] / "data" / "speech.opus"
FACTS = "window.__rostra.facts()"
ON_STAGE = "window.__rostra?.facts().phase === 'on'"
LOUD_DBFS = -45
SILENT_DBFS = -90
SILENT_LOOKS = 60
"""Three seconds and more: longer than any pause of the speech."""
SMALL_SCREENS = ((360, 640), (320, 420))
"""A small phone, and a larger one at 200 % zoom."""

STUBBORN_TRACK = """
Object.defineProperty(MediaStreamTrack.prototype, 'enabled', { get: () => true, set: () => {} });
"""
"""A page whose own mute does nothing: what it is not heard by then is the studio's doing."""

KEPT_MICROPHONE = """
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wanted) => (window.__microphone = await ask(wanted));
"""
UNPLUGGED = """
for (const track of window.__microphone.getTracks()) {
  track.stop();
  track.dispatchEvent(new Event('ended'));
}
"""
"""What a browser does with the track of a microphone that is pulled out."""

PLAYS_AFTER_A_PRESS = """
const play = HTMLMediaElement.prototype.play;
let pressed = false;
addEventListener('pointerdown', () => { pressed = true; }, true);
HTMLMediaElement.prototype.play = function () {
  if (pressed) return play.call(this);
  return Promise.reject(new DOMException('Press first.', 'NotAllowedError'));
};
"""
"""The rule of browsers that are stricter than Chromium, which lets a page that records play."""


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Speech as Chromium's fake microphone takes it."""
    wav = tmp_path_factory.mktemp("voice") / "voice.wav"
    write_wav(wav, read_sound(SPEECH))
    return wav


@pytest.fixture
async def browser(launch: Launch, voice: Path) -> Browser:
    return await launch(microphone_wav=voice)


async def _entrance(browser: Browser, url: str, script: str = "") -> Page:
    context = await browser.new_context(locale="en-GB")
    page = await context.new_page()
    if script:
        await page.add_init_script(script)
    await page.goto(url)
    return page


async def _on_stage(browser: Browser, url: str, name: str, script: str = "") -> Page:
    page = await _entrance(browser, url, script)
    await page.get_by_label("Your name").fill(name)
    await _button(page, "Check the microphone").click()
    await _button(page, "Go on stage").click()
    await until(page, ON_STAGE)
    return page


async def _two(browser: Browser, made: Created, script: str = "") -> tuple[Page, Page]:
    """A host, Ines, and a speaker, Bo, who see each other."""
    host = await _on_stage(browser, made.host_url, "Ines")
    speaker = await _on_stage(browser, made.speaker_url, "Bo", script)
    for page in (host, speaker):
        await until(page, f"{FACTS}.people.length === 2")
    return host, speaker


def _button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


async def _me(page: Page) -> str:
    me: str = (await page.evaluate(FACTS))["me"]
    return me


def _level(who: str, comparison: str) -> str:
    return f"{FACTS}.levels['{who}'] {comparison}"


def _silent(who: str) -> str:
    """Silent for so many looks in a row that speech, which loops, would have been heard."""
    silent = _level(who, f"=== {SILENT_DBFS}")
    return f"(window.__silent = {silent} ? (window.__silent ?? 0) + 1 : 0) >= {SILENT_LOOKS}"


def _muted(who: str, muted: str = "true") -> str:
    return f"{FACTS}.people.some(one => one.id === '{who}' && one.muted === {muted})"


def _in_minutes(minutes: int) -> str:
    """A time so near that the doors are open."""
    return (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat(timespec="seconds")


def _kill(house: House, role: str) -> None:
    pid = next(row["pid"] for row in house.ps() if row["role"] == role)
    os.kill(pid, signal.SIGKILL)


async def _hold(button: Locator, page: Page, until_true: str) -> None:
    """Press, keep pressed until the page shows what came of it, let go."""
    await button.hover()
    await page.mouse.down()
    await until(page, until_true)
    await page.mouse.up()


async def test_who_checks_the_microphone_is_told_what_it_hears(
    browser: Browser, house: House
) -> None:
    page = await _entrance(browser, house.create_space("Harbour").speaker_url)
    await expect(page.get_by_role("heading", name="Harbour")).to_be_visible()
    await expect(page.get_by_text("You come on stage as speaker.")).to_be_visible()
    await _button(page, "Check the microphone").click()
    await expect(page.get_by_text("Your level is good.")).to_be_visible()
    await expect(page.get_by_text("The room is quiet.")).to_be_visible()
    await expect(page.get_by_text("The house answers in")).to_be_visible()


async def test_a_voice_moves_the_levels_of_everybody(browser: Browser, house: House) -> None:
    host, speaker = await _two(browser, house.create_space())
    await expect(_button(speaker, "Live. Press to mute")).to_be_visible()
    me = await _me(speaker)
    for page in (speaker, host):
        await until(page, _level(me, f"> {LOUD_DBFS}"))
        await until(page, _level(me, f"< {LOUD_DBFS}"))
    await until(host, f"{FACTS}.heardDbfs > {LOUD_DBFS}")
    await until(speaker, f"{FACTS}.quality !== null")
    await expect(speaker.get_by_text("Good connection to the studio")).to_be_visible()


async def test_the_studio_mutes_whoever_says_so(browser: Browser, house: House) -> None:
    host, speaker = await _two(browser, house.create_space(), STUBBORN_TRACK)
    me = await _me(speaker)
    await until(host, _level(me, f"> {LOUD_DBFS}"))
    await speaker.keyboard.press("Space")
    await expect(_button(speaker, "Muted. Press to be heard")).to_be_visible()
    await until(host, _muted(me))
    await until(host, _silent(me))
    await _button(speaker, "Muted. Press to be heard").click()
    await until(host, _muted(me, "false"))
    await until(host, _level(me, f"> {LOUD_DBFS}"))


async def test_a_host_mutes_somebody_who_may_come_back(browser: Browser, house: House) -> None:
    host, speaker = await _two(browser, house.create_space())
    me = await _me(speaker)
    await _button(host, "Mute Bo").click()
    await until(speaker, f"{FACTS}.muted")
    told = speaker.get_by_text("A host muted you. You can switch yourself on again.")
    await expect(told).to_be_visible()
    await until(host, _silent(me))
    await _button(speaker, "Muted. Press to be heard").click()
    await expect(told).to_be_hidden()
    await until(host, _level(me, f"> {LOUD_DBFS}"))
    assert await _button(speaker, "Mute Ines").count() == 0, "a speaker mutes nobody"


async def test_a_host_takes_somebody_off(browser: Browser, house: House) -> None:
    host, speaker = await _two(browser, house.create_space())
    await _button(host, "More for Bo").click()
    remove = host.get_by_role("button", name="Remove (keep pressed)")
    await _hold(remove, host, f"{FACTS}.people.length === 1")
    await expect(speaker.get_by_role("heading", name="You are off the stage.")).to_be_visible()
    await expect(speaker.get_by_text("A host took you off the stage.")).to_be_visible()


async def test_who_was_taken_off_while_away_does_not_come_back(
    browser: Browser, house: House
) -> None:
    made = house.create_space()
    host, speaker = await _two(browser, made)
    await speaker.goto("about:blank")
    await until(host, f"{FACTS}.people.some(one => one.name === 'Bo' && !one.here)")
    await _button(host, "More for Bo").click()
    remove = host.get_by_role("button", name="Remove (keep pressed)")
    await _hold(remove, host, f"{FACTS}.people.length === 1")
    await speaker.goto(made.speaker_url)
    await expect(speaker.get_by_role("heading", name="You are off the stage.")).to_be_visible()
    await expect(speaker.get_by_text("A host took you off this stage.")).to_be_visible()
    assert await _button(speaker, "Come back on stage").count() == 0
    assert await host.evaluate(f"{FACTS}.people.length") == 1


async def test_only_a_long_press_ends_it(browser: Browser, house: House) -> None:
    host, speaker = await _two(browser, house.create_space())
    end = host.get_by_role("button", name="End (keep pressed)")
    await end.click()
    await _button(host, "Live. Press to mute").click()
    await until(speaker, _muted(await _me(host)))
    assert (await host.evaluate(FACTS))["state"] == "live", "a tap ended the conversation"
    await _hold(end, host, f"{FACTS}.phase === 'off'")
    for page in (host, speaker):
        title = page.get_by_role("heading", name="This conversation has ended.")
        await expect(title).to_be_visible()
    await speaker.reload()
    await expect(speaker.get_by_role("heading", name="has ended")).to_be_visible()


@pytest.mark.parametrize("colours", ["light", "dark"])
async def test_who_cannot_keep_a_button_pressed_types_a_word(
    browser: Browser, house: House, colours: Literal["light", "dark"]
) -> None:
    host = await _on_stage(browser, house.create_space().host_url, "Ines")
    await host.emulate_media(color_scheme=colours)
    end = host.get_by_role("button", name="End (keep pressed)")
    word = host.get_by_label("Keep the button pressed, or type END")
    await end.dispatch_event("click")
    await expect(word).to_be_focused()
    assert await violations(host) == []
    await host.keyboard.press("Escape")
    await expect(word).to_be_hidden()
    await expect(end).to_be_focused()

    await host.keyboard.press("Enter")
    await expect(word).to_be_focused()
    await host.keyboard.type("enough")
    await host.keyboard.press("Enter")
    await expect(_button(host, "Confirm")).to_be_disabled()
    assert (await host.evaluate(FACTS))["state"] == "live", "another word ended the conversation"
    await word.fill(" end ")
    await host.keyboard.press("Enter")
    await expect(host.get_by_role("heading", name="has ended")).to_be_visible()


async def test_a_host_starts_it_before_its_time(browser: Browser, house: House) -> None:
    made = house.create_space("Later", at=_in_minutes(20))
    host = await _on_stage(browser, made.host_url, "Ines")
    await expect(host.get_by_role("timer")).to_contain_text("Starts in")
    await expect(_button(host, "Open. Press to mute")).to_be_visible()
    start = host.get_by_role("button", name="Start now (keep pressed)")
    await _hold(start, host, f"{FACTS}.state === 'live'")
    await expect(host.get_by_text("Live. Everybody hears you.")).to_be_visible()
    await expect(host.get_by_role("timer")).to_be_hidden()


async def test_who_leaves_may_come_back(browser: Browser, house: House) -> None:
    host, speaker = await _two(browser, house.create_space())
    await _button(speaker, "Leave the stage").click()
    await expect(speaker.get_by_role("heading", name="You left the stage.")).to_be_visible()
    await until(host, f"{FACTS}.people.length === 1")
    await _button(speaker, "Come back on stage").click()
    await _button(speaker, "Check the microphone").click()
    await _button(speaker, "Go on stage muted").click()
    await until(host, f"{FACTS}.people.length === 2 && {FACTS}.people[1].muted")


async def test_a_reload_brings_the_same_person_back(browser: Browser, house: House) -> None:
    host, speaker = await _two(browser, house.create_space())
    me = await _me(speaker)
    await speaker.keyboard.press("Space")
    await until(host, _muted(me))
    await speaker.reload()
    await until(speaker, f"{ON_STAGE} && {FACTS}.people.length === 2")
    facts = await speaker.evaluate(FACTS)
    assert facts["me"] == me
    assert facts["muted"] is True
    assert await host.evaluate(f"{FACTS}.people.map(one => one.name)") == ["Ines", "Bo"]


async def test_a_lost_studio_is_said_and_found_again(browser: Browser, own_house: House) -> None:
    own_house.start()
    host = await _on_stage(browser, own_house.create_space().host_url, "Ines")
    _kill(own_house, "studio")
    await until(host, f"{FACTS}.phase === 'lost'")
    await expect(host.get_by_role("alert")).to_contain_text("Your place is kept")
    await expect(_button(host, "Not heard. Press to mute")).to_be_visible()
    await until(host, f"{FACTS}.phase === 'on' && {FACTS}.connections === 2", 40.0)
    await expect(_button(host, "Live. Press to mute")).to_be_visible()


async def test_it_fits_small_screens_in_both_languages(browser: Browser, house: House) -> None:
    host, _ = await _two(browser, house.create_space("Una conversación extraordinariamente larga"))
    await _button(host, "More for Bo").click()
    for name in ("Remove (keep pressed)", "End (keep pressed)"):
        await _button(host, name).dispatch_event("click")
    for width, height in SMALL_SCREENS:
        await host.set_viewport_size({"width": width, "height": height})
        for lang, stage in (("Español", "En el estrado 2"), ("English", "On stage 2")):
            await _button(host, lang).click()
            await expect(host.get_by_role("heading", name=stage)).to_be_visible()
            over = await host.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert over <= 0, f"{over} px too wide at {width} in {lang}"


async def test_a_link_that_is_none_says_so(browser: Browser, house: House) -> None:
    page = await _entrance(browser, f"{house.create_space().host_url}forged")
    await expect(page.get_by_role("heading", name="does not open the stage")).to_be_visible()
    await expect(page.get_by_text("This link was not made by this house.")).to_be_visible()


async def test_an_insecure_address_gives_no_microphone(launch: Launch, house: House) -> None:
    browser = await launch("--host-resolver-rules=MAP hall.test 127.0.0.1")
    url = house.create_space().speaker_url.replace("localhost", "hall.test")
    page = await _entrance(browser, url)
    await expect(page.get_by_role("alert")).to_contain_text("this address is not secure")
    await expect(page.get_by_role("alert")).to_contain_text("start the house with --domain")
    assert await _button(page, "Check the microphone").count() == 0


@pytest.mark.parametrize(
    ("flags", "why", "now"),
    [
        (
            ("--use-fake-device-for-media-stream",),
            "was told not to give",
            "Allow it in the browser",
        ),
        (
            ("--use-fake-ui-for-media-stream", "--disable-audio-input"),
            "has no microphone",
            "Plug one in",
        ),
    ],
)
async def test_without_a_microphone_it_says_why(
    launch: Launch, house: House, flags: tuple[str, ...], why: str, now: str
) -> None:
    page = await _entrance(await launch(*flags), house.create_space().speaker_url)
    await _button(page, "Check the microphone").click()
    await expect(page.get_by_role("alert")).to_contain_text(why)
    await expect(page.get_by_role("alert")).to_contain_text(now)
    await expect(_button(page, "Check again")).to_be_enabled()
    assert await _button(page, "Go on stage").count() == 0


async def test_a_microphone_that_is_pulled_out_is_not_called_live(
    browser: Browser, house: House
) -> None:
    host, speaker = await _two(browser, house.create_space(), KEPT_MICROPHONE)
    me = await _me(speaker)
    await until(host, _level(me, f"> {LOUD_DBFS}"))
    await speaker.evaluate(f"() => {{ {UNPLUGGED} }}")
    await expect(_button(speaker, "Not heard. Press to mute")).to_be_visible()
    await expect(speaker.get_by_text("Your microphone was unplugged")).to_be_visible()
    await until(host, _silent(me))
    await _button(speaker, "Check again").click()
    await expect(_button(speaker, "Live. Press to mute")).to_be_visible()
    await until(host, _level(me, f"> {LOUD_DBFS}"))


async def test_sound_that_the_browser_holds_back_takes_one_press(
    browser: Browser, house: House
) -> None:
    _, speaker = await _two(browser, house.create_space(), PLAYS_AFTER_A_PRESS)
    await speaker.reload()
    await until(speaker, ON_STAGE)
    await _button(speaker, "Turn the sound on").click()
    await expect(_button(speaker, "Turn the sound on")).to_be_hidden()
    await expect(speaker.get_by_role("meter", name="What you hear")).to_be_visible()
