"""The queue before a full edge: nobody is kept, everybody is told about where they stand.

Those who wait hold no connection; each asks again after the time it was told. So the place is an
estimate: how many were told to wait within the last such time.
"""

from collections import deque
from dataclasses import dataclass
from typing import Final

NS_PER_S: Final = 1_000_000_000

WAIT_MIN_S: Final = 5
"""Nobody is told to come back sooner: the question costs the edge about a write."""

WAIT_MAX_S: Final = 120
"""Nobody is told to wait longer; who is told so is told the truth again then."""

JITTER: Final = 0.25
"""`Retry-After` is spread by this share, so that a crowd does not come back as one."""

SECONDS_KEPT: Final = 60
"""Seconds over which leaves are averaged."""


@dataclass(frozen=True, slots=True)
class Place:
    """About the how-manieth somebody is, and about how many seconds that takes."""

    place: int
    wait_s: int
    retry_s: int


class Waiting:
    """Counts who was let in, left, and told to wait. Times are monotonic nanoseconds."""

    def __init__(self) -> None:
        self._told: deque[tuple[int, int]] = deque()
        self._left: deque[tuple[int, int]] = deque()
        self._free = 0
        self._wait_s = WAIT_MIN_S
        """What was told last: within it each of those who wait asks once."""

    def left(self, now_ns: int) -> None:
        """A listener left: one place is free, for a while."""
        self._free += 1
        _count(self._left, now_ns)

    def admit(self) -> bool:
        """Whether a newcomer may have the place of one who left."""
        if self._free <= 0:
            return False
        self._free -= 1
        return True

    def close(self) -> None:
        """The queue begins: places that became free before are not given out."""
        self._free = 0

    def told(self, now_ns: int, chance: float) -> Place:
        """Where a newcomer stands who must wait; `chance` in [0, 1) spreads the crowd."""
        _count(self._told, now_ns)
        place = _since(self._told, now_ns, self._wait_s)
        rate = _since(self._left, now_ns, SECONDS_KEPT) / SECONDS_KEPT
        wait_s = WAIT_MAX_S if rate == 0 else round(place / rate)
        self._wait_s = min(max(wait_s, WAIT_MIN_S), WAIT_MAX_S)
        spread = 1 - JITTER + 2 * JITTER * chance
        return Place(place, self._wait_s, max(1, round(self._wait_s * spread)))


def _count(row: deque[tuple[int, int]], now_ns: int) -> None:
    """One more in this second."""
    second = now_ns // NS_PER_S
    if row and row[-1][0] == second:
        row[-1] = (second, row[-1][1] + 1)
        return
    row.append((second, 1))
    while row[0][0] <= second - WAIT_MAX_S:
        row.popleft()


def _since(row: deque[tuple[int, int]], now_ns: int, seconds: int) -> int:
    first = now_ns // NS_PER_S - seconds
    return sum(count for second, count in row if second > first)
