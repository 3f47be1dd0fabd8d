"""A space's life in the studio: what the clock makes due, and what people ask for."""

from dataclasses import dataclass, replace

from rostra.app.beginning import SECOND_US, Beginning
from rostra.domain.errors import PeerError
from rostra.domain.space import DOORS_OPEN, OVER, Cause, State, reason_of
from rostra.wire.states import SpaceDef


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
        reason = reason_of(self.state, then, cause)
        return replace(self, state=then, since_utc_us=now_utc_us, reason=reason.value)


def due(
    life: Life, space: SpaceDef, begins: Beginning, now_utc_us: int
) -> tuple[State, Cause] | None:
    """The next step that time or the operator's word makes due now, if any."""
    if space.cancelled and life.state in {State.SCHEDULED, State.LOBBY}:
        return State.CANCELLED, Cause.OPERATOR
    if life.state is State.SCHEDULED:
        opens = begins.t0_us - space.doors_before_s * SECOND_US
        if space.start_at_once or now_utc_us >= opens:
            return State.LOBBY, Cause.CLOCK
    if life.state is State.LOBBY:
        if space.start_at_once:
            return State.LIVE, Cause.OPERATOR
        if begins.kept and now_utc_us >= begins.t0_us:
            return State.LIVE, Cause.CLOCK
    return None


def commanded(life: Life, action: str, cause: Cause, now_utc_us: int) -> Life:
    """The life after `start`, `break`, `end` or `cancel`; PeerError (409, 400) says why not."""
    match action:
        case "start":
            return _started(life, cause, now_utc_us)
        case "break":
            return _interrupted(life, cause, now_utc_us)
        case "end":
            early = life.state in {State.SCHEDULED, State.LOBBY}
            return life.moved(State.CANCELLED if early else State.ENDED, cause, now_utc_us)
        case "cancel":
            return life.moved(State.CANCELLED, cause, now_utc_us)
    sentence = f"There is no action {action[:40]!r}; a space knows start, break, end and cancel."
    raise PeerError(sentence)


def _started(life: Life, cause: Cause, now_utc_us: int) -> Life:
    """Live from here on: from before the doors, from the lobby, or after a break."""
    if life.state is State.LIVE:
        sentence = "The space is live already."
        raise PeerError(sentence, status=409)
    if life.state is State.SCHEDULED:
        life = life.moved(State.LOBBY, cause, now_utc_us)
    return life.moved(State.LIVE, cause, now_utc_us)


def _interrupted(life: Life, cause: Cause, now_utc_us: int) -> Life:
    if life.state in {State.SCHEDULED, State.LOBBY}:
        sentence = "The space is not live yet, so there is nothing to interrupt."
        raise PeerError(sentence, status=409)
    if life.state is State.INTERRUPTED:
        sentence = "The space is interrupted already. Start it to go on."
        raise PeerError(sentence, status=409)
    return life.moved(State.INTERRUPTED, cause, now_utc_us)


def postponed(life: Life, begins: Beginning, minutes: int, now_utc_us: int) -> Beginning:
    """T0 as a host moves it on; PeerError (409) once the space has begun."""
    if life.state not in {State.SCHEDULED, State.LOBBY}:
        sentence = "The space has begun, so its start cannot be moved any more."
        raise PeerError(sentence, status=409)
    return begins.later(minutes, now_utc_us)
