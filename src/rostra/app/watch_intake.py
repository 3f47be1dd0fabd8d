"""Takes reports in: budgets, flood, proofs, and one transaction for all that came meanwhile."""

import asyncio
import secrets
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import blake2b
from itertools import count
from typing import Any, Final, Protocol

import structlog

from rostra.app.machine import fresh_id
from rostra.delivery.allowance import Allowance, Rate
from rostra.delivery.prefixes import address_and_prefix
from rostra.domain.errors import HouseError
from rostra.domain.ports import Clock
from rostra.watch.counting import Outcome
from rostra.watch.drivers.proof import Proofs
from rostra.watch.flood import BEGIN_PER_MINUTE_IN_ALL, Flood
from rostra.watch.intake import Submission
from rostra.watch.kinds import Report
from rostra.watch.receipts import FullError, OftenError, Receipt
from rostra.watch.reporters import KEY_BYTES, WINDOWS_AHEAD_MAX, network, reporter, window_of

WAITING_MAX: Final = 2_000
"""Reports that wait for the disk: four seconds of 500 a second, some 2 MB."""

BATCH_MAX: Final = 500
"""Reports of one transaction: written in some 20 ms."""

GATHER_S: Final = 0.04
"""How long a batch waits for company: one flush to the disk then serves all that came."""

ADDRESS_RATE: Final = Rate(1 / 30, 20)
"""Twenty reports at once, then two a minute: a household with every component in trouble. An
address counts at most `DEVICES_MAX` times a component and window anyway."""

ASKED_RATE: Final = Rate(1 / 6, 20)
"""Challenges to an address: each costs this process the half of a millisecond."""

ADDRESSES_MAX: Final = 100_000
"""Addresses whose budgets are remembered, some 20 MB; beyond it the one unused for longest goes.
A flood from more of them is bounded by proofs, not by budgets."""

TURN_S: Final = 30.0
"""A window's key outlives it by this at most, when nobody reports."""

TURNS_OF_FORGETTING: Final = 120
"""What is past its days is deleted every hour."""

_log = structlog.get_logger("watch")


