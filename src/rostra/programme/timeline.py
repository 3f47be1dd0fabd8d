"""Puts the programme on time: samples follow the monotonic clock, slewed gently toward UTC.

The machine's UTC clock may step at any moment (a corrected server, a resumed virtual machine).
A step never moves the programme: it is absorbed into `stepped_us` and reported, so that the
journal and the status page can show it. What is left of the difference is slewed away.
"""

from dataclasses import dataclass
from typing import Final

from rostra.domain.grid import samples_of_us
from rostra.domain.ports import Moment

SLEW_PPB_MAX: Final = 500_000
"""500 ppm, as NTP's own slew: 24 samples a second, which no ear hears and no player notices."""

SLEW_TIME_NS: Final = 20_000_000_000
"""The remaining difference is aimed to vanish in 20 s: a drift of 200 ppm then leaves 4 ms."""

STEP_US: Final = 40_000
"""A difference beyond 40 ms is a step and no drift: slewing it would take over 80 s, and
pts may be at most 50 ms off."""

STEP_LOOKS: Final = 3
"""A step has to be seen by so many looks in a row: the process may be preempted between the
reading of one clock and of the other, and such a single outlier is no step."""

AWAY_US: Final = 6_500_000
"""Where the clock was set back between two studios and nothing tells how long nobody spoke: as
long as a lease lives and is looked for. Edges have gone on with hold audio meanwhile, and would
take whatever comes below what they have filled for late, for ever."""

_PPB: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class ClockStep:
    """The machine's UTC clock stepped by `delta_us` (positive: forward), seen at `at`.

    `total_us` is the sum of all steps of this run.
    """

    delta_us: int
    total_us: int
    at: Moment


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where the run was at a reading of the monotonic clock, and how much faster it goes since.

    It is replaced as a whole, so that every thread reads parts that belong together.
    """

    mono_ns: int
    run_ns: int
    slew_ppb: int = 0

    def run_at(self, mono_ns: int) -> int:
        """Nanoseconds of the run at another reading."""
        ahead_ns = mono_ns - self.mono_ns
        return self.run_ns + ahead_ns + ahead_ns * self.slew_ppb // _PPB


@dataclass(frozen=True, slots=True)
class Left:
    """What is known of a run that another studio, or this one's former self, began.

    `epoch_utc_us` is when pts 0 was, `stepped_us` how far UTC has stepped since. `zero_mono_us`
    is pts 0 on the monotonic clock, if that clock is still the same (no reboot, same machine):
    then a step of UTC in between is known. No pts below `not_before` is free any more.
    """

    epoch_utc_us: int
    stepped_us: int = 0
    zero_mono_us: int | None = None
    not_before: int = 0


class Timeline:
    """Which sample of a run is due when; one thread calls `observe`, any thread asks.

    `epoch_utc_us` is when pts 0 was: at `start`, or as it was `left`. A studio that takes a run
    over keeps its grid; what UTC has stepped in between is `taken_over`, and `stepped_us` holds it.
    """

    def __init__(self, start: Moment, left: Left | None = None) -> None:
        left = left or Left(start.utc_us)
        self.epoch_utc_us = left.epoch_utc_us
        self.stepped_us = left.stepped_us
        by_utc_ns = (start.utc_us - left.stepped_us - left.epoch_utc_us) * 1_000
        run_ns = by_utc_ns
        if left.zero_mono_us is not None:
            run_ns = start.mono_ns - left.zero_mono_us * 1_000
        free_ns = -(-left.not_before * 125_000 // 6)
        if run_ns < free_ns:
            run_ns = free_ns + (AWAY_US * 1_000 if free_ns - run_ns > STEP_US * 1_000 else 0)
        self._anchor = Anchor(start.mono_ns, run_ns)
        self._far: list[int] = []
        self.taken_over = self._moved(by_utc_ns - run_ns, start)

    def _moved(self, by_ns: int, start: Moment) -> ClockStep | None:
        """Absorb what UTC says too much or too little, unless the slew can work it off."""
        if abs(by_ns) <= STEP_US * 1_000:
            return None
        self.stepped_us += by_ns // 1_000
        return ClockStep(delta_us=by_ns // 1_000, total_us=self.stepped_us, at=start)

    @property
    def slew_ppb(self) -> int:
        """How much faster than the monotonic clock the programme runs now, in parts in 10⁹."""
        return self._anchor.slew_ppb

    @property
    def zero_mono_us(self) -> int:
        """Where pts 0 lies on the monotonic clock, by the present slew's anchor."""
        return (self._anchor.mono_ns - self._anchor.run_ns) // 1_000

    def observe(self, now: Moment) -> ClockStep | None:
        """Look at both clocks (about once a second): set the slew, and tell of a step.

        The programme's position is continuous across every call.
        """
        error_us = self.error_us(now)
        step = self._step(error_us, now)
        if step is None and self._far:
            return None
        aim_ns = 0 if step is not None else error_us * 1_000
        wish_ppb = aim_ns * _PPB // SLEW_TIME_NS
        slew_ppb = max(-SLEW_PPB_MAX, min(SLEW_PPB_MAX, wish_ppb))
        self._anchor = Anchor(now.mono_ns, self._anchor.run_at(now.mono_ns), slew_ppb)
        return step

    def _step(self, error_us: int, now: Moment) -> ClockStep | None:
        """Count looks that are far off to the same side; the third in a row is a step."""
        if abs(error_us) <= STEP_US:
            self._far.clear()
            return None
        if self._far and abs(error_us - self._far[-1]) > STEP_US:
            self._far.clear()
        self._far.append(error_us)
        if len(self._far) < STEP_LOOKS:
            return None
        self._far.clear()
        self.stepped_us += error_us
        return ClockStep(delta_us=error_us, total_us=self.stepped_us, at=now)

    def error_us(self, now: Moment) -> int:
        """How far UTC, without its steps, is ahead of the programme."""
        run_us = self._anchor.run_at(now.mono_ns) // 1_000
        return now.utc_us - self.stepped_us - self.epoch_utc_us - run_us

    def utc_us_at(self, mono_ns: int) -> int:
        """What the programme calls the time: UTC with those steps only that it has seen.

        What is due by this is due by `pts_of_utc` at the same moment.
        """
        return self.epoch_utc_us + self.stepped_us + self._anchor.run_at(mono_ns) // 1_000

    def pts_at(self, mono_ns: int) -> int:
        """The sample that is due at a reading of the monotonic clock, in samples of the run."""
        return self._anchor.run_at(mono_ns) * 6 // 125_000

    def due_mono_ns(self, pts_samples: int) -> int:
        """When a sample is due: the first reading of the monotonic clock that reaches it."""
        run_ns = -(-pts_samples * 125_000 // 6)
        anchor = self._anchor
        ahead_ns = run_ns - anchor.run_ns
        mono_ns = anchor.mono_ns + ahead_ns * _PPB // (_PPB + anchor.slew_ppb)
        while self.pts_at(mono_ns) < pts_samples:
            mono_ns += 1
        while self.pts_at(mono_ns - 1) >= pts_samples:
            mono_ns -= 1
        return mono_ns

    def pts_of_utc(self, utc_us: int) -> int:
        """The sample that belongs to a time of the world, such as T0, by the clock as it is now.

        After a step of the machine's clock this follows the clock, so that a start at 20:00
        happens at what the corrected clock calls 20:00.
        """
        return samples_of_us(utc_us - self.stepped_us - self.epoch_utc_us)
