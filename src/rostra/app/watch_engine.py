"""Ties the parts of the watch: looks, moves incidents, tells subscribers, makes the board."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from rostra.app.watch_charts import Charts
from rostra.app.watch_seeing import Seeing, Senses
from rostra.domain.errors import HouseError, PeerError
from rostra.domain.ports import Clock
from rostra.watch import accuracy, maintenance
from rostra.watch.affecting import Standing, by_step, marked
from rostra.watch.assembling import Kept, Page, board
from rostra.watch.board import INCIDENTS_MAX, Board, Chart
from rostra.watch.events import Event, Herald
from rostra.watch.incidents import Change, Incident
from rostra.watch.maintenance import Maintenance, Work
from rostra.watch.ports import NewId, ProbeBook
from rostra.watch.rounds import Look, look
from rostra.watch.sights import Sight

LOOK_EVERY_S: Final = 5.0
"""A failing probe is on the page so soon after the second failure."""

REFIT_EVERY_S: Final = 3_600.0
"""The usual level of an hour of the week moves slowly."""

RECENT_US: Final = 7 * 86_400_000_000
"""How long an incident that is over still says that a sign is an old one."""

MAINTENANCE_SHOWN_US: Final = 90 * 86_400_000_000
"""How long work that is over stays on the page, as long as the page's long chart."""

COUNT_EVERY_US: Final = 60_000_000
"""How often the 90 days are counted anew, where nothing changed meanwhile."""

FAULTS: Final = ("restore", "look", "judge", "fit", "write", "tell")
"""What the engine may be doing when it fails, and goes on."""

_log = structlog.get_logger("watch")


@dataclass(frozen=True, slots=True)
class Parts:
    """What the engine ties together. `flood` says whether reports need a proof of work now."""

    clock: Clock
    page: Page
    senses: Senses
    probes: ProbeBook
    herald: Herald
    fresh_id: NewId
    flood: Callable[[], bool] = lambda: False


