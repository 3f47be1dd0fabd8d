"""The watch's other parts as the engine sees them: a clock, reports, probes and levels by hand."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from rostra.domain.ports import Moment
from rostra.watch.board import Level, PlaceView, ProbesView
from rostra.watch.components import Component
from rostra.watch.events import Event
from rostra.watch.kinds import SLOT_S, Kind, SlotCount
from rostra.watch.sights import Sight

US = 1_000_000
NOON_US = 1_800_014_400 * US
"""2027-01-15 12:00 UTC."""
WINDOW_S = 900
ALARM_TIMES = 4.0
UNUSUAL_TIMES = 2.0
REPORTS_MIN = 8


class Hand:
    """A clock that only the test moves."""

    def __init__(self, utc_us: int = NOON_US) -> None:
        self.utc_us = utc_us

    def now(self) -> Moment:
        return Moment(mono_ns=self.utc_us * 1_000, utc_us=self.utc_us)

    def run(self, seconds: float) -> None:
        self.utc_us += int(seconds * US)


class Watchful(msgspec.Struct, frozen=True):
    """The state that `SimpleLevels` carries."""

    state: str = "quiet"
    since_utc_us: int = 0


class SimpleLevels:
    """A plain rule in the place of the detector: so many times the usual, and enough reports."""

    def __init__(self, usual: float = 3.0) -> None:
        self.usual = usual
        self.broken: set[str] = set()
        self.learnt: list[int] = []
        """Slots of each history that was learnt from."""

    def fit(
        self,
        history: Mapping[Kind, Sequence[SlotCount]],
        now_utc_s: int,
        *,
        since_utc_s: int | None = None,
    ) -> float:
        assert now_utc_s > (since_utc_s or 0)
        self.learnt.append(sum(map(len, history.values())))
        return self.usual

    def judge(
        self,
        baseline: float,
        recent: Mapping[Kind, Sequence[SlotCount]],
        previous: Watchful,
        now_utc_us: int,
        unproven: int = 0,
    ) -> tuple[Level, Watchful]:
        since_s = now_utc_us // US - WINDOW_S
        slots = [one for kind in recent.values() for one in kind if one.slot_utc_s > since_s]
        reports = sum(one.reports for one in slots)
        crowd = max([1.0, *(one.exposure / 100 for one in slots)])
        usual = baseline * crowd
        state = "quiet"
        if reports >= max(UNUSUAL_TIMES * usual, REPORTS_MIN):
            state = "unusual"
        if reports >= max(ALARM_TIMES * usual, REPORTS_MIN):
            state = "alarm"
        now = previous if state == previous.state else Watchful(state, now_utc_us)
        level = Level(
            reports=reports,
            unproven=unproven,
            window_s=WINDOW_S,
            usual=usual,
            upper=usual * UNUSUAL_TIMES,
            state=now.state,
            since_utc_us=now.since_utc_us,
        )
        return level, now

    def band(
        self, baseline: float, slot_utc_s: int, slot_s: int, exposure: float
    ) -> tuple[float, float]:
        assert slot_utc_s % SLOT_S == 0
        many = slot_s / WINDOW_S * max(1.0, exposure / 100)
        return baseline * many, UNUSUAL_TIMES * baseline * many


class HandReports:
    """Reports in memory; a forged one is `unproven`."""

    def __init__(self) -> None:
        self.slots: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
        self.forged: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
        self.exposures: dict[str, dict[int, float]] = defaultdict(dict)
        self.told_places: dict[str, int] = {}
        self.broken: set[str] = set()

    def report(
        self, component: str, now_utc_us: int, many: int = 1, *, forged: bool = False
    ) -> None:
        slot = now_utc_us // US // SLOT_S * SLOT_S
        (self.forged if forged else self.slots)[component][slot] += many

    def counts(
        self, component: str, since_utc_s: int, until_utc_s: int
    ) -> dict[Kind, list[SlotCount]]:
        if component in self.broken:
            sentence = "these reports cannot be read"
            raise ValueError(sentence)
        known = {*self.slots[component], *self.exposures[component]}
        found = [
            SlotCount(at, self.slots[component].get(at, 0), self.exposures[component].get(at, 0.0))
            for at in sorted(known)
            if since_utc_s <= at < until_utc_s
        ]
        return {Kind.NO_SOUND: found} if found else {}

    def unproven(self, component: str, since_utc_s: int) -> int:
        return sum(self.unproven_slots(component, since_utc_s).values())

    def unproven_slots(self, component: str, since_utc_s: int) -> dict[int, int]:
        return {at: n for at, n in self.forged[component].items() if at > since_utc_s}

    def places(self, component: str, since_utc_s: int) -> dict[str, int]:
        assert component
        assert since_utc_s
        return self.told_places

    def note_exposure(self, component: str, slot_utc_s: int, listening: float) -> None:
        self.exposures[component][slot_utc_s] = listening


class HandPanels:
    """Probes as the test says; `say` keeps since when."""

    def __init__(self) -> None:
        self.views: dict[str, ProbesView] = {}
        self.crowd: dict[str, int] = {}

    def say(
        self, component: str, state: str, now_utc_us: int, *, alone: bool = False, step: str = ""
    ) -> None:
        place = PlaceView("here", state, now_utc_us, now_utc_us, step)
        self.views[component] = ProbesView(
            state=state, since_utc_us=now_utc_us, one_place=alone, step=step, places=(place,)
        )

    def view(self, component: str, now_utc_us: int) -> ProbesView:
        assert now_utc_us
        return self.views.get(component, ProbesView())

    def listening(self, component: str) -> int:
        return self.crowd.get(component, -1)


class HandProbes:
    """Probes in the book."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, int, int]] = []

    def slots(self, component: str, since_utc_s: int, slot_s: int) -> list[tuple[int, int, int]]:
        assert component
        assert slot_s
        return [row for row in self.rows if row[0] >= since_utc_s]


class Crier:
    """A herald that remembers; `dumb` makes it fail."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.dumb = False

    def tell(self, event: Event) -> None:
        if self.dumb:
            sentence = "no voice"
            raise ConnectionError(sentence)
        self.events.append(event)


class Ids:
    """Identifiers in a row."""

    def __init__(self, first: str = "i") -> None:
        self._first = first
        self._n = 0

    def __call__(self) -> str:
        self._n += 1
        return f"{self._first}{self._n}"


def component(name: str, group: str = "", *depends_on: str) -> Component:
    return Component(name, name.title(), group=group, depends_on=depends_on)


def probes(
    state: str, since_utc_us: int = NOON_US, *, alone: bool = False, step: str = ""
) -> ProbesView:
    return ProbesView(state=state, since_utc_us=since_utc_us, one_place=alone, step=step)


def level(state: str = "quiet", since_utc_us: int = NOON_US, **more: Any) -> Level:  # noqa: ANN401 - of Level
    reports = {"quiet": 1, "unusual": 9, "alarm": 30}[state]
    given = {"reports": reports, "usual": 3.0, "upper": 8.0} | more
    return Level(state=state, since_utc_us=since_utc_us, **given)


def sight(name: str, found: ProbesView | None = None, people: Level | None = None) -> Sight:
    return Sight(component(name), people or level(), found or probes("ok"))