class Books(Protocol):
    """What the intake needs of `store.watch_reports.SqlReports`."""

    def key(self, window: int, fresh: bytes) -> tuple[int, bytes]:
        """The window's key."""
        ...

    def take(self, reports: Sequence[Report], window: int | None = None) -> list[Outcome]:
        """Keep a batch."""
        ...

    def forget_old(self, now_utc_us: int) -> None:
        """Delete what is past its days."""
        ...


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A report on its way to the disk; its address lives no longer than this."""

    submission: Submission
    utc_us: int
    proven: bool
    address: str
    prefix: str
    done: asyncio.Future[Outcome]


class Intake:
    """The door of reports; `run` writes what it has taken."""

    def __init__(
        self,
        books: Books,
        clock: Clock,
        components: Iterable[str],
    ) -> None:
        self._books = books
        self._clock = clock
        self._ids = frozenset(components)
        self._waiting: list[_Waiting] = []
        self._came = asyncio.Event()
        self._thread: ThreadPoolExecutor | None = None
        self._proofs = Proofs()
        self._floods = {name: Flood() for name in self._ids}
        self._flood_in_all = Flood(BEGIN_PER_MINUTE_IN_ALL)
        self._salt = secrets.token_bytes(KEY_BYTES)
        self._addresses = Allowance(ADDRESS_RATE, ADDRESSES_MAX)
        self._asked = Allowance(ASKED_RATE, ADDRESSES_MAX)
        self._key: tuple[int, bytes] = (-1, b"")
        self._closing = False

    @property
    def components(self) -> frozenset[str]:
        """What can be reported."""
        return self._ids

    @property
    def waiting(self) -> int:
        """Reports on their way to the disk."""
        return len(self._waiting)

    def flood(self, component: str | None = None) -> bool:
        """Whether proofs are asked for: of a component, or of any."""
        now_ns = self._clock.now().mono_ns
        names = self._ids if component is None else (component,)
        return self._flood_in_all.on(now_ns) or any(self._floods[one].on(now_ns) for one in names)

    def challenge(self, component: str, address: str) -> dict[str, Any] | None:
        """A challenge, or None while no proof is asked for. OftenError."""
        if not self.flood(component):
            return None
        self._spend(self._asked, address_and_prefix(address)[0])
        return self._proofs.challenge(component)

    async def take(self, submission: Submission, address: str) -> Receipt:
        """Keep a report; it is on the disk when this returns. FullError, OftenError."""
        if self._closing or len(self._waiting) >= WAITING_MAX:
            raise FullError
        own, prefix = address_and_prefix(address)
        self._spend(self._addresses, own)
        now = self._clock.now()
        worked = bool(submission.proof) and self._proofs.accepts(
            submission.proof, submission.component
        )
        flooded = self._flooded(submission.component, now.mono_ns, worked=worked)
        proof = _word(submission.proof, worked=worked, flooded=flooded)
        done: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        proven = worked or not flooded
        self._waiting.append(_Waiting(submission, now.utc_us, proven, own, prefix, done))
        self._came.set()
        outcome = await done
        return Receipt(outcome, proof)

    def _flooded(self, component: str, now_ns: int, *, worked: bool) -> bool:
        # One component's flood says nothing of the others: only what is spread counts for all.
        own = self._floods[component].take(now_ns, worked=worked)
        return own or self._flood_in_all.take(now_ns, worked=worked)

    async def run(self) -> None:
        """Write batch after batch, and tidy up, until cancelled; then write what still waits.

        It may be run again after it failed: what waits meanwhile is written then.
        """
        self._closing = False
        self._came.set()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="reports")
        writing, tidying = asyncio.create_task(self._writing()), asyncio.create_task(self._tidy())
        try:
            # Not `gather`: to be cancelled must not cancel what is being written.
            done, _ = await asyncio.wait({writing, tidying}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            tidying.cancel()
            self._closing = True
            self._came.set()
            await asyncio.wait({writing})
            self._thread.shutdown(wait=True)

    async def _writing(self) -> None:
        while not self._closing or self._waiting:
            await self._came.wait()
            self._came.clear()
            # Also for who came while the last batch was written: a batch of three costs nearly
            # what one of twenty does, and without a pause one would follow the other for ever.
            await asyncio.sleep(GATHER_S)
            if self._waiting:
                await self._write()
            if self._waiting:
                self._came.set()

    async def _write(self) -> None:
        batch = self._waiting[:BATCH_MAX]
        loop = asyncio.get_running_loop()
        try:
            outcomes = await loop.run_in_executor(self._thread, self._keep, batch)
        except Exception as error:  # noqa: BLE001 - whatever failed, each waiting request hears it
            _settle(batch, error)
        else:
            for one, outcome in zip(batch, outcomes, strict=True):
                if not one.done.done():
                    one.done.set_result(outcome)
        # Only now there is room again: what is being written waits too.
        del self._waiting[: len(batch)]

    def _keep(self, batch: Sequence[_Waiting]) -> list[Outcome]:
        """In the thread: hash, and write. The window is the one in which the batch is written."""
        window, key = self._window()
        return self._books.take([_report(one, key) for one in batch], window)

    def _window(self) -> tuple[int, bytes]:
        window = window_of(self._clock.now().utc_us)
        if not window <= self._key[0] <= window + WINDOWS_AHEAD_MAX:
            self._key = self._books.key(window, secrets.token_bytes(KEY_BYTES))
        return self._key

    async def _tidy(self) -> None:
        loop = asyncio.get_running_loop()
        for turn in count():
            work = self._window if turn % TURNS_OF_FORGETTING else self._forget
            try:
                await loop.run_in_executor(self._thread, work)
            except HouseError as error:
                _log.warning("old reports could not be forgotten", reason=error.sentence)
            await asyncio.sleep(TURN_S)

    def _forget(self) -> None:
        self._window()
        self._books.forget_old(self._clock.now().utc_us)

    def _spend(self, allowance: Allowance, own: str) -> None:
        # BLAKE2 keyed (RFC 7693), which unlike an HMAC keeps the interpreter for so few bytes.
        key = blake2b(own.encode(), key=self._salt, digest_size=16).digest()
        wait_ns = allowance.take(key, self._clock.now().mono_ns)
        if wait_ns:
            raise OftenError(-(-wait_ns // 1_000_000_000))


def _word(proof: str, *, worked: bool, flooded: bool) -> str:
    if worked:
        return "accepted"
    if not flooded:
        return "not_needed"
    return "refused" if proof else "wanted"


def _report(one: _Waiting, key: bytes) -> Report:
    sent = one.submission
    return Report(
        id=fresh_id(),
        component=sent.component,
        kind=sent.kind,
        utc_us=one.utc_us,
        reporter=reporter(key, sent.component, one.address, sent.device),
        place=sent.place,
        proven=one.proven,
        source=sent.source,
        facts=sent.facts,
        network=network(key, sent.component, one.prefix),
    )


def _settle(batch: Sequence[_Waiting], error: Exception) -> None:
    _log.error("reports could not be kept", reports=len(batch), reason=repr(error))
    for one in batch:
        if not one.done.done():
            sentence = "The report could not be kept. Try again in a few seconds."
            one.done.set_exception(HouseError(sentence))
