"""Changes of one space's tick: when a change begins, and what listeners are told of it before."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from rostra.delivery.window import Window
from rostra.domain.grid import MESSAGE_SAMPLES, SAMPLE_RATE_HZ, message_pts
from rostra.wire.messages import Notice

KIND: Final = "tick"

REPEAT_MESSAGES: Final = 9
"""How often an announcement is repeated until its change, in messages: every burst holds one."""


@dataclass(frozen=True, slots=True)
class _Change:
    messages: int
    begins: int
    said: int


class Ticks:
    """The announced change of one space, and the last one that was.

    Numbers are those of messages.
    """

    def __init__(self) -> None:
        self._change: _Change | None = None
        self._pending = False

    def announce(self, messages: int, newest: int, lead_s: float, *, longer: bool) -> None:
        """Say from now on that the tick will be `messages`.

        A longer tick begins `lead_s` after message `newest`, at a multiple of itself, so that
        players have the time to grow their buffers. A shorter one begins with the next message.
        """
        begins = newest + 1
        if longer:
            lead = round(lead_s * SAMPLE_RATE_HZ / MESSAGE_SAMPLES)
            begins = -(-(newest + 1 + lead) // messages) * messages
        self._change = _Change(messages, begins, newest + 1)
        self._pending = True

    def begins(self, number: int, *, new_run: bool = False) -> int | None:
        """The new tick, once, if message `number` is the first that it counts for.

        In a new run numbers begin anew, and a change that waits for one of the old begins too.
        """
        change = self._change
        if change is None or not self._pending or not (new_run or number >= change.begins):
            return None
        self._pending = False
        if new_run:
            self._change = None
        return change.messages

    def notices(self, _window: Window, first: int, last: int) -> Iterator[Notice]:
        """What is said beside messages `first`…`last`."""
        change = self._change
        if change is None:
            return
        for number in range(max(first, change.said), last + 1):
            repeated = (number - change.said) % REPEAT_MESSAGES == 0 and number < change.begins
            if number == change.said or repeated:
                body = {"messages": change.messages, "from": message_pts(change.begins)}
                yield Notice(KIND, message_pts(number), body)
