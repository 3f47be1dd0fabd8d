"""Tasks end for certain."""

import asyncio
import contextlib

from rostra.app.endings import end_all


async def stubborn(swallows: int) -> None:
    """Swallows so many cancellations."""
    for _ in range(swallows):
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
    await asyncio.Event().wait()


async def broken() -> None:
    raise ZeroDivisionError


async def test_what_swallows_a_cancellation_ends_all_the_same() -> None:
    tasks = [asyncio.create_task(work) for work in (stubborn(0), stubborn(2), broken())]
    await asyncio.sleep(0)
    await asyncio.wait_for(end_all(*tasks), 5)
    assert [task.done() for task in tasks] == [True, True, True]
    assert [task.cancelled() for task in tasks] == [True, True, False]
    await end_all()
