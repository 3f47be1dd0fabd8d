"""T0 of one space at work: kept, moved on, written down, and told to everybody."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from rostra.app.beginning import Beginning, found
from rostra.app.lifecycle import Life, postponed
from rostra.domain.space import State
from rostra.wire.states import SpaceDef, SpaceState

Note = Callable[[str, dict[str, Any]], None]


class T0:
    """T0 of a space that this studio has.

    Args:
        space: what the desk planned.
        state: the space as it was left, T0 as it was told.
        now_utc_us: the time, by which a T0 that another studio saw come is not written down again.
        note: puts a line into the record.
    """

    def __init__(self, space: SpaceDef, state: SpaceState, now_utc_us: int, note: Note) -> None:
        told = (state.t0_utc_us, state.planned_t0_utc_us, state.slips, state.waits_for)
        self.begins = found(space.t0_utc_us, *told)
        self._planned_us = space.t0_utc_us
        self._note = note
        life = Life(state.state, state.since_utc_us)
        started = life.doors_open and life.state is not State.LOBBY
        self._noted_us = state.t0_utc_us if started and now_utc_us >= state.t0_utc_us else None

    @property
    def utc_us(self) -> int:
        """When the space begins, or was to."""
        return self.begins.t0_us

    @property
    def crossfade_utc_us(self) -> int | None:
        """The same once it is settled that T0 is kept."""
        return self.begins.t0_us if self.begins.kept else None

    def define(self, space: SpaceDef) -> None:
        """The desk's plan, perhaps a new one: another T0 begins anew, the same one stays moved."""
        if space.t0_utc_us != self._planned_us:
            self._planned_us = space.t0_utc_us
            self.begins = Beginning(space.t0_utc_us)

    def look(self, life: Life, now_utc_us: int, *, host_here: bool) -> bool:
        """Keep T0 or move it on, while the lobby is open; whether the crossfade is another now."""
        if life.state is not State.LOBBY:
            self.begins = replace(self.begins, waits_for="")
            return False
        return self._take(self.begins.looked(now_utc_us, host_here=host_here), "slip", {})

    def later(self, life: Life, by: str, minutes: int, now_utc_us: int) -> None:
        """A host moves T0 on; PeerError says why not."""
        begins = postponed(life, self.begins, minutes, now_utc_us)
        self._take(begins, "later", {"by": by, "minutes": minutes})

    def note(self, life: Life, now_utc_us: int) -> None:
        """A line when T0 has come, once."""
        if life.doors_open and now_utc_us >= self.utc_us != self._noted_us:
            self._noted_us = self.utc_us
            self._note("t0", {"t0_utc_us": self.utc_us, "state": life.state.value})

    def told(self) -> dict[str, Any]:
        """What everybody is told of it, by the names of `SpaceState` and `StageView`."""
        return {
            "t0_utc_us": self.utc_us,
            "planned_t0_utc_us": self.begins.first_us,
            "waits_for": self.begins.waits_for,
        }

    def _take(self, begins: Beginning, kind: str, more: dict[str, Any]) -> bool:
        before, self.begins = self.begins, begins
        if begins.t0_us != before.t0_us:
            self._note(kind, {**more, **self.told(), "slips": begins.slips})
        return (begins.t0_us, begins.kept) != (before.t0_us, before.kept)
