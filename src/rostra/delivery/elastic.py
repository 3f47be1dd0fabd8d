"""The rule that gives up latency before listeners: which tick an edge keeps, and what comes after.

An edge climbs one step of its ladder when it cannot keep up, and goes back down when it is calm
enough that it could keep up there too. Both need a load that lasts; a step that proves too low
makes the next try wait longer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rostra.domain.grid import MESSAGE_SAMPLES, SAMPLE_RATE_HZ, TICK_MESSAGES

NS_PER_S: Final = 1_000_000_000
MESSAGE_S: Final = MESSAGE_SAMPLES / SAMPLE_RATE_HZ

BUSY_HIGH: Final = 0.55
"""Share of its time that an edge may spend on writes: the rest is for joins, and for the moments
in which a machine gives it less."""

BUSY_URGENT: Final = 0.85
"""Beyond this it is about to fall behind: the change comes sooner than players would like."""

BUSY_CALM: Final = 0.35
"""What the writes may take at the lower step, reckoned, before the edge goes back to it."""

BUSY_IDLE: Final = 0.1
"""A lower step that would take no more than this holds, whatever did not hold before."""

LATE_HIGH: Final = 0.5
"""Share of messages whose writes ended after the next message had come."""

OWING_HIGH: Final = 0.25
"""Share of listeners whose connections do not take what they are sent: then it is the network of
this machine that is full, and fewer, larger packets help it."""

OWING_LISTENERS_MIN: Final = 100
"""Below this number three slow phones would be a share to act on."""

CONFIRM: Final = 3
"""Looks in a row, half a second apart, at a load that is too high."""

CONFIRM_URGENT: Final = 2
"""The same where it is urgent."""

CALM_S: Final = 10.0
"""How long it must be calm before a step down."""

CALM_RELIEF_SHARE: Final = 0.3
"""The share of it after which a relief is taken back: that is no work for players, and newcomers
are not to be turned away for longer than it needs."""

CALM_MAX_S: Final = 160.0
"""The same after steps down that did not hold: it doubles each time."""

RELIEF_SHOWS_S: Final = 1.0
"""How long after a relief its effect is waited for; a changed tick is given two of itself."""

FLAP_S: Final = 60.0
"""A climb so soon after a step down means that the step did not hold."""

SLOWER: Final = 0.1
"""How much slower players play while they grow their buffers: hardly heard."""

SLOWER_URGENT: Final = 0.25
"""The same where it is urgent: heard, and still better than a gap."""

LEAD_MARGIN_S: Final = 1.5
"""For the way to the listeners: the announcement goes out with each bucket's next write."""


class Relief(StrEnum):
    """What an edge does after its last tick, in this order; names of the configuration."""

    NO_BURST = "no_burst"
    """A joiner is given no second of sound at once and waits for its bucket's next write."""
    OFFER_HLS = "offer_hls"
    """Newcomers of push are sent to HLS, which caches can carry."""
    WAIT = "wait"
    """Newcomers are told their place in the queue; one is let in for each who leaves."""


RELIEFS: Final = tuple(Relief)


