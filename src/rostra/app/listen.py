"""`rostra listen`: joins a space as any listener does, without a browser, and measures it."""

import asyncio
import random
import secrets
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from pathlib import Path
from time import monotonic_ns
from typing import Final

import httpx

from rostra.app.listen_ear import Ear
from rostra.app.listen_house import (
    Look,
    Target,
    bases,
    client,
    look,
    target,
    unreachable,
)
from rostra.app.listen_media import SOURCES
from rostra.app.listen_meter import Heard
from rostra.app.listen_move import Following
from rostra.domain.errors import HouseError, MalformedError, PeerError, RostraError
from rostra.domain.space import DOORS_OPEN, OVER

FIRST_SOUND_MAX_S: Final = 15.0
"""Joining takes under a second; after so long something is wrong, and the listener says so."""

BACKOFF_FIRST_S: Final = 0.25
BACKOFF_MAX_S: Final = 8.0
"""A lost connection comes back after a random part of this, doubled each time (full jitter)."""

CLOCK_LOOKS: Final = 4
CLOCK_LOOK_EVERY_S: Final = 0.5
"""The house's clock is read a few times; the reading with the shortest round trip counts."""

_BUSY: Final = 500
"""From this status on another edge may do better."""


async def listen(
    url: str,
    seconds: float,
    out: Path | None,
    transport: str | None = None,
) -> Heard:
    """Listen for `seconds` from the first sound on and report.

    Args:
        url: A space's page (`http://HOST:PORT/s/SPACE`) or one of its media files.
        seconds: How long, from the first sound on.
        out: Where to write what was heard, as 16-bit mono WAV at 48 kHz; None for nowhere.
        transport: `push` (the default), `opus`, `aac`, `mp3` or `hls`; a media file says it itself.

    Raises:
        PeerError: The address is none of a listener's, or its space is unknown or not open.
        HouseError: Nobody answers, or no sound came within 15 s.
    """
    started_ns = monotonic_ns()
    goal = target(url, transport)
    async with client() as http:
        seed = secrets.token_bytes(16)
        places = [goal.origin] if goal.direct else await bases(http, goal.origin, seed)
        looks = [await _first_look(http, places, goal)]

        async def elsewhere() -> list[str]:
            return [] if goal.direct else await bases(http, goal.origin, seed)

        with Ear(out) as ear:
            visit = _Visit(http, goal, places, ear, elsewhere)
            clock = asyncio.create_task(_read_clock(http, visit, looks))
            try:
                await visit.run(seconds)
            finally:
                clock.cancel()
                with suppress(asyncio.CancelledError):
                    await clock
        best = min(looks, key=lambda one: one.round_trip_us)
        state = looks[-1].state
        epoch_utc_us = state.epoch_utc_us + state.stepped_us
        latency_s = ear.meter.latency_s(epoch_utc_us, best.house_minus_mono_us)
        return ear.meter.heard(goal.transport, visit.url, started_ns, latency_s, visit.lost)


async def _first_look(http: httpx.AsyncClient, places: list[str], goal: Target) -> Look:
    """The state from the first place that answers; PeerError unless the doors are open."""
    for place in list(places):
        try:
            first = await look(http, place, goal.space)
            break
        except HouseError:
            places.remove(place)
            if not places:
                raise
    state = first.state
    if state.state in OVER:
        sentence = f"{state.title!r} is {state.state}; there is nothing to hear any more."
        raise PeerError(sentence, status=410)
    if state.state not in DOORS_OPEN:
        sentence = f"The doors of {state.title!r} are not open yet; it is {state.state}."
        raise PeerError(sentence, status=409)
    return first


async def _read_clock(http: httpx.AsyncClient, visit: "_Visit", looks: list[Look]) -> None:
    while len(looks) < CLOCK_LOOKS:
        await asyncio.sleep(CLOCK_LOOK_EVERY_S)
        with suppress(RostraError):
            looks.append(await look(http, visit.place, visit.goal.space))


class _Visit:
    """One listener's stay: the connection it has, and the next one when that is lost."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        goal: Target,
        places: list[str],
        ear: Ear,
        elsewhere: Callable[[], Awaitable[list[str]]],
    ) -> None:
        self.goal = goal
        self.lost = 0
        self.place = places[0]
        self._http = http
        self._places = places
        self._ear = ear
        self._elsewhere = elsewhere

    @property
    def url(self) -> str:
        """What is listened to at the moment."""
        return self._url_at(self.place)

    def _url_at(self, place: str) -> str:
        return f"{place}/live/{self.goal.space}/{self.goal.asked}"

    @property
    def _heard(self) -> bool:
        return self._ear.meter.first_sound_ns is not None

    async def run(self, seconds: float) -> None:
        """Listen until `seconds` after the first sound, over as many connections as it takes."""
        with suppress(TimeoutError):
            async with asyncio.timeout(FIRST_SOUND_MAX_S) as limit:
                while not await self._connection(limit, seconds):
                    most = min(BACKOFF_MAX_S, BACKOFF_FIRST_S * 2**self.lost)
                    self.lost += 1
                    self.place = self._places[self.lost % len(self._places)]
                    await asyncio.sleep(random.uniform(0, most))  # noqa: S311 - spreads a crowd
        if not self._heard:
            sentence = f"{self.url} gave no sound within {FIRST_SOUND_MAX_S:.0f} s."
            raise HouseError(sentence + " Look at the edge's log and /healthz.")

    async def _connection(self, limit: asyncio.Timeout, seconds: float) -> bool:
        """Listen on one connection until it is lost; True when there is nothing more to hear."""
        try:
            await self._listen(limit, seconds)
        except MalformedError:
            raise
        except PeerError as error:
            if error.status < _BUSY and not self._heard:
                raise
            self._raise_if_last(error)
        except (httpx.HTTPError, httpx.InvalidURL, HouseError) as error:
            self._raise_if_last(unreachable(self.url, error))
        return await self._over()

    def _raise_if_last(self, error: RostraError) -> None:
        if not self._heard and self.lost + 1 >= len(self._places):
            raise error

    async def _listen(self, limit: asyncio.Timeout, seconds: float) -> None:
        self._ear.new_connection()
        source = SOURCES[self.goal.transport]
        following = Following(
            lambda place: source(self._http, self._url_at(place)), self._others, self._moved
        )
        async with aclosing(following.pieces(self.place)) as pieces:
            async for piece in pieces:
                before = self._heard
                self._ear.take(piece)
                if self._heard and not before:
                    limit.reschedule(asyncio.get_running_loop().time() + seconds)

    async def _others(self) -> list[str]:
        return [place for place in await self._elsewhere() if place != self.place]

    def _moved(self, place: str) -> None:
        self.place = place
        self._ear.new_connection()

    async def _over(self) -> bool:
        try:
            seen = await look(self._http, self.place, self.goal.space)
        except RostraError:
            return False
        return seen.state.state in OVER
