"""Headless speakers on the stage of a real house."""

from pathlib import Path

import httpx
import numpy as np
from tests.house import House
from tests.integration.stage.stage_rig import coded, tone

from rostra.stage.drivers.soundfile import blocks
from rostra.stage.drivers.speaker import Speaker
from rostra.stage.levels import Block
from rostra.wire.messages import Answer

SPEECH = Path(__file__).parents[2] / "data" / "speech.opus"
CALL_S = 20.0
SOUND_S = 60.0


async def on_stage(house: House, link: str, hertz: float) -> Speaker:
    """A headless speaker with a tone, joined through the front door and the desk.

    A tone that swells, as one does that comes in bursts from a starved sender, is taken for a
    howl: who listens for long wants `speaking`.
    """
    return await _joined(house, link, tone(hertz, SOUND_S), f"{hertz:.0f} Hz")


async def speaking(house: House, link: str) -> Speaker:
    """The same with a voice, over and over."""
    once = np.concatenate(list(blocks(SPEECH)))
    times = int(SOUND_S * 48_000 / len(once)) + 1
    return await _joined(house, link, np.tile(once, times), "Voice")


async def _joined(house: House, link: str, sound: Block, name: str) -> Speaker:
    ticket = link.rsplit("/", 1)[1]

    async def post(sdp: str) -> Answer:
        async with httpx.AsyncClient(base_url=house.origin, timeout=CALL_S) as http:
            known = (await http.get(f"/api/v1/tickets/{ticket}")).json()
            body = {"ticket": ticket, "sdp": sdp, "name": name}
            answer = await http.post(f"/api/v1/spaces/{known['space']}/stage", json=body)
            assert answer.status_code == 200, answer.text
            return Answer(**answer.json())

    speaker = Speaker(coded(sound))
    await speaker.connect(post)
    return speaker
