"""What is sent to whom and when: which events are told, in which order, and how often tried.

A row of the outbox is one event for one subscriber. A letter tells all rows of one incident that
wait for one subscriber. Rows go `waiting → sending → sent`, or back to `waiting`, or `given_up`;
settled ones never move again.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final

import msgspec

from rostra.watch.board import Board, ProbesView
from rostra.watch.events import Event, What
from rostra.watch.moments import US_PER_S
from rostra.watch.subscribers import FAILED_LETTERS_MAX

GATHER_S: Final = 10.0
"""Events of one incident within this make one letter: a person posts, and corrects a word."""
TRIES_MAX: Final = 12
"""With these waits a letter is tried for some two hours on average, at most about four."""
DELAY_FIRST_S: Final = 10.0
DELAY_S_MAX: Final = 1_800.0
"""The longest wait between two tries: who comes back hears within half an hour."""
WAIT_ASKED_S_MAX: Final = 3_600.0
"""The longest `Retry-After` that is obeyed."""
EVENTS_IN_LETTER_MAX: Final = 20
"""More of one incident wait for the next letter; nobody reads that many at once."""


class Ruling(StrEnum):
    """What becomes of an event."""

    TELL = "tell"
    HOLD = "hold"
    """It stands on the page and in the feeds; nobody is called for it."""


def ruling(event: Event, *, told: bool) -> Ruling:
    """The rule of the second witness: an alarm alone wakes nobody.

    An automatic draft is told once a person confirmed it (its events are then not `automatic`) or
    probes of two places agree (`agreed`). What subscribers have heard of (`told`) is told to its
    end, and what they have not is not taken back before them.
    """
    if told:
        return Ruling.TELL
    if event.automatic and not event.agreed:
        return Ruling.HOLD
    return Ruling.HOLD if event.what in _ENDS else Ruling.TELL


def witnessed(event: Event, board: Board) -> bool:
    """Whether the board says that probes of two places agree on what the event is about."""
    about = [one.probes for one in board.incidents if one.id == event.subject]
    about += [one.probes for one in board.components if one.id in event.components]
    return any(map(_agree, about))


def _agree(probes: ProbesView) -> bool:
    return probes.state == "failing" and not probes.one_place


_ENDS: Final = frozenset({What.RESOLVED, What.DISMISSED, What.POSTMORTEM})


class State(StrEnum):
    """Where a row is."""

    WAITING = "waiting"
    SENDING = "sending"
    """Claimed: if the process dies now, nobody knows whether it was sent."""
    SENT = "sent"
    GIVEN_UP = "given_up"


STATES: Final[dict[State, frozenset[State]]] = {
    State.WAITING: frozenset({State.SENDING, State.GIVEN_UP}),
    State.SENDING: frozenset({State.WAITING, State.SENT, State.GIVEN_UP}),
    State.SENT: frozenset(),
    State.GIVEN_UP: frozenset(),
}
"""What may follow each; a row is given up while it waits when its subscriber leaves."""


class Kind(StrEnum):
    """What a letter is for."""

    CONFIRM = "confirm"
    """Is this you? With the word that confirms."""
    ALREADY = "already"
    """Somebody asked for what you have; here is how to change it."""
    NEWS = "news"


class Row(msgspec.Struct, frozen=True):
    """One row as far as order and time go; ids grow in the order of enqueueing."""

    id: int
    subscriber: str
    kind: Kind
    subject: str
    """The incident's or maintenance's id; empty where `kind` is not news."""
    state: State
    due_utc_us: int
    tries: int = 0


class Batch(msgspec.Struct, frozen=True):
    """Rows that make one letter. Its first row names it for receivers who saw it already."""

    rows: tuple[Row, ...]

    @property
    def subscriber(self) -> str:
        """Whom it goes to."""
        return self.rows[0].subscriber

    @property
    def tries(self) -> int:
        """How often its oldest row was tried."""
        return self.rows[0].tries


def due(rows: Iterable[Row], now_utc_us: int, letters_max: int) -> list[Batch]:
    """The letters that may be sent now, the longest due first.

    Each subscriber has one letter under way at most, and is written to in order: while the oldest
    row waits for its next try, no later one overtakes it. Later rows of the same incident join.
    """
    unsettled: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda one: one.id):
        if row.state in (State.WAITING, State.SENDING):
            unsettled.setdefault(row.subscriber, []).append(row)
    ready = [
        mine
        for mine in unsettled.values()
        if mine[0].due_utc_us <= now_utc_us and all(one.state is State.WAITING for one in mine)
    ]
    ready.sort(key=lambda mine: (mine[0].due_utc_us, mine[0].id))
    return [_batch(mine) for mine in ready[:letters_max]]


def _batch(mine: Sequence[Row]) -> Batch:
    head = mine[0]
    if head.kind is not Kind.NEWS:
        return Batch((head,))
    together = (one for one in mine if one.kind is Kind.NEWS and one.subject == head.subject)
    return Batch(tuple(together)[:EVENTS_IN_LETTER_MAX])


class Verdict(StrEnum):
    """What a channel says after a try."""

    SENT = "sent"
    LATER = "later"
    """May go well another time."""
    REFUSED = "refused"
    """This letter will never be taken; the next one may."""
    GONE = "gone"
    """Nobody is there any more: 410, an unknown mailbox, an expired push subscription."""


class Outcome(msgspec.Struct, frozen=True):
    """What came of one try; `why` is a short sentence without any address."""

    verdict: Verdict
    why: str = ""
    after_s: float = 0.0
    """The wait that the other side asked for (`Retry-After`)."""
    confirmed: bool = False
    """A program answered with the word that it was sent: it wants to be told."""


class Settlement(msgspec.Struct, frozen=True):
    """What follows from an outcome, for the rows and for their subscriber."""

    state: State
    due_utc_us: int
    tries: int
    failed_letters: int
    ends: bool
    """The subscriber is ended, with everything that waits for it."""


def settle(
    batch: Batch, outcome: Outcome, failed_letters: int, now_utc_us: int, chance: float
) -> Settlement:
    """What follows a try. `chance` is from 0 to 1, drawn by whoever calls.

    `failed_letters` is how many in a row failed the subscriber before.
    """
    tries = batch.tries + 1
    if outcome.verdict is Verdict.SENT:
        return Settlement(State.SENT, now_utc_us, tries, 0, ends=False)
    if outcome.verdict is Verdict.LATER and tries < TRIES_MAX:
        wait_s = max(delay_s(tries, chance), min(outcome.after_s, WAIT_ASKED_S_MAX))
        again = now_utc_us + int(wait_s * US_PER_S)
        return Settlement(State.WAITING, again, tries, failed_letters, ends=False)
    failed = failed_letters + 1
    ends = outcome.verdict is Verdict.GONE or failed >= FAILED_LETTERS_MAX
    return Settlement(State.GIVEN_UP, now_utc_us, tries, failed, ends)


def delay_s(tries: int, chance: float) -> float:
    """How long to wait after `tries` (1 or more) failures: exponential, with full jitter.

    Full jitter (M. Brooker, "Exponential Backoff And Jitter", 2015) draws from the whole of the
    window, so that those who failed together do not come back together.
    """
    window_s = min(DELAY_FIRST_S * 2.0 ** min(tries - 1, 16), DELAY_S_MAX)
    return window_s * chance
