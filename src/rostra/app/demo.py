"""`rostra demo`: one space that is live at once, with two recorded voices talking in turns."""

import asyncio
import sys
from pathlib import Path
from typing import Any, Final

import httpx
import structlog

from rostra.app.children import Child
from rostra.app.cli_sound import LINK_VARIABLE
from rostra.app.house_client import operator_options, read
from rostra.app.supervisor import House
from rostra.domain.errors import HouseError, RostraError

TITLE: Final = "Demo: two voices on the rostra"
VOICES: Final = (("Ada", "voice_a.opus"), ("Ben", "voice_b.opus"))
PLAN: Final = {
    "title": TITLE,
    "at": "now",
    "hosts": [name for name, _ in VOICES],
    "description": "Two recorded voices take turns, so that there is something to hear at once.",
}

_log = structlog.get_logger("house")


async def stage_demo(house: House) -> str:
    """End what an earlier demo left, create a space, start its speakers; its listen link."""
    settings = house.settings
    desk = f"http://127.0.0.1:{settings.desk_port}"
    try:
        async with httpx.AsyncClient(**operator_options(settings, desk)) as http:
            await _end_old(http)
            made = read(await http.post("/api/v1/spaces", json=PLAN))
    except httpx.HTTPError as error:
        sentence = f"The desk does not answer ({error}), so there is no demo. See the lines above."
        raise HouseError(sentence) from error
    house.add([_speaker(made["speaker_url"], *voice) for voice in VOICES])
    return str(made["listen_url"])


async def _end_old(http: httpx.AsyncClient) -> None:
    lists = read(await http.get("/api/v1/spaces"))
    spaces: list[dict[str, Any]] = [*lists["live"], *lists["coming"]]
    old = [one for one in spaces if one["title"] == TITLE]
    await asyncio.gather(*(_end(http, one["id"]) for one in old))


async def _end(http: httpx.AsyncClient, space: str) -> None:
    try:
        read(await http.post(f"/api/v1/spaces/{space}/end"))
    except (RostraError, httpx.HTTPError) as error:
        _log.warning("an earlier demo could not be ended", space=space, reason=str(error))


def _speaker(link: str, name: str, voice: str) -> Child:
    file = Path(__file__).parent / "demo_data" / voice
    argv = (sys.executable, "-m", "rostra", "speak", "-", "--file", str(file), "--loop")
    return Child(
        "speaker",
        (*argv, "--name", name),
        name,
        environment={LINK_VARIABLE: link},
        quiet=True,
        once=True,
    )
