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
    until_utc_s = first_utc_s + slots * SLOT_S
    for kind, slots_of_kind in history.items():
        told = [one for one in slots_of_kind if first_utc_s <= one.slot_utc_s < until_utc_s]
        length = len(told)
        starts = np.fromiter((one.slot_utc_s for one in told), np.int64, length)
        reports = np.fromiter((one.reports for one in told), np.float64, length)
        heard = np.fromiter((one.exposure for one in told), np.float64, length)
        places = (starts - first_utc_s) // SLOT_S
        np.add.at(counts[:, 1 + KINDS.index(kind)], places, np.maximum(reports, 0))
        np.maximum.at(exposure, places, heard)
    counts[:, 0] = counts[:, 1:].sum(axis=1)
    return counts, exposure
