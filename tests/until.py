"""Waiting for what no event tells: a condition, and never a time."""

import asyncio
from collections.abc import Callable

PATIENCE_S = 10.0
LOOK_EVERY_S = 0.002


async def until(true: Callable[[], object], patience_s: float = PATIENCE_S) -> None:
    """Return when the condition holds; TimeoutError if it does not come."""
    async with asyncio.timeout(patience_s):
        while not true():  # noqa: ASYNC110 - the point of it
            await asyncio.sleep(LOOK_EVERY_S)
