"""Ending tasks for certain, and clean-ups that nothing breaks off."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

CANCEL_AGAIN_S: Final = 0.2
"""A cancelled task of ours ends within milliseconds, unless its cancellation was swallowed, or it
is in the midst of a clean-up (`unbroken`), which has a bound of its own."""


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


async def unbroken(work: Coroutine[Any, Any, None]) -> None:
    """Do a clean-up to its end, however often its caller is cancelled meanwhile.

    The cancellation is not lost: it comes when the work is done. The work has to have a bound.
    """
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            cancelled = error
    task.result()
    if cancelled is not None:
        raise cancelled
