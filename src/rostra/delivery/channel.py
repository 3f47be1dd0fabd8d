"""One space at one edge: its line, its window, its cuts and its playlist, tied together."""

from typing import Final

from rostra.delivery.cutting import TICK, Cutter
from rostra.delivery.filling import Filler, Line
from rostra.delivery.hls import Shelf
from rostra.delivery.ticks import Ticks
from rostra.delivery.window import Step, Window
from rostra.domain.grid import message_pts
from rostra.domain.space import DOORS_OPEN, OVER
from rostra.wire.messages import Notice, ProgrammeMessage
from rostra.wire.states import SpaceState

END_LINGER_NS: Final = 500_000_000
"""How long the last messages may still be under way after the state says that it is over."""

KEEP_NS: Final = 60_000_000_000
"""For how long after the end HLS players that are behind still find playlist and segments."""


class Channel:
    """Takes messages and the passing of time; says which messages go out now.

    Times are monotonic nanoseconds, `now_utc_us` is only used to take up a run unheard.
    """

    def __init__(self, space: str, edge: str, filler: Filler | None, tick: int = TICK) -> None:
        self.space = space
        self.window = Window()
        self.line = Line(filler)
        self.cutter = Cutter(self.window, tick=tick)
        self.ticks = Ticks()
        self.cutter.asides.append(self.ticks.notices)
        self.shelf = Shelf(edge, self.window)
        self.state: SpaceState | None = None
        self.over = False
        """Nothing goes out any more."""
        self._end_ns: int | None = None

    def learn(self, state: SpaceState | None, now_ns: int, now_utc_us: int) -> None:
        """The space's state has changed."""
        self.state = state
        if state is None:
            return
        self.cutter.title = state.title
        if state.state in OVER:
            if self._end_ns is None:
                self._end_ns = now_ns + END_LINGER_NS
        elif state.state in DOORS_OPEN:
            self._end_ns, self.over = None, False
            self.shelf.over = False
            if state.run:
                shown_us = now_utc_us - state.stepped_us  # what no step has touched
                self.line.begin(state.run, state.epoch_utc_us, now_ns, shown_us)

    def take(self, message: ProgrammeMessage, now_ns: int) -> list[Step]:
        """A message came; the steps that go out now, each to be given to `out` in order."""
        if self.over:
            return []
        steps = self.line.take(message, now_ns)
        if not steps:
            self.window.mend(message)
        elif self._end_ns is not None:
            self._end_ns = now_ns + END_LINGER_NS
        return steps

    def due(self, now_ns: int) -> list[Step]:
        """Steps that the passing of time lets out."""
        return [] if self.over or self._end_ns is not None else self.line.due(now_ns)

    def out(self, step: Step) -> bool:
        """Let one step out; True when it opens a new run."""
        fresh = self.window.put(step)
        self.shelf.passed(step.message.number)
        return fresh

    def ends(self, now_ns: int) -> bool:
        """True once, when the last message has gone out and the streams are to be closed."""
        if self.over or self._end_ns is None or now_ns < self._end_ns:
            return False
        self.over = True
        self.shelf.end()
        return True

    def past(self, now_ns: int) -> bool:
        """Whether nobody is to find anything of it any more."""
        return self.over and self._end_ns is not None and now_ns >= self._end_ns + KEEP_NS

    def wake_ns(self) -> int | None:
        """When `due`, `ends` or `past` may next have something."""
        if self.over:
            return None if self._end_ns is None else self._end_ns + KEEP_NS
        return self._end_ns if self._end_ns is not None else self.line.wake_ns()

    @property
    def run(self) -> str:
        """The run that is heard, or before its first message the one that is to be."""
        return self.window.run or (self.state.run if self.state else "")

    @property
    def open(self) -> bool:
        """Whether listeners may connect: the doors are open, or sound is still going out."""
        known = self.state is not None and self.state.state in DOORS_OPEN
        return not self.over and (known or self.window.newest >= 0)

    def farewell(self) -> Notice:
        """The edge's own last notice in push: the state that closed the stream."""
        state = self.state.state.value if self.state else "ended"
        pts = message_pts(max(0, self.line.next))
        return Notice(kind="state", pts_samples=pts, body={"state": state})
