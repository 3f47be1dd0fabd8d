"""The rules for a listener whose connection is slower than the programme."""

from typing import Final

NS_PER_S: Final = 1_000_000_000

SLOW_CLOSE_NS: Final = 20 * NS_PER_S
"""A listener that has not finished one unit for this long is gone: its player has long run dry,
and a place for a newcomer is worth more."""

INPUT_BYTES_MAX: Final = 4 * 1024
"""What a listener may send after its request; nothing is expected, and it is thrown away."""


class Backlog:
    """What one listener is owed.

    A unit that is half written is always finished, then the listener goes on with the newest
    tick. `at` is the number of the message that it expects next.
    """

    __slots__ = ("at", "rest", "since_ns")

    def __init__(self, at: int) -> None:
        self.at = at
        self.rest: memoryview | None = None
        self.since_ns = 0

    def behind(self, now_ns: int) -> None:
        """It could not take a whole unit; the first such moment is remembered."""
        self.since_ns = self.since_ns or now_ns

    def owe(self, rest: memoryview, now_ns: int) -> None:
        """Part of a unit went out; `rest` must follow before anything else."""
        self.behind(now_ns)
        self.rest = rest

    def paid(self, sent: int) -> bool:
        """`sent` more bytes of the rest went out; True when nothing is owed any more."""
        if self.rest is None:
            return True
        rest = self.rest[sent:]
        self.rest = rest if len(rest) else None
        return self.rest is None

    def caught_up(self, at: int) -> None:
        """A whole unit went out in one write."""
        self.at = at
        self.since_ns = 0

    def given_up(self, now_ns: int) -> bool:
        """Whether this listener is to be closed."""
        return bool(self.since_ns) and now_ns - self.since_ns > SLOW_CLOSE_NS
