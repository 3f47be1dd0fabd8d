"""Looks at every component: its reports judged, its probes asked, its neighbours named."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import structlog

from rostra.domain.errors import HouseError
from rostra.watch.attribution import attribute, related
from rostra.watch.board import Level
from rostra.watch.components import Component
from rostra.watch.kinds import SLOT_S, Kind, SlotCount
from rostra.watch.moments import US_PER_S
from rostra.watch.ports import IncidentBook, Levels, Panels, ReportBook, Verdict, no_verdict
from rostra.watch.sights import Sight

RECENT_S: Final = 12 * 3_600
"""What a judgement looks back on (`levels.RECENT_NEEDED_S`)."""

HISTORY_S: Final = 9 * 7 * 86_400
"""What the usual level is learnt from at most (`baseline.HISTORY_WEEKS_MAX`, and the last days)."""

WINDOW_S: Final = 900
"""What a level counts (`board.Level.window_s`), for reports that are shown and not counted."""

EXPOSURE_EVERY_US: Final = 30_000_000
"""How often one look at the number of listeners is kept; a slot is the mean of ten."""

_log = structlog.get_logger("watch")


@dataclass(frozen=True, slots=True)
class Senses:
    """What is looked with. `vigil` is the type of the alarms' state, for reading it back."""

    components: Sequence[Component]
    reports: ReportBook
    panels: Panels
    levels: Levels
    vigil: Callable[[], Any]
    book: IncidentBook
    verdict: Verdict = no_verdict
    since_utc_s: int | None = None
    """When reports were first taken: what was silent since then is quiet, and not unknown."""