class Engine:
    """`board()` is the newest board; `run()` keeps it new until it is cancelled."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._book = parts.senses.book
        self.faults: Counter[str] = Counter(dict.fromkeys(FAULTS, 0))
        self._seeing = Seeing(parts.senses, self.faults)
        self._charts = Charts(
            parts.clock,
            parts.senses.reports,
            parts.probes,
            parts.senses.levels,
            self._seeing.baselines,
        )
        self._known = frozenset(one.id for one in parts.senses.components)
        self._woken = asyncio.Event()
        self._counted: tuple[int, list[Incident], list[Incident]] | None = None
        self.looks = 0
        unseen = [Sight(component=one) for one in parts.senses.components]
        now_utc_us = parts.clock.now().utc_us
        self._board = board(parts.page, unseen, Kept((), (), ()), {}, now_utc_us)

    def board(self) -> Board:
        """The newest board; before the first look all components, of which nothing is known."""
        return self._board

    async def chart(self, component: str, span: str) -> Chart:
        """A component's `24h` or `90d`; PeerError (404, 422) for what there is not."""
        return await self._charts.chart(component, self._known, span)

    def wake(self) -> None:
        """Look at once: an operator has changed something."""
        self._counted = None
        self._woken.set()

    async def run(self) -> None:
        """Look, until cancelled; what fails is logged, and looked at again the next time."""
        await self._without_fail("restore", asyncio.to_thread(self._seeing.restore))
        fitting = asyncio.create_task(self._refit())
        try:
            while True:
                self._woken.clear()
                await self._without_fail("look", self.look())
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_EVERY_S):
                        await self._woken.wait()
        finally:
            fitting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await fitting

    async def look(self) -> None:
        """One look: evidence, steps, board, and what subscribers are to be told."""
        self._board = await asyncio.to_thread(self._look, self._parts.clock.now().utc_us)
        self.looks += 1
        await self._tell()

    def _look(self, now_utc_us: int) -> Board:
        works = self._on_time(now_utc_us)
        under_way = [one for one in works if one.stage in maintenance.UNDER_WAY]
        busy = {component for one in under_way for component in one.components}
        sights = self._seeing.look(now_utc_us, busy)
        incidents = self._book.open_or_recent(now_utc_us - RECENT_US)
        seen = Look(sights, self._seeing.kin, now_utc_us)
        changes = look(seen, incidents, self._parts.fresh_id)
        for change in self._marked(changes, Standing(list(sights.values()), incidents, works)):
            self._keep(change)
        counted, shown = self._incidents(now_utc_us)
        kept = Kept(shown, counted, works, self._parts.flood())
        before = {one.id: one for one in self._board.components} if self.looks else {}
        return board(self._parts.page, list(sights.values()), kept, before, now_utc_us)

    def _on_time(self, now_utc_us: int) -> Sequence[Maintenance]:
        """Announced work, moved on where its time has come."""
        works = self._book.maintenances(now_utc_us - MAINTENANCE_SHOWN_US)
        while moved := [(one, step) for one in works if (step := maintenance.due(one, now_utc_us))]:
            standing = Standing(
                self._board.components, self._book.open_or_recent(now_utc_us), works
            )
            kept = [self._keep(_marked_work(step, one, standing)) for one, step in moved]
            works = self._book.maintenances(now_utc_us - MAINTENANCE_SHOWN_US)
            if not any(kept):
                break
        return works

    def _marked(self, changes: Sequence[Change], standing: Standing) -> list[Change]:
        """The changes with what their lines say of components, beside the newest board."""
        if not changes:
            return []
        was = {one.id: one.status for one in self._board.components}
        now = standing.after(*(one.incident for one in changes)).statuses()
        before = {one.id: one for one in standing.incidents}
        return [
            Change(marked(one.incident, before.get(one.incident.id), was, now), one.event)
            for one in changes
        ]

    def _keep(self, change: Change | Work) -> bool:
        """Whether it was written; an operator who was faster is right, and the next look sees."""
        self._counted = None
        try:
            self._book.keep(change)
        except PeerError as error:
            _log.info("an operator was faster", reason=error.sentence)
            return False
        except HouseError as error:  # the page says what is seen, written or not
            self.faults["write"] += 1
            _log.error("an incident cannot be written", why=error.sentence)
            return False
        return True

    def _incidents(self, now_utc_us: int) -> tuple[list[Incident], list[Incident]]:
        """The incidents of 90 days, and those that the board shows."""
        kept = self._counted
        if kept is None or not 0 <= now_utc_us - kept[0] < COUNT_EVERY_US:
            counted = self._book.since(now_utc_us - accuracy.DAYS * 86_400_000_000)
            shown = {one.id: one for one in self._book.newest(2 * INCIDENTS_MAX)}
            shown |= {one.id: one for one in self._book.open_or_recent(now_utc_us) if one.open}
            newest = sorted(shown.values(), key=lambda one: one.created_utc_us, reverse=True)
            self._counted = kept = (now_utc_us, counted, newest)
        return kept[1], kept[2]

    async def _tell(self) -> None:
        """Hand on what is untold; what fails is told at the next look, under the same id."""
        for event in await asyncio.to_thread(self._book.untold):
            await self._without_fail("tell", self._tell_one(event))

    async def _tell_one(self, event: Event) -> None:
        # It writes a row, and waits where somebody else writes: not in the loop.
        await asyncio.to_thread(self._parts.herald.tell, event)
        now_utc_us = self._parts.clock.now().utc_us
        await asyncio.to_thread(self._book.told, event.id, now_utc_us)

    async def _refit(self) -> None:
        while True:
            await asyncio.sleep(REFIT_EVERY_S)  # the first look learns what it judges
            for component in self._known:
                now_utc_us = self._parts.clock.now().utc_us
                fitted = asyncio.to_thread(self._seeing.fit, component, now_utc_us)
                await self._without_fail("fit", fitted)

    async def _without_fail(self, what: str, work: Awaitable[None]) -> None:
        try:
            await work
        except Exception as error:  # noqa: BLE001 - whatever it is, the next look may succeed
            self.faults[what] += 1
            _log.error("the watch made a mistake", doing=what, exc_info=error)


def _marked_work(step: Work, before: Maintenance, standing: Standing) -> Work:
    return Work(by_step(step.maintenance, before, standing), step.event)
