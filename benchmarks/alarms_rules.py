"""Rules that say in which slots of five minutes a component alarms: ours, and simpler ones.

Each is asked with what was reported until some moment in a slot; more reports never end an alarm
of any of them, so the slot's end says whether there was one in it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from benchmarks.alarms_library import START_S, WEEK_SLOTS, Array
from numpy.typing import NDArray

from rostra.watch.baseline import ComponentBaseline, fit_grid
from rostra.watch.evidence import Slots, weigh, window
from rostra.watch.kinds import SLOT_S
from rostra.watch.levels import audience, states

Flags = NDArray[np.bool_]
LEARNT: Final = 8 * WEEK_SLOTS
QUARTER: Final = 3

FLOOR: Final = 0.5
"""No mean and no sd is taken for less: one report in a silent night is no alarm of any rule."""

Usual = tuple[Array, Array]
Strength = Callable[[Array, int, Usual], Array]
"""Of reports of all kinds by slot, the number of the first slot, and mean and sd by quarter."""


def usual(past: Array, first: int) -> Usual:
    """Mean and sd of a quarter's reports at each slot of the week, of 8 weeks; plain."""
    by_slot = window(past, QUARTER)[-LEARNT:].reshape(8, WEEK_SLOTS)
    turn = first % WEEK_SLOTS
    mean, sd = by_slot.mean(axis=0), by_slot.std(axis=0, ddof=1)
    return np.maximum(np.roll(mean, turn), FLOOR), np.maximum(np.roll(sd, turn), FLOOR)


def times(reports: Array, first: int, known: Usual) -> Array:
    """How many times the mean of that time of the week."""
    found: Array = window(reports, QUARTER) / known[0][_places(reports, first)]
    return found


def z_score(reports: Array, first: int, known: Usual) -> Array:
    """How many standard deviations over the mean of that time of the week."""
    at = _places(reports, first)
    return (window(reports, QUARTER) - known[0][at]) / known[1][at]


def ears_c2(reports: Array, first: int, known: Usual) -> Array:
    """EARS C2: sd over 7 quarters, with 2 between them and now (Hutwagner et al. 2003)."""
    del first, known
    quarters: Array = window(reports, QUARTER)
    past = np.stack([_late(quarters, QUARTER * back) for back in range(3, 10)])
    found: Array = (quarters - past.mean(axis=0)) / np.maximum(past.std(axis=0, ddof=1), FLOOR)
    return found


def reporters(reports: Array, first: int, known: Usual) -> Array:
    """Reporters in 15 minutes."""
    del first, known
    return window(reports, QUARTER)


@dataclass(frozen=True)
class Simple:
    """A rule of one line: alarms where its strength is over a threshold."""

    words: str
    strength: Strength
    threshold: float
    higher: tuple[float, ...]
    """Other thresholds: a ladder on which a component's own year finds the first that is calm."""


SIMPLE: Final = (
    Simple("N x baseline", times, 2.0, (3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 60, 80)),
    Simple("z-score", z_score, 3.0, (4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 40, 60)),
    Simple("EARS C2, sd", ears_c2, 3.0, (4, 6, 8, 10, 12, 15, 20, 25, 30, 40, 60, 80)),
    Simple(
        "reporters in 15 min, over",
        reporters,
        6.0,
        (8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 150, 200),
    ),
)


def ours(baseline: ComponentBaseline, reports: Array, exposure: Array, first: int) -> list[str]:
    """What the tests of the watch say of each slot; reports are [slots, SERIES]."""
    starts = START_S + SLOT_S * (first + np.arange(len(reports), dtype=float))
    mean, error = baseline.expected(starts, audience(exposure))
    return states(weigh(baseline, Slots(reports, mean, error)))


def learnt(reports: Array, exposure: Array, until: int) -> ComponentBaseline:
    """Fit to the eight weeks and a day before a slot."""
    first = max(0, until - LEARNT - 288)
    return fit_grid(reports[first:until], exposure[first:until], START_S + SLOT_S * first)


def episodes(flags: Flags) -> int:
    """Alarms: what begins again within an hour is the same."""
    at = np.flatnonzero(flags)
    return int(len(at) > 0) + int((np.diff(at) > 12).sum())


def _places(reports: Array, first: int) -> NDArray[np.int64]:
    return (first + np.arange(len(reports))) % WEEK_SLOTS


def _late(values: Array, by: int) -> Array:
    return np.concatenate((np.full(by, np.nan), values[:-by]))
