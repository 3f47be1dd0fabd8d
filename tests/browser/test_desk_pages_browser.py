"""The desk's pages in a real Chromium at a real house: from its owner's first link to an end."""

import os
import subprocess
import sys
import uuid
from datetime import UTC, datetime, timedelta
from typing import Unpack

import pytest
from playwright.async_api import Browser, Locator, Page, expect
from tests.browser.conftest import Launch
from tests.browser.visits import (
    PLAYING,
    Reader,
    Visit,
    kill,
    overflow_px,
    owner_link,
    violations,
    visit,
)
from tests.browser.waiting import until
from tests.house import ROOT, House

pytestmark = [pytest.mark.browser, pytest.mark.house, pytest.mark.timeout(120)]

PASSWORD = "eleven calm herons"  # noqa: S105 - of accounts in the tests' own houses
LONG_TITLE = (
    "What the city owes its rivers: an open evening with everybody who lives on the water, "
    "and Donaudampfschifffahrtsgesellschaftskapitän"
)
HOLD_MS = 800
"""Above the 600 ms that a dangerous button wants."""
SLOW_MS = 20_000


@pytest.fixture
async def browser(launch: Launch) -> Browser:
    return await launch()


@pytest.fixture(scope="module")
def host(house: House) -> str:
    """The name of somebody who has an account at the shared house."""
    name = f"Hanna {uuid.uuid4().hex[:6]}"
    words = ["user", "create", name, "--password-stdin", "--data", str(house.data)]
    done = subprocess.run(
        [sys.executable, "-m", "rostra", *words],
        input=f"{PASSWORD}\n",
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return name


async def signed_in(browser: Browser, house: House, host: str, **reader: Unpack[Reader]) -> Visit:
    """The home page of somebody who signed in by the form."""
    one = await visit(browser, f"{house.origin}/login", **reader)
    spanish = reader.get("locale", "").startswith("es")
    await one.page.get_by_label("Nombre" if spanish else "Name").fill(host)
    await one.page.get_by_label("Contraseña" if spanish else "Password").fill(PASSWORD)
    await one.page.locator("form button.primary").click()
    await one.page.wait_for_url(f"{house.origin}/")
    return one


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name)


async def hold(page: Page, one: Locator) -> None:
    """Press as long as a dangerous button wants it, as a finger does."""
    await one.hover()
    await page.mouse.down()
    # The time of the press is the input under test, not a wait for something.
    await page.wait_for_timeout(HOLD_MS)
    await page.mouse.up()


async def made_by_form(page: Page, title: str) -> list[str]:
    """Create a space whose doors open at once; its links, the listener's first."""
    await page.get_by_label("Title").fill(title)
    await button(page, "Create a conversation").click()
    await expect(page.get_by_role("heading", name="It stands.")).to_be_visible()
    fields = [page.get_by_label(f"For {who}") for who in ("everybody", "speakers", "hosts")]
    return [await field.input_value() for field in fields]


async def test_an_evening_from_the_first_link_to_the_end(launch: Launch, own_house: House) -> None:
    own_house.start("Become its owner")
    browser = await launch()
    one = await visit(browser, own_house.origin)
    page = one.page
    await expect(page.get_by_role("heading", name="An empty hall, ready.")).to_be_visible()

    await page.goto(owner_link(own_house))
    await page.get_by_label("Name").fill("Hanna Arendsen")
    await page.get_by_label("Password").fill(PASSWORD)
    await button(page, "Make the account").click()
    await page.wait_for_url("**/create")
    links = await made_by_form(page, "Breakfast with the harbour choir")
    assert [link.split("/")[3] for link in links] == ["s", "join", "host"]

    listener = await visit(browser, links[0])
    await button(listener.page, "Listen").click()
    await until(listener.page, PLAYING)
    await expect(listener.page.get_by_text("with Hanna Arendsen")).to_be_visible()

    await page.get_by_role("link", name="My conversations").click()
    mine = page.get_by_role("listitem").filter(has_text="harbour choir")
    await expect(mine.get_by_text("Doors open")).to_be_visible(timeout=SLOW_MS)
    await hold(page, mine.get_by_role("button", name="Start now"))
    await expect(mine.get_by_text("Live")).to_be_visible(timeout=SLOW_MS)
    await mine.get_by_role("button", name="End").click()
    await expect(mine.get_by_text("Live")).to_be_visible()
    await hold(page, mine.get_by_role("button", name="End"))
    await expect(mine.get_by_text("Ended")).to_be_visible(timeout=SLOW_MS)
    ended = listener.page.get_by_text("This conversation has ended.")
    await expect(ended).to_be_visible(timeout=SLOW_MS)
    assert [*one.complaints, *listener.complaints] == []


