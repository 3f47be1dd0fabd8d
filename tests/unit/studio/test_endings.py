"""Tasks end for certain."""

import asyncio
import contextlib

import pytest

from rostra.app.endings import end_all, unbroken


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


async def test_a_clean_up_is_finished_however_often_its_caller_is_cancelled() -> None:
    goes, finished = asyncio.Event(), []

    async def clean_up() -> None:
        await goes.wait()
        finished.append(True)

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await unbroken(clean_up())

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    for _ in range(5):
        task.cancel()
        await asyncio.sleep(0)
    assert not task.done()
    goes.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert finished == [True]


async def test_a_clean_up_that_fails_says_so() -> None:
    with pytest.raises(ZeroDivisionError):
        await unbroken(broken())
    await unbroken(asyncio.sleep(0))
