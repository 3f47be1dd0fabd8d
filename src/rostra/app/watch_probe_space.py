"""Probes a space, or whatever is open in a house, as a listener: pages, sound, gaps, T0, silence.

A probe is one listener for a few seconds, in AAC, and is counted as one while it stays.
"""

import asyncio
import secrets
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Final
from urllib.parse import urlsplit

import httpx
import msgspec

from rostra.app.listen_ear import Ear
from rostra.app.listen_house import Look, Target, bases, look, target
from rostra.app.listen_media import Piece, push
from rostra.domain.errors import RostraError
from rostra.domain.grid import us_of_samples
from rostra.domain.limits import SPACE_ID_CHARS_MAX
from rostra.domain.space import DOORS_OPEN, OVER, State
from rostra.watch import hearing
from rostra.watch.drivers.probe_http import page
from rostra.watch.drivers.probe_net import Means
from rostra.watch.drivers.probe_steps import FailedError, Trail
from rostra.watch.moments import US_PER_S
from rostra.wire.messages import Notice

HEAR_S: Final = 3.0
"""How long a probe listens from its first sound on: some ten parts, 20 kB."""

T0_EARLY_S: Final = 1.5
"""A probe that is to hear a start joins so long before it."""

T0_AFTER_S: Final = 2.0
"""And stays so long after it: what is heard is under a second late."""

WAIT_S: Final = 5.0
"""For a connection, or the next bytes of the sound."""

LISTED_MAX: Final = 1_000
"""Spaces of a house's list that are looked at."""


class _Listed(msgspec.Struct):
    id: str
    state: str = ""


class _Lists(msgspec.Struct):
    live: list[_Listed] = []
    coming: list[_Listed] = []


class SpaceProbe:
    """Probes one address, a space's page or a house's origin, and remembers what it saw."""

    def __init__(
        self,
        address: str,
        means: Means,
        utc_us: Callable[[], int] = lambda: time.time_ns() // 1_000,
    ) -> None:
        self._address = address
        self._means = means
        self._utc_us = utc_us
        self._last: Look | None = None

    async def probe(self, trail: Trail) -> None:
        """Everything that a listener meets, in order; FailedError where it ends."""
        goal = await self._pages(trail)
        if goal is None:
            self._last = None
            return
        async with self._client() as http:
            await _Visit(self, trail, http, goal).run()

    def next_in_s(self) -> float | None:
        """In how many seconds a probe would hear a start; None when none is known to come."""
        last = self._last
        if last is None or last.state.state is not State.LOBBY:
            return None
        now_us = time.monotonic_ns() // 1_000 + last.house_minus_mono_us
        left_s = (last.state.t0_utc_us - now_us) / US_PER_S - T0_EARLY_S
        return left_s if left_s > 0 else None

    def crossed(self, trail: Trail, now: Look) -> None:
        """Compare with the probe before: has a start come between them, and was it on time?"""
        before, self._last = self._last, now
        if before is None or before.state.id != now.state.id:
            return
        error_ms = hearing.t0_error_ms(before.state, now.state)
        if error_ms is not None:
            _t0(trail, error_ms)

    def seen(self, now: Look) -> None:
        """Remember the newest state."""
        self._last = now

    def _client(self) -> httpx.AsyncClient:
        headers = {"Accept-Encoding": "identity", "User-Agent": "rostra-watch"}
        return httpx.AsyncClient(
            timeout=WAIT_S, headers=headers, trust_env=False, verify=self._means.trust
        )

    async def _pages(self, trail: Trail) -> Target | None:
        """The pages that come before the sound; where there is something to hear, or None."""
        if "/s/" in urlsplit(self._address).path:
            await page(self._means, self._address, trail)
            goal = target(self._address, "push")
            await self._also(trail, f"{goal.origin}/live/edges.json")
            return goal
        origin = self._address.rstrip("/")
        await page(self._means, f"{origin}/", trail)
        await self._also(trail, f"{origin}/live/edges.json")
        lists = await self._also(trail, f"{origin}/api/v1/spaces")
        with trail.step("page"):
            space = _open_space(lists)
        return target(f"{origin}/s/{space}", "push") if space else None

    async def _also(self, trail: Trail, url: str) -> bytes:
        """A further page, whose connection counts as part of it."""
        with trail.step("page"):
            try:
                return (await page(self._means, url, Trail())).body
            except FailedError as error:
                sentence = f"{urlsplit(url).path}: {error.sentence}"
                raise FailedError(sentence) from error