async def test_two_hosts_may_have_the_same_name(browser: Browser, house: House, host: str) -> None:
    one = await signed_in(browser, house, host)
    page = one.page
    await page.goto(f"{house.origin}/create")
    await page.get_by_label("Hosts").fill("Ana, Ana")
    listen_url = (await made_by_form(page, "Namesakes"))[0]
    await page.get_by_role("link", name="Rostra").click()
    card = page.get_by_role("listitem").filter(has_text="Namesakes")
    await expect(card).to_contain_text("with Ana and Ana")
    listener = await visit(browser, listen_url)
    await expect(listener.page.get_by_text("with Ana and Ana")).to_be_visible()
    assert [*one.complaints, *listener.complaints] == []


async def test_a_planned_space_stands_on_the_home_page_with_its_calendar_entry(
    browser: Browser, house: House, host: str
) -> None:
    day = datetime.now(UTC) + timedelta(days=40)
    one = await signed_in(browser, house, host, width=360)
    page = one.page
    await page.get_by_role("link", name="Create a conversation").click()
    await page.get_by_label("Title").fill(LONG_TITLE)
    await page.get_by_text("Later").click()
    await page.get_by_label("Date and time").fill(f"{day:%Y-%m-%d}T20:00")
    await button(page, "Create a conversation").click()
    await expect(page.get_by_text(f"{day.day} {day:%B}")).to_be_visible()
    assert await overflow_px(page) == 0

    await page.get_by_role("link", name="Rostra").click()
    coming = page.get_by_role("listitem").filter(has_text=LONG_TITLE)
    async with page.expect_download() as download:
        await coming.get_by_role("button", name="Add to calendar").click()
    entry = (await (await download.value).path()).read_text()
    assert "BEGIN:VEVENT" in entry
    assert f"DTSTART:{day:%Y%m%d}T200000Z" in entry
    assert await overflow_px(page) == 0

    await page.get_by_role("link", name="My conversations").click()
    mine = page.get_by_role("listitem").filter(has_text=LONG_TITLE)
    await mine.get_by_text("Links to share").click()
    await expect(mine.get_by_label("For hosts")).to_be_visible()
    assert await overflow_px(page) == 0
    await hold(page, mine.get_by_role("button", name="Cancel it"))
    await expect(mine.get_by_text("Cancelled")).to_be_visible(timeout=SLOW_MS)
    assert one.complaints == []


async def test_what_is_wrong_is_said_and_what_was_typed_stays(
    browser: Browser, house: House, host: str
) -> None:
    one = await visit(browser, f"{house.origin}/schedule")
    page = one.page
    await expect(page.get_by_text("This page needs an account.")).to_be_visible()
    await page.get_by_label("Name").fill(host)
    await page.get_by_label("Password").fill("not this one at all")
    await page.locator("form button.primary").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    assert await page.get_by_label("Name").input_value() == host
    await page.get_by_label("Password").fill(PASSWORD)
    await page.locator("form button.primary").click()
    await expect(page.get_by_role("heading", name="conversation")).to_be_visible()
    assert page.url == f"{house.origin}/schedule"


async def test_signing_out_leaves_nothing_open(browser: Browser, house: House, host: str) -> None:
    one = await signed_in(browser, house, host)
    await one.page.get_by_role("link", name="Settings").click()
    await expect(one.page.get_by_text(f"Signed in as {host}.")).to_be_visible()
    await button(one.page, "Sign out").click()
    await one.page.wait_for_url(f"{house.origin}/")
    await one.page.goto(f"{house.origin}/create")
    await expect(one.page.get_by_text("This page needs an account.")).to_be_visible()


