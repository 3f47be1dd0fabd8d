"""A full stage of real connections: all speak and hear, one more waits, a host comes in."""

import asyncio
from collections.abc import Iterable

import numpy as np
import pytest
from tests.integration.stage.stage_rig import Ear, power_db, stage, tone
from tests.until import until

from rostra.domain.errors import PeerError
from rostra.domain.space import Role
from rostra.stage.levels import Block

FULL = 13
"""Both sides of each connection run in this one process; `benchmarks.studio` fills a real stage."""
SECONDS = 30.0
LEVEL = 0.04
HEARD_DB = -45.0
PATIENCE_S = 15.0
"""The youngest connection fades in; on a busy machine a packet that is late is a hole in a tone."""


def quietest_db(sound: Block, hertz: Iterable[float]) -> float:
    """The power of the tone that is heard least."""
    return min(power_db(sound, one) for one in hertz)


async def with_all(ear: Ear, hertz: set[float]) -> Block:
    """The first half second in which all these tones are heard."""
    while True:
        sound = await ear.next(25)
        if quietest_db(sound, hertz) > HEARD_DB:
            return sound


async def test_all_speakers_hear_each_other_and_a_host_finds_a_place() -> None:
    async with stage(speakers_max=FULL) as rig:
        ears = [Ear() for _ in range(FULL)]
        hertz = [400.0 + 150.0 * number for number in range(FULL)]
        speakers = await asyncio.gather(
            *(
                rig.speaker(f"p{number:02}", tone(hertz[number], SECONDS, LEVEL), ears[number])
                for number in range(FULL)
            )
        )
        await until(lambda: sum(person.here for person in rig.room.people()) == FULL)
        with pytest.raises(PeerError, match=f"{FULL} people are on it"):
            await rig.speaker("late", tone(100.0, 1.0))
        host = await rig.speaker("host", tone(100.0, 0.1), role=Role.HOST)
        assert len(rig.room.people()) == FULL + 1
        async with asyncio.timeout(PATIENCE_S):
            heard = await asyncio.gather(
                *(with_all(ear, set(hertz) - {own}) for ear, own in zip(ears, hertz, strict=True))
            )
        for own, sound in zip(hertz, heard, strict=True):
            assert power_db(sound, own) < quietest_db(sound, set(hertz) - {own}) - 6
        await until(lambda: quietest_db(np.concatenate(rig.mixes[-25:]), hertz) > HEARD_DB)
        await asyncio.gather(host.close(), *(speaker.close() for speaker in speakers))