class _Visit:
    """One stay of one probe."""

    def __init__(
        self, probe: SpaceProbe, trail: Trail, http: httpx.AsyncClient, goal: Target
    ) -> None:
        self._probe = probe
        self._trail = trail
        self._http = http
        self._goal = goal
        self._place = goal.origin
        self._stillness = hearing.Stillness()
        self._ear = Ear(None, self._stillness.take)
        self._said: list[Notice] = []
        self._asked_to_move = False

    async def run(self) -> None:
        with self._trail.step("page"):
            places = await bases(self._http, self._goal.origin, secrets.token_bytes(16))
            before = await self._look(places)
        # Read before it joins: the probe itself is not among them.
        self._trail.listening = before.state.listening
        self._probe.crossed(self._trail, before)
        if before.state.state not in DOORS_OPEN:
            return
        began_ns = time.monotonic_ns()
        with self._trail.step("first_sound"):
            pieces = await self._first_sound(places)
        first_ms = (self._first_ns() - began_ns) / 1e6
        self._trail.took("first_sound", first_ms)
        self._trail.took("slow", first_ms, hearing.slow(first_ms))
        async with aclosing(pieces):
            with self._trail.step("gap"):
                whole = await self._stay(pieces, before)
                after = await look(self._http, self._place, self._goal.space)
        self._probe.seen(after)
        self._judge(before, after, whole=whole)

    def _first_ns(self) -> int:
        return self._ear.meter.first_sound_ns or time.monotonic_ns()

    async def _look(self, places: list[str]) -> Look:
        """The state, from the first place that answers; the front door is the last of them."""
        for place in places[:-1]:
            try:
                return await look(self._http, place, self._goal.space)
            except RostraError:
                continue
        return await look(self._http, places[-1], self._goal.space)

    async def _first_sound(self, places: list[str]) -> AsyncGenerator[Piece, None]:
        """A stream that has given sound, from the first place that gives some."""
        last: Exception = FailedError("No edge gives sound.")
        for place in places:
            self._place = place
            self._ear.new_connection()
            pieces = push(self._http, f"{place}/live/{self._goal.space}/{self._goal.asked}")
            try:
                async for piece in pieces:
                    self._take(piece)
                    if self._ear.meter.first_sound_ns is not None:
                        return pieces
            except (httpx.HTTPError, httpx.InvalidURL, RostraError) as error:
                last = error
            except BaseException:
                await pieces.aclose()
                raise
            await pieces.aclose()
        said = last.sentence if isinstance(last, RostraError) else "No edge gives sound."
        raise FailedError(said) from last

    def _take(self, piece: Piece) -> None:
        self._ear.take(piece)
        self._said += [one for one in piece.said if one.kind == "state"]
        self._asked_to_move |= piece.move_within_s is not None

    async def _stay(self, pieces: AsyncGenerator[Piece, None], before: Look) -> bool:
        """Listen on; whether the stream lasted."""
        try:
            async with asyncio.timeout(self._stay_s(before)):
                async for piece in pieces:
                    self._take(piece)
        except TimeoutError:
            return True
        except httpx.HTTPError:
            return False
        return False

    def _stay_s(self, before: Look) -> float:
        """A few seconds; over T0, if that is about to come."""
        now_us = time.monotonic_ns() // 1_000 + before.house_minus_mono_us
        left_s = (before.state.t0_utc_us - now_us) / US_PER_S
        comes = before.state.state is State.LOBBY and 0 < left_s <= HEAR_S
        return max(HEAR_S, left_s + T0_AFTER_S) if comes else HEAR_S

    def _judge(self, before: Look, after: Look, *, whole: bool) -> None:
        meter = self._ear.meter
        wrong = hearing.torn(
            us_of_samples(meter.gap_samples) / 1e3, meter.stall_ns / 1e6, meter.decode_errors
        )
        over = after.state.state in OVER or self._asked_to_move
        if not whole and not over:
            wrong = "The sound broke off."
        if wrong:
            self._trail.took("gap", 0.0, wrong)
        self._judge_t0(before, after)
        still = hearing.silent(self._stillness.longest_s, before.state, after.state)
        self._trail.took("silence", self._stillness.longest_s * 1e3, still)

    def _judge_t0(self, before: Look, after: Look) -> None:
        """The start as the sound itself tells it, else as the state does."""
        error_ms = hearing.t0_error_ms(before.state, after.state)
        if error_ms is not None:
            _t0(self._trail, self._heard_error_ms(after) or error_ms)
            return
        now_us = time.monotonic_ns() // 1_000 + after.house_minus_mono_us
        late = hearing.not_begun(after.state, now_us)
        if late:
            self._trail.took("t0", 0.0, late)

    def _heard_error_ms(self, after: Look) -> float | None:
        live = [one for one in self._said if one.body.get("state") == State.LIVE]
        if not live:
            return None
        zero_us = after.state.epoch_utc_us + after.state.stepped_us
        at_us = zero_us + us_of_samples(live[0].pts_samples)
        return (at_us - after.state.t0_utc_us) / 1e3


def _t0(trail: Trail, error_ms: float) -> None:
    trail.took("t0", abs(error_ms), hearing.off_its_second(error_ms))


def _open_space(body: bytes) -> str:
    """The space that most people hear, else one whose doors are open; empty when there is none.

    MalformedError for what is no list of a house.
    """
    try:
        lists = msgspec.json.decode(body, type=_Lists)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        sentence = "The house's list of spaces cannot be read."
        raise FailedError(sentence) from error
    for one in (lists.live + lists.coming)[:LISTED_MAX]:
        named = 0 < len(one.id) <= SPACE_ID_CHARS_MAX and one.id.replace("-", "").isalnum()
        if named and one.id.isascii() and one.state in DOORS_OPEN:
            return one.id
    return ""
