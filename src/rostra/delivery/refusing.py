"""What a connection beyond a budget gets: its head read, words at the door, or nothing."""

from enum import Enum, auto
from typing import Final

from rostra.delivery.answers import Answer, sentence
from rostra.delivery.budgets import Over, Rate
from rostra.delivery.refusals import Code, RefusedError

RETRY_MIN_S: Final = 2
RETRY_MAX_S: Final = 10
"""Refused players come back spread over these seconds, each at its own."""

NARROW_MAX: Final = 64
"""Connections beyond every limit whose head is read all the same, in case it shows a reserved
ticket or asks for health; the oldest makes room for the next."""

NARROW_PER_S: Final = 500
"""Heads read beyond the limits in one second: 100 µs each is a twentieth of a core."""

WORDS_PER_S: Final = 5_000
"""Refusals in words at the door in one second, 25 µs each; what comes beyond is closed unheard."""

RATES_BURST_S: Final = 1
"""These rates protect this process: nothing is saved up."""


class Treatment(Enum):
    """What is done with a connection that is over a budget."""

    READ = auto()
    WORDS = auto()
    CLOSE = auto()


class Refusing:
    """Decides how much a refusal may cost: the more there are, the less each gets."""

    def __init__(self) -> None:
        self._read, self._words = Rate(NARROW_PER_S, RATES_BURST_S), Rate(WORDS_PER_S, RATES_BURST_S)
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


def at_the_door() -> dict[Over, tuple[bytes, ...]]:
    """The refusals of those that are not read, made once: one for each time to come back."""
    seconds = range(RETRY_MIN_S, RETRY_MAX_S + 1)
    return {over: tuple(refusal(over, s).bytes(keep=False) for s in seconds) for over in Over}
