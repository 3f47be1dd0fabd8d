"""Merges the edges' sketches: how many different listeners a run has had, over all edges."""

from typing import Final

from rostra.wire.sketch import Sketch

RUNS_KEPT: Final = 2
"""Of a space: at a relaunch some edges are still in the run before, others in the new one."""


class Uniques:
    """One sketch for each space and run, of the runs that began last."""

    def __init__(self) -> None:
        self._runs: dict[str, dict[str, Sketch]] = {}

    def take(self, space: str, run: str, registers: bytes) -> None:
        """An edge told what it has seen of a run; MalformedError if these are no registers."""
        runs = self._runs.setdefault(space, {})
        if run not in runs:
            while len(runs) >= RUNS_KEPT:
                del runs[next(iter(runs))]
            runs[run] = Sketch()
        runs[run].merge(registers)

    def count(self, space: str, run: str) -> int:
        """Different listeners of a run, about 1.6 % more or less; 0 when unknown."""
        sketch = self._runs.get(space, {}).get(run)
        return 0 if sketch is None else sketch.estimate()

    def keep(self, spaces: frozenset[str]) -> None:
        """Forget the others."""
        for space in self._runs.keys() - spaces:
            del self._runs[space]
