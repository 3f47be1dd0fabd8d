"""What the listener loop counts about itself; read by metrics, written by one thread."""

from dataclasses import dataclass, field
from typing import Final

PASS_BOUNDS_S: Final = (0.001, 0.005, 0.02, 0.05, 0.107, 0.32, 1.0)
"""From nothing to do, over one message's time (0.107) and a tick's (0.32), to far too late."""


LATE_FROM: Final = PASS_BOUNDS_S.index(0.107) + 1
"""Durations from this place of the histogram on are longer than a message."""


class Times:
    """A histogram of durations in seconds."""

    def __init__(self) -> None:
        self.counts = [0] * (len(PASS_BOUNDS_S) + 1)
        self.total_s = 0.0

    def add(self, seconds: float) -> None:
        """Count one duration."""
        self.total_s += seconds
        at = 0
        while at < len(PASS_BOUNDS_S) and seconds > PASS_BOUNDS_S[at]:
            at += 1
        self.counts[at] += 1


@dataclass(slots=True)
class Stats:
    """Counters since the start of this edge."""

    joined: int = 0
    left: int = 0
    bytes_sent: int = 0
    """To listeners; small files are counted apart."""
    file_bytes_sent: int = 0
    requests: int = 0
    writes: int = 0
    skips: int = 0
    """Times that a listener could not take a write whole, and so may miss a tick."""
    slow_closed: int = 0
    refused_full: int = 0
    """503 because of listeners_max."""
    refused_waiting: int = 0
    """503 with a place in the queue: the edge is beyond what it can carry."""
    refused_to_hls: int = 0
    """503 that sends a newcomer of push to HLS."""
    refused_heads: int = 0
    """Request heads too large, too slow, or not HTTP."""
    holds: int = 0
    """Requests held until the part that they wait for is out."""
    holds_expired: int = 0
    """Of these, ended with 503 because it did not come."""
    refused_holds: int = 0
    """503 because too many were held already."""
    turn_errors: int = 0
    """Connections, tasks or spaces given up because the house made a mistake: see the log."""
    busy_s: float = 0.0
    """Time spent on messages: writes to listeners, and what is told by the backbone."""
    passes: Times = field(default_factory=Times)
    """How long the writes of one message took."""
    late: Times = field(default_factory=Times)
    """From a message's arrival at this process to the end of its writes."""
