"""Finds each burst of sound again, however late: bursts at uneven moments tell which is which."""

import random
from collections.abc import Sequence

LOOP_S = 16.0
"""The pattern is said again after this long; a delay must stay below it."""
BURST_S = 0.25
LEAST_S, MOST_S = 0.9, 2.1
"""Between two bursts of a pattern."""
TIGHT_MS = 60.0
"""Bursts that meet within this much under one delay speak for it: a player drifts slowly."""
NEAR_MS = 300.0
"""From one burst to the next a delay changes by less; what is further off is another burst."""
MET_MIN = 5
"""Fewer bursts in common prove nothing."""


def pattern(seed: int = 7) -> list[float]:
    """Where bursts begin in a loop, in seconds."""
    chance = random.Random(seed)  # noqa: S311 - a fixed pattern
    starts, at = [], 0.4
    while at < LOOP_S - BURST_S - LEAST_S:
        starts.append(round(at, 3))
        at += chance.uniform(LEAST_S, MOST_S)
    return starts


def delays_ms(said: Sequence[float], heard: Sequence[float]) -> list[float]:
    """How late each burst that was said was heard, all times in milliseconds.

    The delay is taken under which most of what was said while both listened is heard tightly, the
    least of several; from there each burst is followed by itself. Empty when no
    delay has `MET_MIN` bursts.
    """
    candidates = {other - one for one in said for other in heard}
    fitting = [d for d in candidates if 0 <= d < LOOP_S * 1_000]
    scored = [(_score(said, heard, d), -d) for d in fitting]
    best, minus_delay = max(scored, default=(0.0, 0.0))
    return _followed(said, heard, -minus_delay) if best > 0 else []


def _score(said: Sequence[float], heard: Sequence[float], delay: float) -> float:
    """Bursts met, of those whose echo falls into what was recorded: many, and a large share."""
    low, high = min(heard) - TIGHT_MS, max(heard) + TIGHT_MS
    expected = [one + delay for one in said if low <= one + delay <= high]
    met = sum(abs(_nearest(heard, one) - one) <= TIGHT_MS for one in expected)
    return met / len(expected) ** 0.5 if met >= MET_MIN else 0.0


def _followed(said: Sequence[float], heard: Sequence[float], delay: float) -> list[float]:
    found = []
    for one in said:
        other = _nearest(heard, one + delay)
        if abs(other - one - delay) <= NEAR_MS:
            delay = other - one
            found.append(delay)
    return found


def _nearest(heard: Sequence[float], moment: float) -> float:
    return min(heard, key=lambda other: abs(other - moment))
