"""The desk is killed before T0: the show begins, mutes and ends, and nobody notices."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from tests import figures
from tests.house import Created, House
from tests.integration.house.crowd import Crowd
from tests.integration.house.on_stage import on_stage

from rostra.app.beginning import LOOK_BEFORE_US, SECOND_US
from rostra.stage.drivers.speaker import Speaker
from rostra.wire.stagelink import Ack, End, Mute, StageView

LISTENERS = 500
PATIENCE_S = 20.0
LEAD_S = 18.0
"""From the plan to T0; a host has to be there 10 s before it."""
LEAD_S_MAX = 80.0


async def state_of(space: str, port: int) -> str:
    async with httpx.AsyncClient() as http:
        answer = await http.get(f"http://127.0.0.1:{port}/live/{space}/state.json")
        return str(answer.json()["state"])


async def must_be_down(house: House) -> None:
    async with httpx.AsyncClient(base_url=house.origin) as http:
        assert (await http.get("/api/v1/me")).status_code == 503


@pytest.fixture
async def show(own_house: House) -> AsyncIterator[tuple[House, Created, Speaker, Speaker]]:
    own_house.start()
    space, host, guest = await planned(own_house)
    yield own_house, space, host, guest
    await host.close()
    await guest.close()


async def planned(house: House) -> tuple[Created, Speaker, Speaker]:
    """A space some seconds before its T0, its host and a guest, in time on a slow machine too."""
    lead_s = LEAD_S
    while True:
        t0 = datetime.now(UTC) + timedelta(seconds=lead_s)
        space = house.create_space("The evening", at=t0.isoformat())
        host = await on_stage(house, space.host_url, 500.0)
        guest = await on_stage(house, space.speaker_url, 900.0)
        if (t0 - datetime.now(UTC)).total_seconds() > LOOK_BEFORE_US / SECOND_US + 1:
            return space, host, guest
        await host.close()
        await guest.close()
        lead_s *= 2
        assert lead_s < LEAD_S_MAX, "this machine is too slow for a start on time"


async def newcomers_hear_it(house: House, space: Created) -> None:
    """Page, assets and sound, for who comes while the desk is dead."""
    async with httpx.AsyncClient(base_url=house.origin) as http:
        page = await http.get(f"/s/{space.id}")
        assert page.status_code == 200
        assert "The evening" in page.text
        assets = re.findall(r"/assets/[^\"]+", page.text)
        assert assets
        assert [(await http.get(asset)).status_code for asset in assets] == [200] * len(assets)
    async with Crowd(house.port + 1, space.id, 50) as newcomers:
        await newcomers.until_each_heard(3)
        assert (newcomers.dropped, newcomers.gaps) == (0, 0)


async def begun_by_the_clock(host: Speaker) -> None:
    async with asyncio.timeout(LEAD_S_MAX):
        begun = await host.word(StageView, lambda view: view.state == "live")
    assert (begun.reason, begun.planned_t0_utc_us) == ("clock", 0)
    late_us = time.time_ns() // 1_000 - begun.t0_utc_us
    assert 0 <= late_us < PATIENCE_S * SECOND_US


async def muted_by_the_guest(host: Speaker, guest: Speaker) -> None:
    guest.say(Mute(n=1, on=True))
    await guest.word(Ack)
    async with asyncio.timeout(PATIENCE_S):
        await host.word(StageView, lambda view: any(one.muted for one in view.people))


async def ended_by_the_host(host: Speaker, crowd: Crowd) -> None:
    host.say(End(n=2))
    async with asyncio.timeout(PATIENCE_S):
        await host.gone.wait()
        while not all(ear.dropped for ear in crowd.ears):  # the stream ends with the space
            await crowd.until_each_heard(1)


@pytest.mark.house
async def test_nobody_notices_a_dead_desk(
    show: tuple[House, Created, Speaker, Speaker],
) -> None:
    house, space, host, guest = show
    with house.without("desk"):
        await must_be_down(house)
        assert await state_of(space.id, house.port + 1) == "lobby"
        async with Crowd(house.port + 1, space.id, LISTENERS) as crowd:
            await newcomers_hear_it(house, space)
            await begun_by_the_clock(host)
            await muted_by_the_guest(host, guest)
            await crowd.until_each_heard(15)
            assert (crowd.dropped, crowd.gaps) == (0, 0)
            await must_be_down(house)
            await ended_by_the_host(host, crowd)
            await must_be_down(house)
    assert await state_of(space.id, house.port + 1) == "ended"
    assert crowd.gaps == 0
    figures.show({"listeners": LISTENERS, "dropped_while_the_desk_was_dead": 0, "gaps": crowd.gaps})
