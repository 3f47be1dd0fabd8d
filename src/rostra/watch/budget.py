"""How many false alarms a year are allowed, and what of it each test may spend.

Each test is made once a slot: within a slot its count only grows, and it is judged against what
the whole slot would hold. So P(alarm in a slot) <= alpha, and the expected slots with a false alarm
in a year are at most the sum of alphas times the slots of a year, however the tests depend on
each other (Bonferroni, or the union bound).
"""

from enum import IntEnum
from typing import Final

import numpy as np

from rostra.watch.kinds import SLOT_S
from rostra.watch.slots import SERIES
from rostra.watch.tails import Array

SLOTS_A_YEAR: Final = 365 * 86_400 // SLOT_S
ALARMS_A_YEAR: Final = 0.9
"""False alarms that a calm component may have in a year, by all tests together."""
UNUSUAL_A_YEAR: Final = 26.0
"""Slots a year in which a calm component may look unusual: it is said, and alarms nobody."""
KINDS_SHARE: Final = 0.3
"""What all single kinds spend together; the rest is for all kinds as one."""


class Test(IntEnum):
    """The tests of each series."""

    QUARTER = 0
    """The last quarter of an hour."""
    HOUR = 1
    """The last hour."""
    TWICE = 2
    """Two quarters of an hour, one after the other."""
    SLOW = 3
    """The CUSUM."""


SHARES: Final = {Test.QUARTER: 0.35, Test.HOUR: 0.25, Test.TWICE: 0.15, Test.SLOW: 0.25}


def alphas(a_year: float) -> Array:
    """What each test [SERIES, tests] may spend in each slot, for so many false alarms a year."""
    series = np.full(SERIES, KINDS_SHARE / (SERIES - 1))
    series[0] = 1 - KINDS_SHARE
    tests = np.array([SHARES[test] for test in Test])
    found: Array = a_year / SLOTS_A_YEAR * series[:, None] * tests[None, :]
    return found
