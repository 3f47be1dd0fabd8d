"""When a space begins: T0 as it was planned, moved on while no host is there, or by a host.

Ten seconds before T0 the house looks whether a host is there. If not, T0 moves by the next of the
announced steps, and again before that one; once it has been kept, it stands. All of it follows
from the planned T0, the number of slips and what hosts added, so that another studio goes on with
the T0 that people have been told.
"""

from dataclasses import dataclass, replace
from typing import Final

from rostra.domain.errors import PeerError

SECOND_US: Final = 1_000_000
MINUTE_US: Final = 60 * SECOND_US

LOOK_BEFORE_US: Final = 10 * SECOND_US
"""Before T0 by so much it is settled whether T0 is kept: time enough to say that it is not, and
for the crossfade to be planned by sample."""

SLIPS_MIN: Final = (2, 3, 5, 5)
"""Minutes of the first slips: an event of 20:00 waits until 20:02, 20:05, 20:10, 20:15."""

SLIP_MIN: Final = 10
"""Minutes of each slip after these: who is a quarter of an hour late may be late for long."""

LATER_MIN_MAX: Final = 60
"""Minutes that a host moves T0 by at once; an evening that is put off further is planned anew."""

AHEAD_US_MAX: Final = 24 * 60 * MINUTE_US
"""However often hosts move T0, it stays within a day: the hold programme runs until then."""

HOST = "host"
"""What a late start waits for."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """T0 and how it came about; times are microseconds since 1970, UTC.

    Args:
        planned_us: T0 as it was announced at first.
        slips: how often it has moved because no host was there.
        later_us: by how much hosts have moved it.
        waits_for: `host` while no host is there after a slip, or nothing.
        kept: whether the house has looked before this T0 and keeps it.
    """

    planned_us: int
    slips: int = 0
    later_us: int = 0
    waits_for: str = ""
    kept: bool = False

    @property
    def t0_us(self) -> int:
        """T0 as it is now."""
        return self.planned_us + slipped_us(self.slips) + self.later_us

    @property
    def first_us(self) -> int:
        """The first T0 if there is another one by now, else 0: what is told as planned."""
        return self.planned_us if self.t0_us != self.planned_us else 0

    def looked(self, now_us: int, *, host_here: bool) -> "Beginning":
        """The same after a look at the clock and at who is there."""
        if self.kept and now_us >= self.t0_us - LOOK_BEFORE_US:
            return self
        begins = replace(self, kept=False, waits_for="" if host_here else self.waits_for)
        if self.slips and now_us < self.planned_us - LOOK_BEFORE_US:
            # The clock was set back: by the right time there was no reason to slip.
            begins = replace(begins, slips=0, waits_for="")
        if now_us < begins.t0_us - LOOK_BEFORE_US:
            return begins
        return replace(begins, kept=True) if host_here else _slipped(begins, now_us)

    def later(self, minutes: int, now_us: int) -> "Beginning":
        """The same as a host moves it on; PeerError (422, 409) for too much."""
        if not 1 <= minutes <= LATER_MIN_MAX:
            sentence = f"The start moves by 1 to {LATER_MIN_MAX} minutes at once."
            raise PeerError(sentence, status=422)
        moved = replace(self, later_us=self.later_us + minutes * MINUTE_US, kept=False)
        if moved.t0_us - now_us > AHEAD_US_MAX:
            sentence = "The start cannot be moved beyond a day. Plan another space for then."
            raise PeerError(sentence, status=409)
        return moved


def _slipped(begins: Beginning, now_us: int) -> Beginning:
    """T0 by as many steps later as it takes to be still to come."""

    def behind_us(slips: int) -> int:
        t0_us = begins.planned_us + slipped_us(slips) + begins.later_us
        return now_us - t0_us + LOOK_BEFORE_US

    slips = begins.slips
    while slips < len(SLIPS_MIN) and behind_us(slips) >= 0:
        slips += 1
    if (late_us := behind_us(slips)) >= 0:
        slips += late_us // (SLIP_MIN * MINUTE_US) + 1
    return replace(begins, slips=slips, waits_for=HOST)


def slipped_us(slips: int) -> int:
    """How far so many slips move T0."""
    more = max(0, slips - len(SLIPS_MIN))
    return (sum(SLIPS_MIN[:slips]) + more * SLIP_MIN) * MINUTE_US


def found(planned_us: int, t0_us: int, told_us: int, slips: int, waits_for: str) -> Beginning:
    """The beginning as another studio left it: `t0_us` as it was told, `told_us` the first one.

    `planned_us` is the desk's; where it is another than was told, the plan is new and counts.
    """
    if (told_us or t0_us) != planned_us or slips < 0:
        return Beginning(planned_us)
    later_us = max(0, t0_us - planned_us - slipped_us(slips))
    return Beginning(planned_us, slips, later_us, waits_for)
