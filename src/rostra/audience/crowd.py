"""The audience of a house as its studio sees it: every number says which of three it is."""

from dataclasses import dataclass
from typing import Final

from rostra.audience.forum import Forum
from rostra.audience.headcount import HeadCount, Heads
from rostra.audience.uniques import Uniques
from rostra.audience.voices import Voices
from rostra.wire.messages import EdgeTally

LOOK_NS: Final = 10_000_000
"""So much later than it is silent for too long may an edge still be counted."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The audience of one space.

    `connections` are open now, `hls` sessions asked for a piece in the last six seconds, `unique`
    estimates the different listeners of the run.
    """

    connections: int = 0
    hls: int = 0
    unique: int = 0
    hands: int = 0

    @property
    def listening(self) -> int:
        """Everybody who listens now."""
        return self.connections + self.hls


class Crowd:
    """Takes the edges' tallies; times are readings of the monotonic clock."""

    def __init__(self) -> None:
        self.heads = HeadCount()
        self.voices = Voices()
        self._forums: dict[str, Forum] = {}
        self._uniques = Uniques()
        self._totals: dict[str, Heads] = {}
        self._totals_at = -1

    def take(self, tally: EdgeTally, cared: frozenset[str], now_ns: int) -> None:
        """One tally; beyond head counts only spaces that are `cared` for here are kept."""
        if not self.heads.take(tally, now_ns):
            return
        self._totals_at = -1
        self._uniques.keep(cared)
        self.voices.keep(cared)
        for space in self._forums.keys() - cared:
            del self._forums[space]
        for row in tally.spaces:
            if row.space in cared:
                self.voices.take(row.space, row.reactions, row.hands, now_ns, row.asks)
                if row.space in self._forums:
                    self._forums[row.space].take(row)
                if row.unique:
                    self._uniques.take(row.space, row.run, row.unique)

    def forum(self, space: str) -> Forum:
        """The questions and the poll of a space that is cared for here."""
        return self._forums.setdefault(space, Forum())

    def figures(self, space: str, run: str, now_ns: int) -> Figures:
        """The audience of a space and its run."""
        heads = self._heads(space, now_ns)
        return Figures(
            heads.connections,
            heads.hls,
            self._uniques.count(space, run),
            len(self.voices.hands(space, now_ns)),
        )

    def _heads(self, space: str, now_ns: int) -> Heads:
        """The sums of all spaces, made anew when a tally came or `LOOK_NS` have passed."""
        at = now_ns // LOOK_NS
        if at != self._totals_at:
            self._totals, self._totals_at = self.heads.totals(now_ns), at
        return self._totals.get(space, Heads())
