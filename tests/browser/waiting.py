"""Waiting for a condition in a page whose policy forbids evaluating text, as ours does."""

import asyncio
import time

from playwright.async_api import Page

LOOK_S = 0.05


async def until(page: Page, condition: str, wait_s: float = 20.0) -> None:
    """Return once the JavaScript expression `condition` is true in `page`.

    Playwright's own `wait_for_function` evaluates inside the page, which the policy refuses.
    """
    deadline = time.monotonic() + wait_s
    while not await page.evaluate(condition):
        if time.monotonic() > deadline:
            facts = await page.evaluate("window.__rostra?.facts?.() ?? document.body.innerText")
            message = f"still not after {wait_s} s: {condition}\n{facts}"
            raise AssertionError(message)
        await asyncio.sleep(LOOK_S)
