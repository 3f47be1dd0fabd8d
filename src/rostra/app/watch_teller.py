"""Tells a watch elsewhere what a place finds, and keeps what it could not tell yet."""

import asyncio
import random
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final, TypeVar

import httpx
import msgspec
import structlog

from rostra.domain.errors import HouseError, MalformedError, PeerError, RostraError
from rostra.watch.components import Component
from rostra.watch.drivers.probe_net import endpoint_of
from rostra.watch.moments import US_PER_S
from rostra.watch.probing import Result, sentence
from rostra.watch.telling import PAST_S_MAX, RESULTS_A_POST_MAX, Listed, Taken, Telling, Told

POST_EVERY_S: Final = 2.0
"""Results travel together: an alarm is minutes, so two seconds more are nothing."""

BACKLOG_MAX: Final = 2_000
"""Results kept while the watch is away: an hour of ten components; beyond it the oldest go."""

ANSWER_BYTES_MAX: Final = 1024 * 1024
"""A list of 200 components with the longest descriptions is 250 kB."""

CALL_S: Final = 10.0
BACKOFF_FIRST_S: Final = 1.0
BACKOFF_S_MAX: Final = 60.0
"""A watch that is away is asked once a minute."""

OFFSETS_KEPT: Final = 8
"""Readings of the watch's clock; the one with the shortest round trip counts (RFC 5905, 10)."""

SLEW_US: Final = 1_000_000
"""A better reading of the watch's clock may say that it is earlier by so much; two results of a
place are told in their order all the same."""

_ROUNDED_US: Final = 4
"""Clocks are read in whole microseconds, and each half is rounded."""
_TOO_OFTEN: Final = 429
_OTHER_LIST: Final = 409
_UNFIT: Final = 422
_NOT_US: Final = frozenset({401, 403})
_NEVER: Final = frozenset({400, 404, 413, _UNFIT})

_log = structlog.get_logger("probes")
_T = TypeVar("_T", bound=msgspec.Struct)


