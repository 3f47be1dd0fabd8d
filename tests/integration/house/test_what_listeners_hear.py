"""The studio is killed while people listen: what comes out of their loudspeakers."""

import asyncio
import os
import signal
import time
from itertools import pairwise

import httpx
import numpy as np
import pytest
from tests.house import House
from tests.integration.house.ears import Ear, Ears
from tests.integration.house.on_stage import on_stage

from rostra.app.edge_files import read_loop
from rostra.delivery.silence import WORDS
from rostra.programme.drivers.decode import UnitDecoder
from rostra.wire.playlist_read import read_media

pytestmark = pytest.mark.house

NAMES = ("push.mp4", "stream.aac", "stream.mp3")
LONGEST_WAIT_S = 1.5
"""0.75 s of silence, a tick of 0.32 s, and what a busy machine of two cores adds."""
AUDIBLE = 0.005
BACK_FRAMES = 150
"""Three seconds of the studio's own sound after its return."""


def kill_studio(house: House) -> float:
    """Kill it as the kernel would; the moment of its death."""
    pid = next(row["pid"] for row in house.ps() if row["role"] == "studio")
    os.kill(pid, signal.SIGKILL)
    return time.monotonic()


def stretches(ear: Ear, hold: set[bytes]) -> list[tuple[bool, int]]:
    """How many frames in a row were hold audio of the edge (True) or came from the studio."""
    found: list[tuple[bool, int]] = []
    for frame in ear.frames:
        held = frame in hold
        count = found.pop()[1] if found and found[-1][0] == held else 0
        found.append((held, count + 1))
    return found


def came_back(ear: Ear, hold: set[bytes]) -> bool:
    """Whether hold audio was heard, and then the studio for three seconds."""
    found = stretches(ear, hold)
    return len(found) > 2 and not found[-1][0] and found[-1][1] >= BACK_FRAMES


async def playlist(port: int, space: str) -> str:
    """The playlist as a player finds it."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/live/{space}") as http:
        master = (await http.get("/master.m3u8")).raise_for_status().text
        return (await http.get(f"/{master.split()[-1]}")).raise_for_status().text


async def filled_listed(port: int, space: str) -> str:
    """The playlist as soon as it lists what followed a filled segment."""
    async with asyncio.timeout(15):
        while True:
            text = await playlist(port, space)
            names = [segment.name for segment in read_media(text).segments]
            fills = [at for at, name in enumerate(names) if name.startswith("fill-")]
            if fills and fills[-1] + 1 < len(names):
                return text
            await asyncio.sleep(0.2)


def around_the_hold(ear: Ear, hold: set[bytes]) -> list[bytes]:
    """Two seconds before the hold audio, the hold audio, and two seconds after it."""
    first = next(at for at, frame in enumerate(ear.frames) if frame in hold)
    last = max(at for at, frame in enumerate(ear.frames) if frame in hold)
    return ear.frames[first - 100 : last + 100]


def loudness(units: list[bytes]) -> tuple[float, int]:
    """RMS of AAC units as a player decodes them, and how many were refused."""
    decoder = UnitDecoder()
    pcm = np.concatenate([decoder.feed(unit) for unit in units])
    return float(np.sqrt(np.mean(pcm**2))), decoder.errors


async def test_hold_audio_within_a_second_and_then_the_show_on_the_same_connections(
    own_house: House,
) -> None:
    own_house.start()
    space = own_house.create_space("The evening")
    port = own_house.port + 1
    loop = read_loop()
    assert loop is not None
    hold = {*loop.aac, *loop.mp3}
    speaker = await on_stage(own_house, space.host_url, 500.0)
    async with Ears(port, space.id, NAMES) as ears:
        await ears.until(lambda ear: len(ear.frames) > 300)
        died = kill_studio(own_house)
        await speaker.close()
        await ears.until(lambda ear: came_back(ear, hold))
        back = time.monotonic()
        text = await filled_listed(port, space.id)
        heard = list(ears.all.values())
        assert not any(ear.ended for ear in heard), "nobody lost the connection"
    for ear in heard:
        assert [held for held, _ in stretches(ear, hold)] == [False, True, False], ear.name
        assert ear.longest_wait_s(died - 1, back) < LONGEST_WAIT_S, ear.name
        units = [frame for frame in ear.since(died) if frame in hold]
        if ear.name != "stream.mp3":
            at = loop.aac.index(units[0])
            there = [loop.aac[(at + n) % len(loop.aac)] for n in range(len(units))]
            assert units == there, "the loop in its order, nothing twice, nothing left out"
            assert loudness(units)[0] > AUDIBLE, "music, not silence"
            assert loudness(ear.frames)[1] == 0, "nothing that a decoder refuses"
    push, aac, _ = heard
    assert all(end == begin for (_, end), (begin, _) in pairwise(push.pts))
    said = [one.body["text"] for one in push.notices if one.kind == "house"]
    assert (said[0], said[-1]) == (WORDS, ""), "why there is music, until there is none"
    around = [around_the_hold(ear, hold) for ear in (push, aac)]
    assert around[0] == around[1], "the same sound in each form"
    assert set(ears.all["stream.mp3"].titles) == {"The evening"}
    assert text.count("#EXT-X-DISCONTINUITY\n") == 2, text
