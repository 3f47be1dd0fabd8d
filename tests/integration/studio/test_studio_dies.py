"""The studio, then the backbone, is killed in the middle of a show: nobody who listens notices."""

import asyncio
import json
import os
import signal
import time
from typing import Any

import httpx
import pytest
from tests.house import Created, House
from tests.integration.house.crowd import Crowd
from tests.integration.stage.stage_rig import coded, tone

from rostra.domain.errors import HouseError
from rostra.programme.pace import SKIP_MESSAGES
from rostra.stage.drivers.speaker import Speaker
from rostra.wire.messages import Answer
from rostra.wire.stagelink import Ack, Mute, StageView

pytestmark = pytest.mark.house

LISTENERS = 100
BACK_S_MAX = 5.0
"""From the studio's death to a speaker who is on stage again."""
PATIENCE_S = 20.0
MESSAGES_A_S = 9.375


async def joined(house: House, ticket: str, space: str) -> tuple[Speaker, Answer]:
    """A headless speaker, joined through the front door; HouseError if the house refuses now."""
    got: list[Answer] = []

    async def post(sdp: str) -> Answer:
        async with httpx.AsyncClient(base_url=house.origin, timeout=PATIENCE_S) as http:
            body = {"ticket": ticket, "sdp": sdp, "name": "Ada"}
            answer = await http.post(f"/api/v1/spaces/{space}/stage", json=body)
        if answer.status_code != 200:
            raise HouseError(answer.text)
        got.append(Answer(**answer.json()))
        return got[0]

    speaker = Speaker(coded(tone(500.0, 60.0)))
    await speaker.connect(post)
    return speaker, got[0]


async def back_again(house: House, space: Created, resume: str) -> Speaker:
    """As a page comes back: again and again, until it is on stage."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                return (await joined(house, resume, space.id))[0]
            except HouseError:
                await asyncio.sleep(0.2)


def recorded(house: House, space: Created) -> dict[str, Any]:
    """The one run that is on disk, once what it waits for is written."""
    [tape] = json.loads(house.cli("space", "recording", space.id, "--json").stdout)
    found: dict[str, Any] = tape
    return found


def kill(house: House, role: str) -> None:
    os.kill(next(row["pid"] for row in house.ps() if row["role"] == role), signal.SIGKILL)


async def test_a_dead_studio_and_a_dead_backbone_cost_no_listener(own_house: House) -> None:
    own_house.start()
    space = own_house.create_space("The evening")
    ticket = space.speaker_url.rsplit("/", 1)[1]
    speaker, answer = await joined(own_house, ticket, space.id)
    speaker.say(Mute(n=1, on=True))
    await speaker.word(Ack)
    async with Crowd(own_house.port + 1, space.id, LISTENERS) as crowd:
        await crowd.until_each_heard(3)
        kill(own_house, "studio")
        died = time.monotonic()
        await speaker.close()
        back = await back_again(own_house, space, answer.resume)
        away_s = time.monotonic() - died
        [me] = (await back.word(StageView, lambda view: bool(view.people))).people
        assert (me.id, me.muted) == (answer.participant, True)
        await crowd.until_each_heard(10)
        assert (crowd.dropped, crowd.gaps) == (0, 0)
        kill(own_house, "nats")
        back.say(Mute(n=1, on=False))
        await back.word(Ack)
        await crowd.until_each_heard(30)
        assert (crowd.dropped, crowd.gaps) == (0, 0)
        assert not back.gone.is_set()
    await back.close()
    tape = recorded(own_house, space)
    assert (tape["messages"] > 0, tape["damaged"]) == (True, 0)
    # One file, and all that was sent: the next studio begins on the grid, whole steps later.
    assert tape["missing"] <= away_s * MESSAGES_A_S + SKIP_MESSAGES, away_s
    others = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))  # work that is not the house's
    assert away_s < BACK_S_MAX * others
    print(f"on stage again {away_s:.1f} s after the studio's death")  # noqa: T201 - a figure
