"""Reports by slot as arrays: one column for all kinds together, then one for each kind."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from rostra.watch.kinds import SLOT_S, Kind, SlotCount
from rostra.watch.tails import Array

KINDS: Final = tuple(Kind)
SERIES: Final = len(KINDS) + 1
"""Column 0 is of all kinds together."""

History = Mapping[Kind, Sequence[SlotCount]]


def first_slot(history: History) -> int | None:
    """When the earliest slot of any kind begins, seconds; None without any."""
    return min((one.slot_utc_s for slots in history.values() for one in slots), default=None)


def grid(history: History, first_utc_s: int, slots: int) -> tuple[Array, Array]:
    """Counts [slots, SERIES] and exposure [slots] from `first_utc_s` on.

    Slots may come in any order; what is missing is 0, what is told twice is added up, what lies
    outside is left out. Exposure is the largest that any kind has for a slot; 0 is unknown.
    """
    counts = np.zeros((slots, SERIES))
    exposure = np.zeros(slots)
    for kind, told in history.items():
        if not told or slots == 0:
            continue
        length = len(told)
        starts = np.fromiter((one.slot_utc_s for one in told), np.int64, length)
        reports = np.fromiter((one.reports for one in told), np.float64, length)
        heard = np.fromiter((one.exposure for one in told), np.float64, length)
        places = (starts - first_utc_s) // SLOT_S
        inside = (places >= 0) & (places < slots)
        places = places[inside]
        counts[:, 1 + KINDS.index(kind)] += np.bincount(
            places, np.maximum(reports[inside], 0), minlength=slots
        )
        np.maximum.at(exposure, places, heard[inside])
    counts[:, 0] = counts[:, 1:].sum(axis=1)
    return counts, exposure
