"""When a process that ended is started again: at once at first, then ever more patiently."""

from dataclasses import dataclass
from typing import Final

FIRST_DELAY_S: Final = 0.1
"""A first death is answered at once: listeners hold about a second of sound."""
DELAY_S_MAX: Final = 5.0
"""A process that cannot live is tried this often, which costs nothing and heals by itself."""
STEADY_S: Final = 20.0
"""Who lived this long had started well: the next death counts as a first."""
FACTOR: Final = 2.0


@dataclass(frozen=True, slots=True)
class Backoff:
    """How often in a row a process has died young."""

    deaths: int = 0

    def after_death(self, lived_s: float) -> "Backoff":
        """The count after a process that had lived `lived_s` has ended."""
        return Backoff(1 if lived_s >= STEADY_S else self.deaths + 1)

    @property
    def delay_s(self) -> float:
        """How long to wait before the next start."""
        if self.deaths == 0:
            return 0.0
        doublings = min(self.deaths - 1, 16)
        return min(FIRST_DELAY_S * FACTOR**doublings, DELAY_S_MAX)
