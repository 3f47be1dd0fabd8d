"""The desk is killed in the middle of a show: nobody who listens or speaks notices."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator

import httpx
import pytest
from tests.house import Created, House
from tests.integration.house.crowd import Crowd
from tests.integration.house.on_stage import on_stage

from rostra.stage.drivers.speaker import Speaker
from rostra.wire.stagelink import Ack, End, Mute, StageView

LISTENERS = 500
PATIENCE_S = 20.0


async def state_of(space: str, port: int) -> str:
    async with httpx.AsyncClient() as http:
        answer = await http.get(f"http://127.0.0.1:{port}/live/{space}/state.json")
        return str(answer.json()["state"])


def kill_desk(house: House) -> int:
    """Kill it as a bad update would; the house brings it back after its back-off."""
    pid = next(row["pid"] for row in house.ps() if row["role"] == "desk")
    os.kill(pid, signal.SIGKILL)
    return int(pid)


@pytest.fixture
async def show(own_house: House) -> AsyncIterator[tuple[House, Created, Speaker, Speaker]]:
    own_house.start()
    space = own_house.create_space("The evening")
    host = await on_stage(own_house, space.host_url, 500.0)
    guest = await on_stage(own_house, space.speaker_url, 900.0)
    yield own_house, space, host, guest
    await host.close()
    await guest.close()


@pytest.mark.house
async def test_nobody_notices_a_dead_desk(
    show: tuple[House, Created, Speaker, Speaker],
) -> None:
    house, space, host, guest = show
    port = house.port + 1
    async with Crowd(port, space.id, LISTENERS) as crowd:
        await crowd.until_each_heard(3)
        kill_desk(house)
        async with httpx.AsyncClient() as http:
            page = await http.get(f"{house.origin}/s/{space.id}")
            assert page.status_code == 200
            assert "The evening" in page.text
        async with Crowd(port, space.id, 50) as newcomers:
            await newcomers.until_each_heard(3)
            assert (newcomers.dropped, newcomers.gaps) == (0, 0)
        guest.say(Mute(n=1, on=True))
        await guest.word(Ack)
        async with asyncio.timeout(PATIENCE_S):
            await host.word(StageView, lambda view: any(one.muted for one in view.people))
        await crowd.until_each_heard(15)
        assert (crowd.dropped, crowd.gaps) == (0, 0)
        host.say(End(n=2))
        async with asyncio.timeout(PATIENCE_S):
            await host.gone.wait()
            while not all(ear.dropped for ear in crowd.ears):  # the stream ends with the space
                await crowd.until_each_heard(1)
    assert await state_of(space.id, port) == "ended"
    assert crowd.gaps == 0
