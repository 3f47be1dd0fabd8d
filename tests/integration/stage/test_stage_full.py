"""A full stage of real connections: thirteen speak and hear, one more waits, a host comes in."""

import asyncio

import numpy as np
import pytest
from tests.integration.stage.stage_rig import Ear, power_db, stage, tone
from tests.until import until

from rostra.domain.errors import PeerError
from rostra.domain.limits import SPEAKERS_MAX
from rostra.domain.space import Role

SECONDS = 30.0
LEVEL = 0.04


async def test_thirteen_speakers_hear_each_other_and_a_host_finds_a_place() -> None:
    async with stage() as rig:
        ears = [Ear() for _ in range(SPEAKERS_MAX)]
        hertz = [400.0 + 150.0 * number for number in range(SPEAKERS_MAX)]
        speakers = await asyncio.gather(
            *(
                rig.speaker(f"p{number:02}", tone(hertz[number], SECONDS, LEVEL), ears[number])
                for number in range(SPEAKERS_MAX)
            )
        )
        await until(lambda: sum(person.here for person in rig.room.people()) == SPEAKERS_MAX)
        with pytest.raises(PeerError, match="13 people are on it"):
            await rig.speaker("late", tone(100.0, 1.0))
        host = await rig.speaker("host", tone(100.0, 0.1), role=Role.HOST)
        assert len(rig.room.people()) == SPEAKERS_MAX + 1
        await ears[0].next(50)  # the youngest connection fades in
        heard = await asyncio.gather(*(ear.next(25) for ear in ears))
        for own, sound in zip(hertz, heard, strict=True):
            others = [power_db(sound, other) for other in hertz if other != own]
            assert min(others) > -45
            assert power_db(sound, own) < min(others) - 6
        mix = np.concatenate(rig.mixes[-25:])
        assert min(power_db(mix, one) for one in hertz) > -45
        await asyncio.gather(host.close(), *(speaker.close() for speaker in speakers))
