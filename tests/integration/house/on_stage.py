"""Headless speakers on the stage of a real house."""

import httpx
from tests.house import House
from tests.integration.stage.stage_rig import coded, tone

from rostra.stage.drivers.speaker import Speaker
from rostra.wire.messages import Answer

CALL_S = 20.0


async def on_stage(house: House, link: str, hertz: float) -> Speaker:
    """A headless speaker, joined through the front door and the desk."""
    ticket = link.rsplit("/", 1)[1]

    async def post(sdp: str) -> Answer:
        async with httpx.AsyncClient(base_url=house.origin, timeout=CALL_S) as http:
            known = (await http.get(f"/api/v1/tickets/{ticket}")).json()
            body = {"ticket": ticket, "sdp": sdp, "name": f"{hertz:.0f} Hz"}
            answer = await http.post(f"/api/v1/spaces/{known['space']}/stage", json=body)
            assert answer.status_code == 200, answer.text
            return Answer(**answer.json())

    speaker = Speaker(coded(tone(hertz, 60.0)))
    await speaker.connect(post)
    return speaker
