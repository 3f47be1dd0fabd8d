"""Adds up how many are listening, from what each edge tells once a second.

An edge's counts replace its earlier ones, never add to them. An edge that starts anew has a new
epoch; what its former self still had on the way is known by the old epoch and left out.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Final

from rostra.wire.messages import EdgeTally, SpaceTally

SILENT_NS: Final = 3_000_000_000
"""An edge that missed three tallies is taken as lost, and its listeners as moving."""

FORGET_NS: Final = 60_000_000_000
"""A lost edge is remembered for a minute, so that a late tally of an old epoch stays known."""

EDGES_MAX: Final = 1_024
"""Edges of one house: far beyond the largest rehearsal; more are refused."""

SPACES_PER_EDGE_MAX: Final = 4_096
"""Spaces in one tally; an edge with more is broken or hostile."""

EPOCHS_REMEMBERED_MAX: Final = 8
"""Former starts of an edge: with back-off it cannot start more often within FORGET_NS."""


@dataclass(frozen=True, slots=True)
class Heads:
    """One space over all edges: open connections by what they play, and HLS sessions."""

    push: int = 0
    aac: int = 0
    mp3: int = 0
    hls: int = 0

    @property
    def connections(self) -> int:
        """Open connections."""
        return self.push + self.aac + self.mp3

    @property
    def total(self) -> int:
        """Everybody who listens."""
        return self.connections + self.hls

    def plus(self, row: SpaceTally) -> "Heads":
        """These and one edge's."""
        return Heads(
            self.push + row.push, self.aac + row.aac, self.mp3 + row.mp3, self.hls + row.hls
        )


@dataclass(slots=True)
class _Edge:
    epoch: str
    sequence: int
    spaces: tuple[SpaceTally, ...]
    heard_ns: int
    former: deque[str] = field(default_factory=lambda: deque(maxlen=EPOCHS_REMEMBERED_MAX))


class HeadCount:
    """The latest tally of every edge; times are readings of the monotonic clock."""

    def __init__(self) -> None:
        self._edges: dict[str, _Edge] = {}
        self.refused = 0
        """Tallies that were late, doubled, from a former epoch, or beyond a limit."""

    def take(self, tally: EdgeTally, now_ns: int) -> bool:
        """Note one tally; False if it is not counted."""
        edge = self._edges.get(tally.edge)
        if len(tally.spaces) > SPACES_PER_EDGE_MAX or not self._fits(edge, tally, now_ns):
            self.refused += 1
            return False
        if edge is None:
            edge = _Edge(tally.epoch, tally.sequence, tally.spaces, now_ns)
            self._edges[tally.edge] = edge
        elif edge.epoch != tally.epoch:
            edge.former.append(edge.epoch)
        edge.epoch, edge.sequence = tally.epoch, tally.sequence
        edge.spaces, edge.heard_ns = tally.spaces, now_ns
        return True

    def _fits(self, edge: _Edge | None, tally: EdgeTally, now_ns: int) -> bool:
        if edge is None:
            if len(self._edges) >= EDGES_MAX:
                self._forget(now_ns)
            return len(self._edges) < EDGES_MAX
        if tally.epoch == edge.epoch:
            return tally.sequence > edge.sequence
        return tally.epoch not in edge.former

    def totals(self, now_ns: int) -> dict[str, Heads]:
        """Listeners of each space that has any tally, from the edges that are not silent."""
        self._forget(now_ns)
        totals: dict[str, Heads] = {}
        for edge in self._edges.values():
            if now_ns - edge.heard_ns <= SILENT_NS:
                for row in edge.spaces:
                    totals[row.space] = totals.get(row.space, Heads()).plus(row)
        return totals

    def edges(self, now_ns: int) -> list[str]:
        """The edges that are heard now, by name."""
        heard = (name for name, edge in self._edges.items() if now_ns - edge.heard_ns <= SILENT_NS)
        return sorted(heard)

    def _forget(self, now_ns: int) -> None:
        lost = [name for name, edge in self._edges.items() if now_ns - edge.heard_ns > FORGET_NS]
        for name in lost:
            del self._edges[name]
