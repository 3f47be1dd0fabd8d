"""Empties an edge: tells its listeners of push to move, and says when it may end."""

from collections.abc import Iterator
from typing import Final

from rostra.delivery.window import Window
from rostra.domain.grid import message_pts
from rostra.wire.messages import Notice

MOVE_WITHIN_S: Final = 20
"""Over how long listeners spread their moving: 18,000 of a full edge are 900 joins a second."""

MOVE_WITHIN_MAX_S: Final = 600
"""Nobody waits longer for a machine; a drain that is forgotten ends all the same."""

REPEAT_MESSAGES: Final = 9
"""How often it is said, in messages: about once a second, and once in every joiner's burst."""

EMPTY_AFTER_S: Final = 5
"""An edge without listeners stays for so long: lists of edges are two seconds old, some a little
more, and who reads in one of them that this edge takes newcomers must not find it gone."""

GRACE_S: Final = 60
"""How long it stays for those that have not moved when all should have: HLS, AAC, MP3, the slow.
With the time for moving it is the longest that a drain may take: 80 s unless said otherwise."""

NS_PER_S: Final = 1_000_000_000


class Moving:
    """Whether this edge drains, and since when; `notices` is one of a cutter's."""

    def __init__(self) -> None:
        self._begun_ns = 0
        self._within_s = 0
        self._left_s = 0

    @property
    def draining(self) -> bool:
        """Whether listeners are asked to leave."""
        return self._within_s > 0

    def begin(self, within_s: int, now_ns: int) -> None:
        """Ask all to leave within so many seconds; a second call changes nothing.

        Out of bounds it is the nearest bound.
        """
        if not self.draining:
            self._within_s = self._left_s = max(1, min(within_s, MOVE_WITHIN_MAX_S))
            self._begun_ns = now_ns

    def pass_time(self, now_ns: int) -> None:
        """Who is told later has less time left, and a second at least."""
        passed_s = (now_ns - self._begun_ns) // NS_PER_S
        self._left_s = max(1, self._within_s - passed_s)

    def notices(self, window: Window, first: int, last: int) -> Iterator[Notice]:
        """What listeners are told beside messages `first`…`last` of any space."""
        if not self.draining:
            return
        for number in range(first, last + 1):
            if number % REPEAT_MESSAGES == 0 and window.get(number) is not None:
                yield Notice("move", message_pts(number), {"within_s": self._left_s})

    def over(self, now_ns: int, listening: int) -> bool:
        """Whether the edge may close what is left: nobody, or its time is up."""
        if not self.draining:
            return False
        passed_s = (now_ns - self._begun_ns) / NS_PER_S
        if passed_s >= self._within_s + GRACE_S:
            return True
        return listening == 0 and passed_s >= EMPTY_AFTER_S
