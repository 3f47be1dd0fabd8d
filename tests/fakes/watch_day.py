"""A day of the watch on a virtual clock: people who report, probes, the board at each look."""

import random
from collections.abc import Mapping

import msgspec
from tests.fakes.watch_parts import US, Hand, HandPanels, HandReports, Ids, SimpleLevels, Watchful

from rostra.watch.assembling import Kept, Page, board
from rostra.watch.attribution import attribute, related
from rostra.watch.board import Board, ComponentView, IncidentView
from rostra.watch.components import Component
from rostra.watch.events import Event
from rostra.watch.incidents import Incident
from rostra.watch.maintenance import UNDER_WAY, Maintenance, due
from rostra.watch.rounds import Look, look
from rostra.watch.sights import Sight

LOOK_S = 20


class Day:
    """Pure parts alone, looked at every `LOOK_S`; `usual` reports a component in 15 minutes."""

    def __init__(self, components: tuple[Component, ...], seed: int, usual: float = 3.0) -> None:
        self.clock = Hand()
        self.reports = HandReports()
        self.panels = HandPanels()
        self.levels = SimpleLevels(usual)
        self.incidents: dict[str, Incident] = {}
        self.works: dict[str, Maintenance] = {}
        self.events: list[Event] = []
        self.board = Board("Day", "https://status.example.org", self.clock.utc_us)
        self._components = components
        self._kin = related(components)
        self._chance = random.Random(seed)
        self._rate = usual / 900
        self._vigils: dict[str, Watchful] = {}
        self._ids = Ids()
        for one in components:
            self.panels.say(one.id, "ok", self.clock.utc_us)

    def run(
        self,
        minutes: float,
        times: Mapping[str, float] | None = None,
        forged: Mapping[str, int] | None = None,
    ) -> Board:
        """Let time pass; `times` the usual rate of reports, `forged` unproven ones a look."""
        for _ in range(int(minutes * 60 / LOOK_S)):
            self.clock.run(LOOK_S)
            for one in self._components:
                rate = self._rate * (times or {}).get(one.id, 1.0)
                if self._chance.random() < rate * LOOK_S % 1:
                    self.reports.report(one.id, self.clock.utc_us)
                self.reports.report(one.id, self.clock.utc_us, int(rate * LOOK_S))
                many = (forged or {}).get(one.id, 0)
                self.reports.report(one.id, self.clock.utc_us, many, forged=True)
            self._look()
        return self.board

    def component(self, name: str) -> ComponentView:
        return next(one for one in self.board.components if one.id == name)

    @property
    def open(self) -> list[IncidentView]:
        shown = {one.id for one in self.incidents.values() if one.open}
        return [one for one in self.board.incidents if one.id in shown]

    def keep(self, incident: Incident, event: Event | None = None) -> None:
        self.incidents[incident.id] = incident
        if event is not None:
            self.events.append(event)

    def _look(self) -> None:
        now = self.clock.utc_us
        for work in list(self.works.values()):
            if moved := due(work, now):
                self.works[work.id] = moved.maintenance
        busy = {
            one
            for work in self.works.values()
            if work.stage in UNDER_WAY
            for one in work.components
        }
        sights = {
            one.id: self._sight(one, now, worked_on=one.id in busy) for one in self._components
        }
        sights = {
            one: msgspec.structs.replace(
                sight, attribution=attribute(sight, sights, self._kin[one])
            )
            for one, sight in sights.items()
        }
        known = sorted(self.incidents.values(), key=lambda one: -one.created_utc_us)
        for change in look(Look(sights, self._kin, now), known, self._ids):
            self.keep(change.incident, change.event)
        newest = sorted(self.incidents.values(), key=lambda one: -one.created_utc_us)
        page = Page("Day", "https://status.example.org", 0)
        kept = Kept(newest, newest, tuple(self.works.values()))
        before = {one.id: one for one in self.board.components}
        self.board = board(page, list(sights.values()), kept, before, now)

    def _sight(self, one: Component, now_utc_us: int, *, worked_on: bool) -> Sight:
        now_s = now_utc_us // US
        vigil = self._vigils.get(one.id, Watchful())
        recent = self.reports.counts(one.id, now_s - 7_200, now_s + 300)
        unproven = self.reports.unproven(one.id, now_s - 900)
        level, self._vigils[one.id] = self.levels.judge(
            self.levels.usual, recent, vigil, now_utc_us, unproven
        )
        listening = self.panels.listening(one.id)
        if listening >= 0:
            self.reports.note_exposure(one.id, now_s // 300 * 300, float(listening))
        return Sight(
            component=one,
            level=level,
            probes=self.panels.view(one.id, now_utc_us),
            listening=listening,
            listening_usual=100.0 if listening >= 0 else 0.0,
            worked_on=worked_on,
        )
