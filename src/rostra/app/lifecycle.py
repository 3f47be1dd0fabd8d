"""A space's life in the studio: what the clock makes due, and what people ask for."""

from dataclasses import dataclass, replace

from rostra.domain.errors import PeerError
from rostra.domain.space import DOORS_OPEN, OVER, Cause, State, move
from rostra.wire.states import SpaceDef

SECOND_US = 1_000_000


@dataclass(frozen=True, slots=True)
class Life:
    """Where a space is, since when, and why it got there."""

    state: State
    since_utc_us: int
    reason: str = ""

    @property
    def doors_open(self) -> bool:
        """Whether the programme runs."""
        return self.state in DOORS_OPEN

    @property
    def over(self) -> bool:
        """Whether nothing will be heard any more."""
        return self.state in OVER

    def moved(self, then: State, cause: Cause, now_utc_us: int) -> "Life":
        """The life after a step that the table allows; PeerError or ForbiddenError otherwise."""
        return replace(
            self, state=move(self.state, then, cause), since_utc_us=now_utc_us, reason=cause.value
        )


def due(life: Life, space: SpaceDef, now_utc_us: int) -> tuple[State, Cause] | None:
    """The next step that time or the operator's word makes due now, if any."""
    if space.cancelled and life.state in {State.SCHEDULED, State.LOBBY}:
        return State.CANCELLED, Cause.OPERATOR
    if life.state is State.SCHEDULED:
        opens = space.t0_utc_us - space.doors_before_s * SECOND_US
        if space.start_at_once or now_utc_us >= opens:
            return State.LOBBY, Cause.CLOCK
    if life.state is State.LOBBY:
        if space.start_at_once:
            return State.LIVE, Cause.OPERATOR
        if now_utc_us >= space.t0_utc_us:
            return State.LIVE, Cause.CLOCK
    return None


def commanded(life: Life, action: str, cause: Cause, now_utc_us: int) -> Life:
    """The life after `start`, `end` or `cancel`; PeerError (409, 400) says why not."""
    if action == "start":
        if life.state is State.LIVE:
            sentence = "The space is live already."
            raise PeerError(sentence, status=409)
        opened = life
        if life.state is State.SCHEDULED:
            opened = life.moved(State.LOBBY, cause, now_utc_us)
        return opened.moved(State.LIVE, cause, now_utc_us)
    if action == "end":
        then = State.CANCELLED if life.state in {State.SCHEDULED, State.LOBBY} else State.ENDED
        return life.moved(then, cause, now_utc_us)
    if action == "cancel":
        return life.moved(State.CANCELLED, cause, now_utc_us)
    sentence = f"There is no action {action[:40]!r}; a space knows start, end and cancel."
    raise PeerError(sentence)
