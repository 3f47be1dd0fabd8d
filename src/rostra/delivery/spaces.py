"""What this edge knows of the house: spaces and edges, kept in memory from the buckets.

Nothing here is asked for when a listener comes: it is all there already, and stays there when
the desk, the studio or the backbone is dead.
"""

from typing import Any, Final, TypeVar

import msgspec

from rostra.domain.errors import MalformedError
from rostra.domain.space import State
from rostra.wire.messages import BUCKET_DEFS, BUCKET_EDGES, BUCKET_STATE, from_bucket
from rostra.wire.states import EdgeInfo, SpaceDef, SpaceState

SPACES_MAX: Final = 100_000
"""Spaces that one edge remembers, about 1 kB each; beyond it new ones are not taken up."""

_Kind = TypeVar("_Kind", SpaceDef, SpaceState, EdgeInfo)

EDGES_MAX: Final = 4_096
"""Edges that `edges.json` may name: far more than one backbone feeds."""


class Directory:
    """Spaces as planned and as they are, and the edges that are alive."""

    def __init__(self, me: EdgeInfo) -> None:
        self._me = me
        self._listed = b""
        self.edges_version = 0
        """Another number whenever the list of edges is another."""
        self.loaded = False
        """Whether the backbone has ever told us what there is."""
        self.refused = 0
        self._defs: dict[str, SpaceDef] = {}
        self._states: dict[str, SpaceState] = {}
        self._edges: dict[str, EdgeInfo] = {}

    @property
    def me(self) -> EdgeInfo:
        """This edge."""
        return self._me

    @me.setter
    def me(self, me: EdgeInfo) -> None:
        self._me = me
        self._changed()

    def apply(self, bucket: str, key: str, value: bytes | None) -> SpaceState | None:
        """Take one entry of a bucket; the space that it changed, as it is now.

        An entry that does not read is counted and changes nothing.
        """
        try:
            if bucket == BUCKET_EDGES:
                before = self._edges.get(key)
                self._put(self._edges, EdgeInfo, key, value, EDGES_MAX)
                if self._edges.get(key) != before:
                    self._changed()
                return None
            if bucket == BUCKET_DEFS:
                self._put(self._defs, SpaceDef, key, value, SPACES_MAX)
            elif bucket == BUCKET_STATE:
                self._put(self._states, SpaceState, key, value, SPACES_MAX)
        except MalformedError:
            self.refused += 1
        return self.space(key)

    def _put(
        self, table: dict[str, _Kind], kind: type[_Kind], key: str, value: bytes | None, most: int
    ) -> None:
        if value is None:
            table.pop(key, None)
        elif key in table or len(table) < most:
            table[key] = from_bucket(kind, key, value)
        else:
            self.refused += 1

    def _changed(self) -> None:
        self._listed = b""
        self.edges_version += 1

    def space(self, key: str) -> SpaceState | None:
        """The space as it is; one that only the desk knows is `scheduled` (or cancelled)."""
        state = self._states.get(key)
        if state is not None:
            return state
        planned = self._defs.get(key)
        return None if planned is None else as_planned(planned)

    def edges(self) -> list[EdgeInfo]:
        """The edges that are alive, this one included whatever the backbone says."""
        return list({**self._edges, self._me.id: self._me}.values())

    def edges_json(self) -> bytes:
        """The body of `edges.json`, made anew when an edge has changed and not for each joiner."""
        if not self._listed:
            rows = [_listed(edge) for edge in self.edges()]
            self._listed = msgspec.json.encode({"edges": rows})
        return self._listed


def _listed(edge: EdgeInfo) -> dict[str, Any]:
    row: dict[str, Any] = {"id": edge.id, "bases": edge.bases, "weight": edge.weight}
    return {**row, "draining": True} if edge.draining else row


def as_planned(planned: SpaceDef) -> SpaceState:
    """A space that no studio has taken up yet."""
    return SpaceState(
        id=planned.id,
        title=planned.title,
        state=State.CANCELLED if planned.cancelled else State.SCHEDULED,
        t0_utc_us=planned.t0_utc_us,
        hosts=planned.hosts,
        description=planned.description,
        language=planned.language,
    )
