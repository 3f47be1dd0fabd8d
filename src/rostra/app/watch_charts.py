"""Charts of a component: reports beside the usual band, probes beside them, by slot."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from rostra.domain.errors import NotFoundError, PeerError
from rostra.domain.ports import Clock
from rostra.watch.board import PLACE_REPORTS_MIN, Chart, Point
from rostra.watch.moments import US_PER_S
from rostra.watch.ports import Levels, ProbeBook, ReportBook


@dataclass(frozen=True, slots=True)
class Span:
    """A chart's slots, and for how long one that was drawn is handed out again."""

    slot_s: int
    slots: int
    fresh_s: int


SPANS: Final[Mapping[str, Span]] = {"24h": Span(900, 96, 30), "90d": Span(86_400, 90, 300)}


class Charts:
    """Draws charts in a thread, one at a time, and keeps each for a while."""

    def __init__(
        self,
        clock: Clock,
        reports: ReportBook,
        probes: ProbeBook,
        levels: Levels,
        baselines: Mapping[str, Any],
    ) -> None:
        self._clock = clock
        self._reports = reports
        self._probes = probes
        self._levels = levels
        self._baselines = baselines
        self._drawn: dict[tuple[str, str], tuple[int, Chart]] = {}
        self._one_at_a_time = asyncio.Lock()

    async def chart(self, component: str, known: frozenset[str], span: str) -> Chart:
        """The chart of a component's `24h` or `90d`; PeerError (404, 422) for another one."""
        if component not in known:
            sentence = f"There is no component {component[:40]!r}. See the page for their ids."
            raise NotFoundError(sentence)
        if span not in SPANS:
            sentence = f"There is no range {span[:40]!r}; there are {', '.join(SPANS)}."
            raise PeerError(sentence, status=422)
        async with self._one_at_a_time:  # many ask at once, and one drawing serves them all
            now_s = self._clock.now().utc_us // US_PER_S
            drawn = self._drawn.get((component, span))
            if drawn is not None and 0 <= now_s - drawn[0] < SPANS[span].fresh_s:
                return drawn[1]
            made = await asyncio.to_thread(self._draw, component, span, now_s)
            self._drawn[component, span] = (now_s, made)
            return made

    def _draw(self, component: str, span: str, now_s: int) -> Chart:
        slot_s, slots = SPANS[span].slot_s, SPANS[span].slots
        first = (now_s // slot_s - slots + 1) * slot_s
        reports, exposure = self._sums(component, first, now_s, slot_s)
        unproven = _summed(self._reports.unproven_slots(component, first), slot_s)
        probed = {one: (n, failed) for one, n, failed in self._probed(component, first, slot_s)}
        points = []
        for slot in range(first, first + slots * slot_s, slot_s):
            usual, upper = self._band(component, slot, slot_s, exposure.get(slot, 0.0))
            probes, failed = probed.get(slot, (0, 0))
            points.append(
                Point(
                    utc_s=slot,
                    reports=reports.get(slot, 0),
                    usual=round(usual, 2),
                    upper=round(upper, 2),
                    probes=probes,
                    failed=failed,
                    unproven=unproven.get(slot, 0),
                )
            )
        places = sorted(self._reports.places(component, first).items(), key=lambda one: -one[1])
        shown = tuple((place, n) for place, n in places if place and n >= PLACE_REPORTS_MIN)
        return Chart(component, span, slot_s, tuple(points), shown)

    def _sums(
        self, component: str, first: int, now_s: int, slot_s: int
    ) -> tuple[dict[int, int], dict[int, float]]:
        """Reports of all kinds, and the mean audience, by the chart's slots."""
        counted = self._reports.counts(component, first, now_s + 1)
        slots = [one for kind in counted.values() for one in kind]
        by_slot: dict[int, int] = {}
        for one in slots:
            by_slot[one.slot_utc_s] = by_slot.get(one.slot_utc_s, 0) + one.reports
        told: dict[int, list[float]] = {}
        for at, listening in {o.slot_utc_s: o.exposure for o in slots if o.exposure > 0}.items():
            told.setdefault(at // slot_s * slot_s, []).append(listening)
        means = {slot: sum(many) / len(many) for slot, many in told.items()}
        return _summed(by_slot, slot_s), means

    def _probed(self, component: str, first: int, slot_s: int) -> list[tuple[int, int, int]]:
        return [
            (at // slot_s * slot_s, probes, failed)
            for at, probes, failed in self._probes.slots(component, first, slot_s)
        ]

    def _band(self, component: str, slot: int, slot_s: int, exposure: float) -> tuple[float, float]:
        baseline = self._baselines.get(component)
        if baseline is None:
            return 0.0, 0.0
        return self._levels.band(baseline, slot, slot_s, exposure)


def _summed(by_slot: Mapping[int, int], slot_s: int) -> dict[int, int]:
    sums: dict[int, int] = {}
    for at, many in by_slot.items():
        slot = at // slot_s * slot_s
        sums[slot] = sums.get(slot, 0) + many
    return sums
