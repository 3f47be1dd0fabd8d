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

_PPB: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class ClockStep:
    """The machine's UTC clock stepped by `delta_us` (positive: forward), seen at `at`.

    `total_us` is the sum of all steps of this run.
    """

    delta_us: int
    total_us: int
    at: Moment


class Timeline:
    """Which sample of a run is due when.

    `epoch_utc_us` is when pts 0 was; without it the run begins at `start`. A studio that takes
    a run over gives the run's epoch and how far the clock has stepped since, and so keeps its
    grid.
    """

    def __init__(self, start: Moment, epoch_utc_us: int | None = None, stepped_us: int = 0) -> None:
        self.epoch_utc_us = start.utc_us if epoch_utc_us is None else epoch_utc_us
        self.stepped_us = stepped_us
        self._anchor_mono_ns = start.mono_ns
        self._anchor_run_ns = (start.utc_us - stepped_us - self.epoch_utc_us) * 1_000
        self._slew_ppb = 0
        self._far: list[int] = []

    @property
    def slew_ppb(self) -> int:
        """How much faster than the monotonic clock the programme runs now, in parts in 10⁹."""
        return self._slew_ppb

    def observe(self, now: Moment) -> ClockStep | None:
        """Look at both clocks (about once a second): set the slew, and tell of a step.

        The programme's position is continuous across every call.
        """
        error_us = self.error_us(now)
        step = self._step(error_us, now)
        if step is None and self._far:
            return None
        aim_ns = 0 if step is not None else error_us * 1_000
        self._anchor_run_ns = self._run_ns(now.mono_ns)
        self._anchor_mono_ns = now.mono_ns
        wish_ppb = aim_ns * _PPB // SLEW_TIME_NS
        self._slew_ppb = max(-SLEW_PPB_MAX, min(SLEW_PPB_MAX, wish_ppb))
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
        return now.utc_us - self.stepped_us - self.epoch_utc_us - self._run_ns(now.mono_ns) // 1_000

    def pts_at(self, mono_ns: int) -> int:
        """The sample that is due at a reading of the monotonic clock, in samples of the run."""
        return self._run_ns(mono_ns) * 6 // 125_000

    def due_mono_ns(self, pts_samples: int) -> int:
        """When a sample is due: the first reading of the monotonic clock that reaches it."""
        run_ns = -(-pts_samples * 125_000 // 6)
        ahead_ns = run_ns - self._anchor_run_ns
        mono_ns = self._anchor_mono_ns + ahead_ns * _PPB // (_PPB + self._slew_ppb)
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

    def _run_ns(self, mono_ns: int) -> int:
        ahead_ns = mono_ns - self._anchor_mono_ns
        return self._anchor_run_ns + ahead_ns + ahead_ns * self._slew_ppb // _PPB
