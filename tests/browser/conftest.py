"""Real Chromiums for the tests: launched one by one, with the flags that a test asks for."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright
from scripts import chromium

Launch = Callable[..., Awaitable[Browser]]

PLAYS_UNASKED = "--autoplay-policy=no-user-gesture-required"


def microphone(wav: Path) -> tuple[str, ...]:
    """Flags of a Chromium whose microphone plays `wav` for ever, and asks nobody."""
    return (
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={wav}",
    )


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser that set-up proved to play AAC."""
    return chromium.found()


@pytest.fixture
async def launch(chromium_path: str) -> AsyncIterator[Launch]:
    """`await launch(*flags)` starts one more Chromium; all end with the test.

    `await launch(microphone_wav=wav)` gives it a fake microphone. Asynchronous on purpose: the
    synchronous Playwright holds a loop that the other tests of the session would run into.
    """
    async with async_playwright() as play:
        started: list[Browser] = []

        async def one(*flags: str, microphone_wav: Path | None = None) -> Browser:
            spoken = microphone(microphone_wav) if microphone_wav else ()
            browser = await play.chromium.launch(
                executable_path=chromium_path,
                args=[*chromium.FLAGS, PLAYS_UNASKED, *spoken, *flags],
                timeout=chromium.LAUNCH_MS_MAX,
            )
            started.append(browser)
            return browser

        yield one
        for browser in started:
            await browser.close()