class Seeing:
    """The components as they are seen; its methods block, and belong into one thread at a time.

    `faults` counts by what was being done; what was seen of a component stays if a look fails.
    """

    def __init__(self, senses: Senses, faults: Counter[str]) -> None:
        self._senses = senses
        self.kin = related(senses.components)
        self.baselines: dict[str, Any] = {}
        self._sights: dict[str, Sight] = {}
        self._judged: dict[str, tuple[object, ...]] = {}
        self._vigils: dict[str, Any] = {}
        self._kept: dict[str, bytes] = {}
        self._exposed_us: dict[str, int] = {}
        self.faults = faults

    def restore(self) -> None:
        """Take up the alarms' state of before a restart; what cannot be read begins anew."""
        kind: Any = type(self._senses.vigil())
        for component, body in self._senses.book.vigils().items():
            try:
                self._vigils[component] = msgspec.json.decode(body, type=kind)
                self._kept[component] = body
            except msgspec.MsgspecError as error:
                _log.warning("an alarm's state begins anew", component=component, why=str(error))

    def fit(self, component: str, now_utc_us: int) -> None:
        """Learn a component's usual level anew from what is kept."""
        now_s = now_utc_us // US_PER_S
        history = self._senses.reports.counts(component, now_s - HISTORY_S, now_s)
        self.baselines[component] = self._senses.levels.fit(
            history, now_s, since_utc_s=self._senses.since_utc_s
        )

    def look(self, now_utc_us: int, worked_on: Iterable[str]) -> dict[str, Sight]:
        """Every component at this moment, in the order of the configuration."""
        busy = frozenset(worked_on)
        sights = {
            one.id: self._sight_or_last(one, now_utc_us, worked_on=one.id in busy)
            for one in self._senses.components
        }
        self._sights = sights
        self._keep_vigils()
        return {one: self._attributed(sight, sights) for one, sight in sights.items()}

    def _sight_or_last(self, component: Component, now_utc_us: int, *, worked_on: bool) -> Sight:
        try:
            return self._sight(component, now_utc_us, worked_on=worked_on)
        except Exception as error:  # noqa: BLE001 - one component's trouble is not the others'
            self.faults["judge"] += 1
            _log.error("a judgement failed", component=component.id, exc_info=error)
            return self._sights.get(component.id, Sight(component=component))

    def _sight(self, component: Component, now_utc_us: int, *, worked_on: bool) -> Sight:
        panels = self._senses.panels
        listening = panels.listening(component.id)
        recent = self._recent(component.id, now_utc_us)
        if listening >= 0:
            self._expose(component.id, listening, now_utc_us)
        return Sight(
            component=component,
            level=self._level(component.id, recent, now_utc_us),
            probes=panels.view(component.id, now_utc_us),
            listening=listening,
            listening_usual=usual_audience(recent, now_utc_us // US_PER_S),
            worked_on=worked_on,
        )

    def _recent(self, component: str, now_utc_us: int) -> dict[Kind, list[SlotCount]]:
        now_s = now_utc_us // US_PER_S
        return self._senses.reports.counts(component, now_s - RECENT_S, now_s + SLOT_S)

    def _level(
        self, component: str, recent: Mapping[Kind, Sequence[SlotCount]], now_utc_us: int
    ) -> Level:
        now_s = now_utc_us // US_PER_S
        if component not in self.baselines:
            self._first_fit(component, now_utc_us)
        vigil = self._vigils.get(component) or self._senses.vigil()
        unproven = self._senses.reports.unproven(component, now_s - WINDOW_S)
        baseline = self.baselines[component]
        # The same reports in the same slot are judged the same: most components, most of the time.
        asked = (now_s // SLOT_S, recent, unproven, id(baseline))
        last = self._sights.get(component)
        if (
            last is not None
            and last.level.state == "quiet"
            and self._judged.get(component) == asked
        ):
            return last.level
        level, self._vigils[component] = self._senses.levels.judge(
            baseline, recent, vigil, now_utc_us, unproven
        )
        self._judged[component] = asked
        return level

    def _first_fit(self, component: str, now_utc_us: int) -> None:
        """Learn before the first judgement: an ordinary day is no alarm after a restart."""
        try:
            self.fit(component, now_utc_us)
        except Exception as error:  # noqa: BLE001 - a start without history is better than no word
            self.faults["fit"] += 1
            _log.error("the usual level is not learnt yet", component=component, exc_info=error)
            self.baselines[component] = self._senses.levels.fit({}, now_utc_us // US_PER_S)

    def _attributed(self, sight: Sight, sights: Mapping[str, Sight]) -> Sight:
        verdict = self._senses.verdict(sight.id)
        found = attribute(sight, sights, self.kin[sight.id], verdict)
        return msgspec.structs.replace(sight, attribution=found)

    def _expose(self, component: str, listening: int, now_utc_us: int) -> None:
        # A clock that was set back waits for nothing.
        if abs(now_utc_us - self._exposed_us.get(component, 0)) >= EXPOSURE_EVERY_US:
            self._exposed_us[component] = now_utc_us
            slot = now_utc_us // US_PER_S // SLOT_S * SLOT_S
            with self._written("the audience"):
                self._senses.reports.note_exposure(component, slot, float(listening))

    def _keep_vigils(self) -> None:
        now = {one: msgspec.json.encode(vigil) for one, vigil in self._vigils.items()}
        changed = {one: body for one, body in now.items() if self._kept.get(one) != body}
        with self._written("the alarms' state"):
            self._senses.book.keep_vigils(changed)
            self._kept = now

    @contextmanager
    def _written(self, what: str) -> Iterator[None]:
        """A store that takes nothing does not keep the page from what is seen."""
        try:
            yield
        except HouseError as error:
            self.faults["write"] += 1
            _log.warning("the store takes nothing", what=what, why=error.sentence)


def usual_audience(recent: Mapping[Kind, Sequence[SlotCount]], now_utc_s: int) -> float:
    """Listeners on average over `recent` but its last hour; 0 where nobody told."""
    told = {
        one.slot_utc_s: one.exposure
        for slots in recent.values()
        for one in slots
        if one.exposure > 0 and one.slot_utc_s < now_utc_s - 3_600
    }
    return sum(told.values()) / len(told) if told else 0.0
