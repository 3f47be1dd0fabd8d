"""Brings a headless speaker onto a stage by a link: reads the ticket, posts the offers."""

import asyncio
import contextlib
from pathlib import Path
from typing import Any, Final

import httpx

from rostra.app.house_client import CALL_WAIT_S, Link, parse_link, read
from rostra.domain.errors import HouseError, PeerError
from rostra.domain.space import OVER
from rostra.stage.drivers.speaker import speak
from rostra.wire.messages import Answer

TAKEN_WAIT_S: Final = 10.0
"""A new space is taken by a studio within a second; after a studio's death within five."""
RETRY_S: Final = 0.2
"""Between two offers while nobody has taken the space yet."""


async def speak_link(
    url: str, file: Path, *, loop: bool = False, seconds: float | None = None, name: str = ""
) -> str:
    """Speak `file` on the stage that the link is for; the studio's last word, if it said one.

    Raises PeerError for a bad link or file, HouseError if house or studio cannot be reached.
    """
    link = parse_link(url)
    async with httpx.AsyncClient(
        base_url=link.origin, timeout=CALL_WAIT_S, trust_env=False
    ) as http:
        known = await _call(http, "GET", f"/api/v1/tickets/{link.ticket}")
        if known["state"] in OVER:
            sentence = f"“{known['title']}” is over: there is no stage any more."
            raise PeerError(sentence, 410)
        offers = _Offers(http, link, str(known["space"]), name)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                return await speak(offers.post, file, loop=loop)
    return ""


class _Offers:
    """Posts offers: with the link's ticket first, then with the last resume ticket."""

    def __init__(self, http: httpx.AsyncClient, link: Link, space: str, name: str) -> None:
        self._http = http
        self._ticket = link.ticket
        self._path = f"/api/v1/spaces/{space}/stage"
        self._name = name

    async def post(self, sdp: str) -> Answer:
        """One offer and its answer; waits for a studio that is only just taking the space."""
        body = {"ticket": self._ticket, "sdp": sdp, "name": self._name}
        deadline = asyncio.get_running_loop().time() + TAKEN_WAIT_S
        while True:
            try:
                answer = await _call(self._http, "POST", self._path, body)
                break
            except HouseError:
                if asyncio.get_running_loop().time() > deadline:
                    raise
            await asyncio.sleep(RETRY_S)
        self._ticket = answer["resume"]
        return Answer(answer["sdp"], answer["participant"], answer["resume"])


async def _call(http: httpx.AsyncClient, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
    try:
        return read(await http.request(method, path, json=body))
    except httpx.HTTPError as error:
        sentence = f"The house at {http.base_url} does not answer ({error}). Is the link right?"
        raise HouseError(sentence) from error