async def test_it_speaks_spanish(browser: Browser, house: House, host: str) -> None:
    one = await signed_in(browser, house, host, locale="es-ES")
    await one.page.get_by_role("link", name="Ajustes").click()
    await expect(one.page.get_by_text(f"Has entrado como {host}.")).to_be_visible()
    assert await one.page.evaluate("document.documentElement.lang") == "es"
    await button(one.page, "English").click()
    await expect(one.page.get_by_text(f"Signed in as {host}.")).to_be_visible()
    await one.page.reload()
    await expect(one.page.get_by_text(f"Signed in as {host}.")).to_be_visible()


async def test_an_address_with_nothing_is_a_404(browser: Browser, house: House) -> None:
    one = await visit(browser, house.origin)
    answer = await one.page.goto(f"{house.origin}/nothing/here")
    assert answer is not None
    assert answer.status == 404
    await expect(
        one.page.get_by_role("heading", name="There is nothing at this address.")
    ).to_be_visible()


async def test_the_keyboard_makes_a_space(browser: Browser, house: House, host: str) -> None:
    one = await signed_in(browser, house, host)
    page = one.page
    await page.goto(f"{house.origin}/create")
    await page.get_by_label("Title").focus()
    await page.keyboard.type("By hand")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="It stands.")).to_be_visible()
    listen_url = await page.get_by_label("For everybody").input_value()
    await page.goto(f"{house.origin}/schedule")
    mine = page.get_by_role("listitem").filter(has_text="By hand")
    for name, becomes in (("Start now", "Live"), ("End", "Ended")):
        await mine.get_by_role("button", name=name).focus()
        await page.keyboard.down("Enter")
        await expect(mine.get_by_text(becomes)).to_be_visible(timeout=SLOW_MS)
        await page.keyboard.up("Enter")
    await page.goto(listen_url)
    ended = page.get_by_text("This conversation has ended.")
    await expect(ended).to_be_visible(timeout=SLOW_MS)


@pytest.mark.parametrize("colours", ["light", "dark"])
async def test_axe_has_nothing_serious_against_any_page(
    browser: Browser, house: House, host: str, colours: str
) -> None:
    made = house.create_space("Judged")
    look: Reader = {"color_scheme": "dark" if colours == "dark" else "light"}
    one = await signed_in(browser, house, host, **look)
    found: dict[str, list[str]] = {}
    await expect(one.page.get_by_role("listitem").filter(has_text="Judged").first).to_be_visible()
    found["home"] = await violations(one.page)
    for path, shown in (("create", "Title"), ("schedule", "conversation"), ("settings", "Account")):
        await one.page.goto(f"{house.origin}/{path}")
        await expect(one.page.get_by_text(shown).first).to_be_visible()
        found[path] = await violations(one.page)
    await one.page.goto(f"{house.origin}/create")
    await made_by_form(one.page, "Judged too")
    found["created"] = await violations(one.page)
    stranger = await visit(browser, f"{house.origin}/login", **look)
    await expect(stranger.page.get_by_label("Name")).to_be_visible()
    found["login"] = await violations(stranger.page)
    house.cli("space", "end", made.id)
    assert not any(found.values()), found


async def test_a_desk_that_does_not_answer_is_not_a_missing_account(
    browser: Browser, house: House
) -> None:
    one = await visit(browser, house.origin)
    page = one.page
    await page.route("**/api/v1/me", lambda route: route.abort())
    await page.goto(f"{house.origin}/create")
    told = page.get_by_role("alert")
    await expect(told).to_contain_text("The desk did not answer.")
    await expect(told).to_contain_text("cannot tell whether you have an account")
    await page.unroute("**/api/v1/me")
    await expect(page.get_by_text("This page needs an account.")).to_be_visible(timeout=SLOW_MS)
    await expect(told).to_be_hidden()


async def test_a_page_that_is_open_says_that_the_desk_is_away(
    launch: Launch, own_house: House
) -> None:
    own_house.start()
    one = await visit(await launch(), own_house.origin)
    page = one.page
    await expect(page.get_by_role("heading", name="An empty hall, ready.")).to_be_visible()
    await page.get_by_role("link", name="Sign in").first.click()
    await expect(page.get_by_label("Name")).to_be_visible()
    kill(own_house, "desk")
    await page.get_by_role("link", name="Rostra").click()
    await expect(page.get_by_role("heading", name="The desk did not answer.")).to_be_visible()
    await expect(button(page, "Try again")).to_be_visible()
    empty = page.get_by_role("heading", name="An empty hall, ready.")
    await expect(empty).to_be_visible(timeout=SLOW_MS)
