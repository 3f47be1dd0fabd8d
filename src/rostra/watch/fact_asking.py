"""What an operator asks of reports, read from an address, and what they are answered."""

from collections.abc import Mapping
from typing import Final, Self

import msgspec

from rostra.domain.errors import PeerError
from rostra.watch.counting import Outcome, slot_of
from rostra.watch.fact_sums import Sum
from rostra.watch.kinds import Kind
from rostra.watch.moments import US_PER_S

RANGES: Final[Mapping[str, int]] = {"1h": 3_600, "24h": 86_400, "14d": 14 * 86_400}
"""Seconds by name; the longest is as long as reports are kept one by one."""

ALL: Final = "all"
KINDS: Final = (ALL, *Kind)
OUTCOMES: Final = (Outcome.COUNTED, Outcome.UNPROVEN, Outcome.REPEAT, ALL)
"""What becomes of reports that are kept one by one; what counts is one a person and half hour."""

SAID_CHARS_MAX: Final = 40
"""Of a word that is none of ours, as a sentence repeats it."""


class Asked(msgspec.Struct, frozen=True):
    """Which reports of a component are summed: of a range, a kind, and what became of them."""

    range: str = "24h"
    kind: str = ALL
    outcome: str = Outcome.COUNTED

    def since_utc_s(self, now_utc_us: int) -> int:
        """The first second: that of a slot, so that all sums are of the same time."""
        return slot_of(now_utc_us - RANGES[self.range] * US_PER_S)

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds that are meant."""
        return tuple(Kind) if self.kind == ALL else (Kind(self.kind),)

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """The outcomes that are meant."""
        return tuple(Outcome) if self.outcome == ALL else (Outcome(self.outcome),)

    @classmethod
    def read(cls, fields: Mapping[str, str]) -> Self:
        """From an address's fields, each of which may be missing or empty; PeerError (422)."""
        given = {name: fields.get(name, "") for name in cls.__struct_fields__}
        asked = cls(**{name: value for name, value in given.items() if value})
        if asked.range not in RANGES:
            sentence = f"There is no range {_cut(asked.range)}; there are {', '.join(RANGES)}."
            raise PeerError(sentence, status=422)
        if asked.kind not in KINDS:
            sentence = f"There is no kind {_cut(asked.kind)}; there are {', '.join(KINDS)}."
            raise PeerError(sentence, status=422)
        if asked.outcome not in OUTCOMES:
            there_are = ", ".join(OUTCOMES)
            sentence = f"There is no outcome {_cut(asked.outcome)}; there are {there_are}."
            raise PeerError(sentence, status=422)
        return asked


class Tally(msgspec.Struct, frozen=True):
    """Every report of a kind in the range by what became of it, kept one by one or not."""

    kind: Kind
    counted: int = 0
    unproven: int = 0
    repeat: int = 0
    surplus: int = 0


class Told(msgspec.Struct, frozen=True):
    """What reports of a component say: all of them counted by kind, and those asked for summed."""

    component: str
    name: str
    asked: Asked
    since_utc_s: int
    until_utc_us: int
    tallies: tuple[Tally, ...]
    sum: Sum


def _cut(word: str) -> str:
    return repr(word[:SAID_CHARS_MAX])
