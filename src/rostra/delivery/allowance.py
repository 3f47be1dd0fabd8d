"""How often one key may do something: token buckets in a bounded table."""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final

NS_PER_S: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Rate:
    """So many a second in the long run, and `burst` at once after a rest."""

    per_s: float
    burst: int


class Allowance:
    """One bucket a key; beyond `rows_max` the key unused for longest begins anew.

    A bucket is kept as the moment when it will be full again (the generic cell rate algorithm,
    ITU-T I.371): one number, and nothing to do while time passes.
    """

    def __init__(self, rate: Rate, rows_max: int) -> None:
        self._step_ns = int(NS_PER_S / rate.per_s)
        self._deep_ns = self._step_ns * rate.burst
        self._rows_max = rows_max
        self._rows: OrderedDict[Hashable, int] = OrderedDict()

    def __len__(self) -> int:
        return len(self._rows)

    def take(self, key: Hashable, now_ns: int) -> int:
        """Take one token: 0, or how many nanoseconds until there is one, and none was taken."""
        full_ns = max(now_ns, self._rows.get(key, now_ns)) + self._step_ns
        wait_ns = full_ns - now_ns - self._deep_ns
        if wait_ns > 0:
            return wait_ns
        self._rows[key] = full_ns
        self._rows.move_to_end(key)
        if len(self._rows) > self._rows_max:
            self._rows.popitem(last=False)
        return 0
