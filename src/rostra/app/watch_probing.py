"""The watch's side of all probes: its own place, the others' door, the panels, and the book."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Final

import structlog

from rostra.app.machine import fresh_id
from rostra.app.watch_probes import Prober
from rostra.domain.errors import HouseError
from rostra.domain.ports import Clock
from rostra.store.watch_probes import SqlProbes
from rostra.watch.board import ProbesView
from rostra.watch.components import Component
from rostra.watch.drivers.probe_net import Means
from rostra.watch.moments import US_PER_S
from rostra.watch.panel import AHEAD_US, RECENT_RESULTS, SILENT_AFTER, Panel, lately
from rostra.watch.probing import Result
from rostra.web.watch_place_door import PlaceDoor

WRITE_EVERY_S: Final = 1.0
"""Results are written together, once a second."""

PENDING_MAX: Final = 5_000
"""Results that wait for a disk which takes nothing: an hour of a large page, 5 MB."""

FORGET_EVERY_S: Final = 3_600.0

_log = structlog.get_logger("probes")


class Probing:
    """`watch.ports.Panels` for the engine; `door` is where other places bring what they find.

    Args:
        components: What is watched.
        place: This watch's own place.
        tokens: The words of the other places, by their names.
        book: Where results are kept.
        clock: The machine's.
        seen: Told of each result, for the listeners that it counted.
        controls: See `Prober`.
        means: See `Prober`.
    """

    def __init__(  # noqa: PLR0913 - what it is made of, each by name
        self,
        components: Iterable[Component],
        place: str,
        tokens: Mapping[str, str],
        book: SqlProbes,
        clock: Clock,
        *,
        seen: Callable[[Result], None] = lambda _result: None,
        controls: Iterable[str] = (),
        means: Means | None = None,
    ) -> None:
        known = {one.id: one for one in components}
        self.panels = {
            name: Panel(one, dict.fromkeys((place, *tokens))) for name, one in known.items()
        }
        self.door = PlaceDoor(tokens, known, self._take_from_afar, fresh_id().encode())
        self.lost = 0
        """Results that were never written: the disk took nothing for too long."""
        self._book = book
        self._clock = clock
        self._seen = seen
        self._pending: deque[Result] = deque()
        self._listening: dict[str, tuple[int, int]] = {}
        """The newest figure of each component, and when it was read."""
        self._prober = Prober(
            known.values(), place, self.take, controls=controls, means=means, clock=clock
        )

    async def run(self) -> None:
        """Remember what was found lately; then probe and write, for ever."""
        await self._recall()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._prober.run())
            group.create_task(self._write_on())
            group.create_task(self._forget_on())

    def view(self, component: str, now_utc_us: int) -> ProbesView:
        """What all places together find of a component."""
        panel = self.panels.get(component)
        return ProbesView() if panel is None else panel.view(now_utc_us)

    def listening(self, component: str) -> int:
        """How many listen by the newest probe, for as long as a panel believes one; else -1."""
        panel = self.panels.get(component)
        read_us, listening = self._listening.get(component, (0, -1))
        if panel is None or not lately(read_us, self._clock.now().utc_us, panel.silent_us):
            return -1
        return listening

    def take(self, result: Result) -> None:
        """Hear one result of this place."""
        self._hear(result)
        self._pending.append(result)
        while len(self._pending) > PENDING_MAX:
            self._pending.popleft()
            self.lost += 1

    async def write(self) -> None:
        """Write what waits; what cannot be written goes on waiting."""
        batch = list(self._pending)
        if not batch:
            return
        await asyncio.to_thread(self._book.add, batch)
        for result in batch:
            # Meanwhile the oldest may have been let go.
            if self._pending and self._pending[0] is result:
                self._pending.popleft()

    async def _take_from_afar(self, results: list[Result]) -> int:
        """Hear another place's; HouseError if they cannot be kept, and it sends them again."""
        for result in results:
            self._hear(result)
        return await asyncio.to_thread(self._book.add, results)

    def _hear(self, result: Result) -> None:
        last_us = self._clock.now().utc_us + AHEAD_US
        # A probe that was under way when the clock was set back is stamped by the old time.
        if result.utc_us <= last_us:
            panel = self.panels[result.component]
            panel.forget_ahead(last_us - AHEAD_US)
            panel.take(result)
            self._note_listening(result, last_us)
        self._seen(result)

    def _note_listening(self, result: Result, last_us: int) -> None:
        newest_us, _ = self._listening.get(result.component, (0, -1))
        if result.listening >= 0 and (result.utc_us >= newest_us or newest_us > last_us):
            self._listening[result.component] = (result.utc_us, result.listening)

    async def _recall(self) -> None:
        """What places found before this process began still counts, while it is fresh.

        Before that, the two failures by which each place began to fail: since when it fails is
        older than what is fresh, and a dismissal by an operator is compared with it.
        """
        now_us = self._clock.now().utc_us
        for panel in self.panels.values():
            one = panel.component
            back_s = (RECENT_RESULTS + SILENT_AFTER) * one.every_s
            since_us = now_us - round(back_s * US_PER_S)
            until_us = now_us + AHEAD_US
            turns = await asyncio.to_thread(self._book.turns, one.id, panel.silent_us, until_us)
            fresh = await asyncio.to_thread(self._book.recent, one.id, since_us, until_us)
            for result in (*turns, *fresh):
                panel.take(result)

    async def _write_on(self) -> None:
        said = ""
        while True:
            await asyncio.sleep(WRITE_EVERY_S)
            try:
                await self.write()
                said = ""
            except HouseError as error:
                if error.sentence != said:
                    said = error.sentence
                    _log.error("results of probes wait to be written", why=said)

    async def _forget_on(self) -> None:
        while True:
            try:
                await asyncio.to_thread(self._book.forget, self._clock.now().utc_us)
            except HouseError as error:
                _log.warning("old results of probes stay", why=error.sentence)
            await asyncio.sleep(FORGET_EVERY_S)
