"""The clock thread of one space: every 20 ms one mix, and what the programme makes of it."""

import threading
from collections.abc import Callable
from typing import Final, Protocol

from rostra.domain.ports import Clock
from rostra.programme.pace import Pace
from rostra.programme.timeline import ClockStep, Timeline

NS_PER_S: Final = 1_000_000_000
NAP_MAX_S: Final = 0.1
"""Longest sleep of the clock, so that a stop is noticed within a tenth of a second."""

OBSERVE_EVERY_NS: Final = NS_PER_S
"""How often the timeline looks at UTC."""


class Work(Protocol):
    """What the clock drives; all of it is called in the clock's own thread."""

    def turn(self, block: int, mono_ns: int) -> None:
        """Make block `block` (20 ms)."""
        ...

    def skipped(self, messages: int) -> None:
        """The studio fell behind and left out so many messages."""
        ...

    def stepped(self, step: ClockStep) -> None:
        """The machine's UTC clock stepped; the programme did not."""
        ...


class ClockThread(threading.Thread):
    """Drives `work` at the pace of `timeline` until `stop`; an error ends it (`failed`)."""

    def __init__(  # noqa: PLR0913 - what a clock is made of, each by name
        self,
        *,
        name: str,
        clock: Clock,
        timeline: Timeline,
        pace: Pace,
        work: Work,
        failed: Callable[[BaseException], None],
    ) -> None:
        super().__init__(name=name, daemon=True)
        self._clock = clock
        self._timeline = timeline
        self._pace = pace
        self._work = work
        self._failed = failed
        self._observed_ns = 0
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Ask the thread to end after the turn that it is in."""
        self._stopping.set()

    def run(self) -> None:
        """Turn after turn."""
        try:
            while not self._stopping.is_set():
                self._once()
        except Exception as error:  # noqa: BLE001 - whatever it was, the space's owner must know
            self._failed(error)

    def _once(self) -> None:
        now = self._clock.now()
        if now.mono_ns - self._observed_ns >= OBSERVE_EVERY_NS:
            self._observed_ns = now.mono_ns
            step = self._timeline.observe(now)
            if step is not None:
                self._work.stepped(step)
        turn = self._pace.turn(now.mono_ns)
        if turn.skipped_messages:
            self._work.skipped(turn.skipped_messages)
        if turn.wait_ns > 0:
            self._nap(min(NAP_MAX_S, turn.wait_ns / NS_PER_S))
            return
        self._work.turn(turn.block, now.mono_ns)
        self._pace.made()

    def _nap(self, seconds: float) -> None:
        self._stopping.wait(seconds)
