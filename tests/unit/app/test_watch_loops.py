"""A part of the watch that fails is begun again, said once, and disturbs no other."""

import asyncio
import contextlib

import pytest
import structlog
from tests.until import until

from rostra.app import backoff
from rostra.app.watch_loops import Loop, Loops
from rostra.domain.errors import HouseError


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backoff, "FIRST_DELAY_S", 0.001)


async def test_a_part_that_fails_is_said_once_and_begun_again_beside_the_others() -> None:
    full = HouseError("The watch's database does not answer: disk is full.")
    faults: list[Exception] = [full, full, ValueError("ours"), ValueError("ours")]
    turns: list[str] = []

    async def failing() -> None:
        if faults:
            raise faults.pop(0)
        turns.append("well again")

    async def steady() -> None:
        turns.append("steady")
        await asyncio.Event().wait()

    loops = Loops((Loop("failing", failing), Loop("steady", steady)))
    with structlog.testing.capture_logs() as lines:
        task = asyncio.create_task(loops.run())
        await until(lambda: "well again" in turns)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    assert turns.count("steady") == 1
    assert loops.failures == {"failing": 4, "steady": 0}
    said = [(line["event"], line["part"]) for line in lines]
    assert said == [
        ("a part of the watch waits", "failing"),
        ("a part of the watch failed", "failing"),
    ]


async def test_parts_with_nothing_to_do_may_all_have_ended() -> None:
    async def nothing() -> None:
        return

    await Loops((Loop("none", nothing),)).run()