@dataclass(frozen=True, slots=True)
class Load:
    """What the edge measured since the last look, each as a share of one."""

    busy: float
    """Of the time, spent on writes."""
    late: float = 0.0
    """Of the messages, written out after the next one had come."""
    owing: float = 0.0
    """Of the listeners, behind."""
    listeners: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the ladder."""

    tick: int
    reliefs: frozenset[Relief] = frozenset()


@dataclass(frozen=True, slots=True)
class Change:
    """A step taken: `lead_s` is how long a longer tick is to be announced before it begins."""

    step: Step
    longer: bool
    lead_s: float


def ladder(ticks: Sequence[int], reliefs: Sequence[Relief] = RELIEFS) -> tuple[Step, ...]:
    """The steps of an edge that may use these ticks (in messages) and reliefs."""
    allowed = [tick for tick in TICK_MESSAGES if tick in ticks] or [TICK_MESSAGES[-1]]
    steps = [Step(tick) for tick in allowed]
    taken: frozenset[Relief] = frozenset()
    for relief in RELIEFS:
        if relief in reliefs:
            taken |= {relief}
            steps.append(Step(allowed[-1], taken))
    return tuple(steps)


class Elastic:
    """Where an edge stands on its ladder. Times are monotonic nanoseconds."""

    def __init__(self, steps: tuple[Step, ...]) -> None:
        self._steps = steps
        self._at = 0
        self._high = 0
        self._quiet_ns = 0
        self._calm_since_ns: int | None = None
        self._calm_s = CALM_S
        self._lowered_ns: int | None = None
        self.changes = 0

    @property
    def step(self) -> Step:
        """The present step."""
        return self._steps[self._at]

    @property
    def level(self) -> int:
        """Its place on the ladder, from 0."""
        return self._at

    def judge(self, load: Load, now_ns: int) -> Change | None:
        """Look at the load, about every half second; the change to make, or None."""
        if now_ns < self._quiet_ns:
            return None
        pressed = self._pressed(load)
        self._high = self._high + 1 if pressed else 0
        if pressed:
            self._calm_since_ns = None
            urgent = load.busy >= BUSY_URGENT
            enough = self._high >= (CONFIRM_URGENT if urgent else CONFIRM)
            return self._climb(now_ns, urgent=urgent) if enough else None
        if not self._calm(load):
            self._calm_since_ns = None
            return None
        if self._calm_since_ns is None:
            self._calm_since_ns = now_ns
        if now_ns - self._calm_since_ns < self._patience_s(load) * NS_PER_S:
            return None
        return self._lower(now_ns)

    def _climb(self, now_ns: int, *, urgent: bool) -> Change | None:
        if self._at + 1 >= len(self._steps):
            return None
        flapped = self._lowered_ns is not None and now_ns - self._lowered_ns < FLAP_S * NS_PER_S
        self._calm_s = min(2 * self._calm_s, CALM_MAX_S) if flapped else CALM_S
        before = self.step.tick
        self._at += 1
        grown_s = (self.step.tick - before) * MESSAGE_S
        lead_s = grown_s / (SLOWER_URGENT if urgent else SLOWER) + LEAD_MARGIN_S if grown_s else 0.0
        return self._moved(now_ns, before, lead_s)

    def _lower(self, now_ns: int) -> Change:
        before = self.step.tick
        self._at -= 1
        self._lowered_ns = now_ns
        return self._moved(now_ns, before, 0.0)

    def _moved(self, now_ns: int, before: int, lead_s: float) -> Change:
        """Nothing is judged before the change has begun and shown what it brings."""
        self.changes += 1
        self._high, self._calm_since_ns = 0, None
        shows_s = RELIEF_SHOWS_S if self.step.tick == before else 2 * self.step.tick * MESSAGE_S
        self._quiet_ns = now_ns + round((lead_s + shows_s) * NS_PER_S)
        return Change(self.step, self.step.tick > before, lead_s)

    def _patience_s(self, load: Load) -> float:
        """How long it must be calm before a step down."""
        calm_s = CALM_S if self._reckoned(load) <= BUSY_IDLE else self._calm_s
        relief = self._steps[self._at - 1].tick == self.step.tick
        return calm_s * (CALM_RELIEF_SHARE if relief else 1.0)

    def _reckoned(self, load: Load) -> float:
        """What share of its time the writes would take at the lower step."""
        return load.busy * self.step.tick / self._steps[self._at - 1].tick

    def _calm(self, load: Load) -> bool:
        if self._at == 0:
            return False
        clogged = self._steps[self._at - 1].tick < self.step.tick and _clogged(load, 0.5)
        calm = self._reckoned(load) <= BUSY_CALM and load.late <= LATE_HIGH / 2
        return calm and not clogged

    def _pressed(self, load: Load) -> bool:
        """Whether the load asks for the next step.

        Listeners that take nothing lengthen the tick at most: whoever brings many of them must
        not be able to keep newcomers out.
        """
        above = self._steps[min(self._at + 1, len(self._steps) - 1)]
        clogged = above.tick > self.step.tick and _clogged(load, 1.0)
        return load.busy > BUSY_HIGH or load.late > LATE_HIGH or clogged


def _clogged(load: Load, share: float) -> bool:
    return load.listeners >= OWING_LISTENERS_MIN and load.owing > share * OWING_HIGH
