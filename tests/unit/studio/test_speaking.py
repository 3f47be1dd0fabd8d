"""How long a headless speaker waits for a studio that is only just taking the space."""

import asyncio
import time

import httpx
import pytest

from rostra.app import speaking
from rostra.app.house_client import Link
from rostra.app.speaking import RETRY_S, TAKEN_WAIT_S, _Offers
from rostra.domain.errors import HouseError, PeerError


class Desk:
    """Answers `sorry` so many times with this status, and then the offer."""

    def __init__(self, sorry: int, status: int = 503) -> None:
        self._sorry = sorry
        self._status = status
        self.tickets: list[str] = []

    def offers(self) -> _Offers:
        http = httpx.AsyncClient(base_url="http://desk", transport=httpx.MockTransport(self._call))
        return _Offers(http, Link("http://desk", "link"), "tea", "Ada")

    def _call(self, request: httpx.Request) -> httpx.Response:
        self.tickets.append(httpx.Response(200, content=request.content).json()["ticket"])
        if len(self.tickets) <= self._sorry:
            return httpx.Response(self._status, json={"error": {"sentence": "Not yet."}})
        return httpx.Response(200, json={"sdp": "v=0", "participant": "p", "resume": "back"})


async def test_a_space_that_is_taken_a_moment_later_is_joined_and_come_back_to() -> None:
    desk = Desk(sorry=2)
    offers = desk.offers()
    assert (await offers.post("v=0")).participant == "p"
    assert (await offers.post("v=0")).resume == "back"
    assert desk.tickets == ["link", "link", "link", "back"]


async def test_a_studio_that_never_comes_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    assert TAKEN_WAIT_S > 5.0 + RETRY_S  # a dead studio's lease expires first
    monkeypatch.setattr(speaking, "TAKEN_WAIT_S", 0.5)
    desk, began = Desk(sorry=1_000), time.monotonic()
    with pytest.raises(HouseError, match="Not yet"):
        await asyncio.wait_for(desk.offers().post("v=0"), 5)
    assert time.monotonic() - began >= speaking.TAKEN_WAIT_S
    assert len(desk.tickets) > 2


async def test_a_refusal_is_not_asked_twice() -> None:
    desk = Desk(sorry=1_000, status=403)
    with pytest.raises(PeerError, match="Not yet"):
        await desk.offers().post("v=0")
    assert desk.tickets == ["link"]
