"""What a connection beyond a budget gets: its head read, words at the door, or nothing."""

from enum import Enum, auto
from typing import Final

from rostra.delivery.answers import Answer, sentence
from rostra.delivery.budgets import Over, Rate
from rostra.delivery.refusals import Code, RefusedError
from rostra.delivery.service import Request
from rostra.delivery.streams import Join

RETRY_MIN_S: Final = 2
RETRY_MAX_S: Final = 10
"""Refused players come back spread over these seconds, each at its own."""

NARROW_MAX: Final = 64
"""Connections beyond every limit whose head is read all the same, in case it shows a reserved
ticket or asks for health; the oldest makes room for the next."""

NARROW_HEAD_S: Final = 2
"""Its head comes right behind the connection, a TLS handshake before it; others wait in line."""

NARROW_PER_S: Final = 500
"""Heads read beyond the limits in one second: 100 µs each is a twentieth of a core."""

WORDS_PER_S: Final = 5_000
"""Refusals in words at the door in one second, 25 µs each; what comes beyond is closed unheard."""

RATES_BURST_S: Final = 1
"""These rates protect this process: nothing is saved up."""


HEALTH: Final = b"/healthz"
"""A balancer must not take a full edge for a dead one, and send its listeners elsewhere."""


class Treatment(Enum):
    """What is done with a connection that is over a budget."""

    READ = auto()
    WORDS = auto()
    CLOSE = auto()


class Refusing:
    """Decides how much a refusal may cost: the more there are, the less each gets."""

    def __init__(self) -> None:
        self._read = Rate(NARROW_PER_S, RATES_BURST_S)
        self._words = Rate(WORDS_PER_S, RATES_BURST_S)
        self._read_ns = 0
        self._words_ns = 0

    def treat(self, now_ns: int) -> Treatment:
        """What the next one gets."""
        spent_ns = self._read.taken(self._read_ns, now_ns)
        if spent_ns is not None:
            self._read_ns = spent_ns
            return Treatment.READ
        spent_ns = self._words.taken(self._words_ns, now_ns)
        if spent_ns is not None:
            self._words_ns = spent_ns
            return Treatment.WORDS
        return Treatment.CLOSE


def refusal(over: Over, seconds: int, language: str = "en") -> Answer:
    """503 where the edge as a whole is full, 429 where one source has had its share."""
    code = Code.FULL if over is Over.EDGE else Code.TOO_MANY
    error = RefusedError(code, seconds=seconds)
    headers = {"Retry-After": str(seconds), "Content-Language": language}
    return sentence(error.status, error.said(language), code, headers)


def passes(request: Request, answer: object) -> bool:
    """Whether a request is served although its connection is beyond a budget.

    Health is, and the streams of those with a reserved ticket.
    """
    if isinstance(answer, Join):
        return answer.reserved
    return request.target.partition(b"?")[0] == HEALTH


def at_the_door() -> dict[Over, tuple[bytes, ...]]:
    """The refusals of those that are not read, made once: one for each time to come back."""
    seconds = range(RETRY_MIN_S, RETRY_MAX_S + 1)
    return {over: tuple(refusal(over, s).bytes(keep=False) for s in seconds) for over in Over}