class WatchClock:
    """The watch's UTC by this machine's monotonic clock, which no one sets."""

    def __init__(self) -> None:
        self._readings: deque[tuple[int, int]] = deque(maxlen=OFFSETS_KEPT)
        self._last_us = 0

    def read(self, sent_us: int, came_us: int, watch_utc_us: int) -> None:
        """Note one answer; the watch read its clock somewhere between.

        Each reading errs by half its round trip at most: a kept one that is further from this one
        than both may err is of before the watch's clock was set, and is dropped.
        """
        round_us, offset_us = came_us - sent_us, watch_utc_us - (sent_us + came_us) // 2
        for kept in tuple(self._readings):
            if 2 * abs(kept[1] - offset_us) > kept[0] + round_us + _ROUNDED_US:
                self._readings.remove(kept)
        self._readings.append((round_us, offset_us))

    def utc_us(self) -> int:
        """Now, by the watch's clock; by this machine's before the watch has answered."""
        if not self._readings:
            return time.time_ns() // 1_000
        now_us = mono_us() + min(self._readings)[1]
        if now_us <= self._last_us < now_us + SLEW_US:
            now_us = self._last_us + 1
        self._last_us = now_us
        return now_us

    @property
    def own_error_s(self) -> float:
        """How far this machine's UTC is ahead of the watch's."""
        return (time.time_ns() // 1_000 - self.utc_us()) / US_PER_S


def mono_us() -> int:
    """The monotonic clock in microseconds."""
    return time.monotonic_ns() // 1_000


class Refused(RostraError):  # noqa: N818 - what the watch did, not a fault of ours
    """The watch answered with another status than 2xx."""

    def __init__(self, status: int, words: str, wait_s: float) -> None:
        super().__init__(words)
        self.status = status
        self.wait_s = wait_s


class Remote:
    """The watch as one place knows it: its list, its clock, and what it has not yet been told."""

    def __init__(self, url: str, token: str) -> None:
        self.clock = WatchClock()
        self.backlog: deque[Result] = deque(maxlen=BACKLOG_MAX)
        self.sent = 0
        self._unfit = 0
        """So many of the oldest results were refused once, and are told alone once more."""
        self._some = asyncio.Event()
        self._base = watch_base(url)
        self._http = httpx.AsyncClient(
            timeout=CALL_S,
            headers={"Authorization": f"Bearer {token}", "User-Agent": "rostra-watch"},
            trust_env=False,
        )

    async def close(self) -> None:
        """Let go of the connection."""
        await self._http.aclose()

    def tell(self, result: Result) -> None:
        """Keep a result until the watch has it."""
        self.backlog.append(result)
        self._some.set()

    async def listed(self) -> Listed:
        """What is to be probed; Refused, or HouseError when nobody answers."""
        return await self._call("GET", "/status/api/places/components", None, Listed)

    async def post(self) -> None:
        """Tell the oldest results, as many as go at once; what was taken is never sent again.

        What the watch calls unfit is kept once: its clock may just have been set, and be read anew.
        """
        oldest_us = self.clock.utc_us() - round(PAST_S_MAX * US_PER_S)
        while self.backlog and self.backlog[0].utc_us <= oldest_us:
            self.backlog.popleft()
        most = self._unfit or RESULTS_A_POST_MAX
        batch = [self.backlog[at] for at in range(min(len(self.backlog), most))]
        if not batch:
            return
        try:
            await self._call("POST", "/status/api/probes", _telling(batch), Taken)
        except Refused as error:
            if error.status == _UNFIT and not self._unfit:
                self._unfit = len(batch)
            elif error.status in _NEVER:
                _log.error("the watch refuses results", why=error.sentence, results=len(batch))
                self._done(batch)
                self._unfit = 0
            raise
        self.sent += len(batch)
        self._unfit = 0
        self._done(batch)

    async def post_on(self, relist: Callable[[], None]) -> None:
        """Tell whatever comes, for ever, ever more patiently while the watch is away."""
        failures = 0
        while True:
            await self._some.wait()
            try:
                await self.post()
                failures = 0
                wait_s = POST_EVERY_S
            except (Refused, HouseError, MalformedError) as error:
                failures += 1
                wait_s = patience_s(failures, error)
                if failures == 1:
                    _log.warning("the watch was not told", why=error.sentence)
                if isinstance(error, Refused) and error.status in {_OTHER_LIST, _UNFIT}:
                    # The list also tells the watch's time.
                    relist()
            if not self.backlog:
                self._some.clear()
            await asyncio.sleep(wait_s)

    def only(self, components: Iterable[Component]) -> None:
        """Forget results of what is watched no longer."""
        known = {one.id for one in components}
        kept = [one for one in self.backlog if one.component in known]
        self.backlog.clear()
        self.backlog.extend(kept)

    def _done(self, batch: list[Result]) -> None:
        # While the answer was on its way the backlog may have lost its oldest by itself.
        for result in batch:
            if self.backlog and self.backlog[0] is result:
                self.backlog.popleft()

    async def _call(self, method: str, path: str, body: bytes | None, answer: type[_T]) -> _T:
        sent_us = mono_us()
        try:
            async with self._http.stream(method, self._base + path, content=body) as got:
                data = await _bounded(got)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            words = f"{self._base} does not answer ({error or type(error).__name__})."
            raise HouseError(words) from error
        came_us = mono_us()
        if not got.is_success:
            wait_s = got.headers.get("retry-after", "0")
            later = float(wait_s) if wait_s.isascii() and wait_s.isdigit() else 0.0
            words = f"{self._base} answers {got.status_code}: {_said(data)}"
            raise Refused(got.status_code, words, later)
        try:
            told = msgspec.json.decode(data, type=answer)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            words = f"{self._base} is no watch of Rostra: {error}."
            raise MalformedError(words) from error
        self.clock.read(sent_us, came_us, _now_of(told))
        return told


def patience_s(failures: int, error: RostraError) -> float:
    """How long to wait after so many failures in a row: as the watch says, else ever longer."""
    if isinstance(error, Refused):
        if error.status == _TOO_OFTEN or error.wait_s:
            return min(max(error.wait_s, POST_EVERY_S), BACKOFF_S_MAX)
        if error.status in _NEVER or error.status == _OTHER_LIST:
            return POST_EVERY_S
        if error.status in _NOT_US:
            return BACKOFF_S_MAX
    longest = min(BACKOFF_S_MAX, BACKOFF_FIRST_S * 2 ** min(failures, 10))
    return random.uniform(longest / 2, longest)  # noqa: S311 - spreads places


def watch_base(url: str) -> str:
    """The watch's address without `/status`; PeerError if it is none."""
    base = url.strip().rstrip("/").removesuffix("/status").rstrip("/")
    try:
        endpoint_of(base)
    except PeerError as error:
        words = f"{url[:200]!r} is not the address of a watch: it looks like https://HOST:PORT."
        raise PeerError(words) from error
    return base


def _telling(batch: list[Result]) -> bytes:
    told = tuple(
        Told(one.component, one.utc_us, one.ok, one.steps, one.own_fault, one.listening)
        for one in batch
    )
    return msgspec.json.encode(Telling(told))


def _now_of(told: msgspec.Struct) -> int:
    return int(getattr(told, "now_utc_us", 0))


async def _bounded(answer: httpx.Response) -> bytes:
    body = bytearray()
    async for piece in answer.aiter_raw():
        body += piece
        if len(body) > ANSWER_BYTES_MAX:
            words = f"{answer.url.host} answers with more than {ANSWER_BYTES_MAX} bytes."
            raise MalformedError(words, status=413)
    return bytes(body)


def _said(body: bytes) -> str:
    try:
        said = str(msgspec.json.decode(body)["error"]["sentence"])
    except (msgspec.MsgspecError, UnicodeDecodeError, LookupError, TypeError, RecursionError):
        said = "no reason was given."
    return sentence(said)
