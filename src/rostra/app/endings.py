"""Ending tasks for certain."""

import asyncio
from typing import Any, Final

CANCEL_AGAIN_S: Final = 0.2
"""A cancelled task of ours ends within milliseconds, unless its cancellation was swallowed."""


async def end_all(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks until each has ended, whatever it ends with.

    Once is not enough: before Python 3.12 `asyncio.wait_for`, which the NATS client rests on,
    swallows a cancellation that comes together with the answer (python/cpython#86296).
    """
    left = {task for task in tasks if not task.done()}
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=CANCEL_AGAIN_S)
    await asyncio.gather(*tasks, return_exceptions=True)
