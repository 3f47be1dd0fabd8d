"""Decides what goes out next: the studio's message, or the hold loop when the studio is silent.

One `Line` a space. What it lets out has consecutive numbers, so that pts never goes back and
never leaps while there is a loop to fill with; real messages are spliced in at message bounds.
"""

from collections.abc import Callable
from typing import Final

from rostra.delivery.window import Step
from rostra.domain.grid import MESSAGE_SAMPLES, samples_of_us, us_of_samples
from rostra.domain.limits import MESSAGE_WINDOW
from rostra.wire.messages import ProgrammeMessage

NS_PER_US: Final = 1_000

MESSAGE_NS: Final = us_of_samples(MESSAGE_SAMPLES) * NS_PER_US
"""106.67 ms, short by less than a microsecond: an outage of an hour drifts by 20 ms."""

FILL_AFTER_NS: Final = 750_000_000
"""Silence after which the edge plays hold audio: a busy studio's stalls are shorter, and with
the tick and the player's buffer a listener's gap stays under a second."""

FILL_AT_ONCE_MAX: Final = MESSAGE_WINDOW
"""More missing messages than the window holds are not filled but leapt over: nobody waits for
more than the last minute."""

LATE_WAIT_MAX: Final = 18
"""Messages, 1.92 s, that a studio may be behind what was filled and still be waited for: it catches
up within that silence. One that is further behind is filled over, however regularly it speaks."""

UNHEARD: Final = -1
"""`next` before anything of the run has gone out."""

Filler = Callable[[str, int, int], ProgrammeMessage]
"""`(run, epoch_utc_us, number)` to a hold message."""


class Line:
    """The one order in which messages of a space leave this edge.

    `fill` makes hold messages; None where no loop is at hand, then holes stay holes.
    Times are monotonic nanoseconds.
    """

    def __init__(self, fill: Filler | None) -> None:
        self.fill = fill
        self.run = ""
        self.epoch_utc_us = 0
        self.next = UNHEARD
        self.filled = 0
        self.late = 0
        self._heard_ns = 0
        self._anchor: tuple[int, int] = (0, 0)

    def begin(self, run: str, epoch_utc_us: int, now_ns: int, now_utc_us: int) -> None:
        """Take up a run that is known by its state alone; its studio has not been heard yet.

        The first number is estimated from UTC, so that an edge that starts during an outage
        goes on about where the others are.
        """
        if run == self.run:
            return
        self.run, self.epoch_utc_us = run, epoch_utc_us
        self.next = UNHEARD
        estimate = max(0, samples_of_us(now_utc_us - epoch_utc_us) // MESSAGE_SAMPLES)
        self._heard_ns = now_ns
        self._anchor = (estimate, now_ns)

    def take(self, message: ProgrammeMessage, now_ns: int) -> list[Step]:
        """What goes out because this message came: holes before it, then itself.

        Empty when its place has already been filled.
        """
        steps: list[Step] = []
        if message.run != self.run:
            self.run, self.epoch_utc_us = message.run, message.epoch_utc_us
        elif message.number < self.next:
            self.late += 1
            if self.next - message.number <= LATE_WAIT_MAX:
                self._heard_ns = now_ns
            return steps
        elif self.next != UNHEARD and message.number - self.next <= FILL_AT_ONCE_MAX:
            steps = self._fill_to(message.number)
        self.next = message.number + 1
        self._heard_ns = now_ns
        self._anchor = (message.number, now_ns)
        steps.append(Step(message, real=True))
        return steps

    def due(self, now_ns: int) -> list[Step]:
        """Hold messages that are due by the grid because the studio is silent."""
        if not self.run or self.fill is None or now_ns - self._heard_ns < FILL_AFTER_NS:
            return []
        number, at_ns = self._anchor
        end = number + (now_ns - at_ns) // MESSAGE_NS + 1
        if self.next == UNHEARD or end - self.next > FILL_AT_ONCE_MAX:
            self.next = end - 1
        return self._fill_to(end)

    def wake_ns(self) -> int | None:
        """When `due` may next have something, or None."""
        if not self.run or self.fill is None:
            return None
        number, at_ns = self._anchor
        on_grid = at_ns + max(0, self.next - number) * MESSAGE_NS if self.next >= 0 else at_ns
        return max(self._heard_ns + FILL_AFTER_NS, on_grid)

    def _fill_to(self, end: int) -> list[Step]:
        if self.fill is None:
            return []
        steps = [
            Step(self.fill(self.run, self.epoch_utc_us, number), real=False)
            for number in range(self.next, end)
        ]
        self.filled += len(steps)
        self.next = max(self.next, end)
        return steps
