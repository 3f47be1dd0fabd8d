"""Who is there: whether a host can be counted on, and for how long the stage has been empty.

Times are microseconds of a clock that never steps, so that a corrected clock empties no stage.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from rostra.app.lifecycle import Life
from rostra.domain.ports import Moment
from rostra.domain.space import Cause, Reason, State
from rostra.stage.places import HOSTS, ON_STAGE
from rostra.wire.states import OnStage, SpaceState

HOST_BACK_US: Final = 10_000_000
"""A host whose connection broke is there again within seconds; so is everybody whose studio died,
which takes five."""

EMPTY_US: Final = 20_000_000
"""A lost connection comes back within 20 s or not soon: until then there is silence, not music."""

MISSED_US: Final = 30_000_000
"""Doors that are open so long after T0 had no studio at T0: a restart takes less."""


@dataclass(slots=True)
class Attendance:
    """What is known of who is there; `look` is to be called now and then, and on every change."""

    _now_us: int = 0
    _host_us: int | None = None
    _filled_us: int | None = None
    _back: bool = False

    def look(self, people: Iterable[OnStage], now_us: int) -> None:
        """See who is there at this moment."""
        here = [one for one in people if one.here]
        on_stage = [one for one in here if one.where == ON_STAGE]
        self._now_us = now_us
        if any(one.role in HOSTS for one in here):
            self._host_us = now_us
        if on_stage or self._filled_us is None:
            self._filled_us = now_us
        self._back = any(one.speaking or one.role in HOSTS for one in on_stage)

    def take_over(self, left: SpaceState, now: Moment) -> None:
        """See who was there when another studio let go: nobody, if that was long ago."""
        missed = left.state is State.LOBBY and now.utc_us - left.t0_utc_us > MISSED_US
        people = () if missed else (*left.stage, *left.floor.backstage)
        self.look(people, now.mono_us)

    @property
    def host_here(self) -> bool:
        """Whether a host is connected, or was a moment ago."""
        return self._host_us is not None and self._now_us - self._host_us < HOST_BACK_US

    def begun(self) -> None:
        """The space is live from now on: an empty stage has its time from here."""
        self._filled_us = self._now_us

    def due(self, life: Life) -> tuple[State, Cause] | None:
        """The step that the house takes for who is there, if any."""
        if life.state is State.LIVE and self._empty_us >= EMPTY_US:
            return State.INTERRUPTED, Cause.HOUSE
        if life.state is State.INTERRUPTED and life.reason == Reason.EMPTY and self._back:
            return State.LIVE, Cause.HOUSE
        return None

    @property
    def _empty_us(self) -> int:
        return 0 if self._filled_us is None else self._now_us - self._filled_us
