"""Sums what reports tell of their players: what those in trouble share, and how often.

Numbers are shown with two digits: nobody's report of one component shall be found again among
those of another by an odd figure.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from rostra.watch.board import PLACE_REPORTS_MIN
from rostra.watch.counting import Outcome
from rostra.watch.facts import NUMBERS, Fact, Facts
from rostra.watch.kinds import Kind
from rostra.watch.moments import US_PER_S

SUMMED_MAX: Final = 5_000
"""Reports that one sum reads, the newest: some 0.2 s of a core, which reports that come in
meanwhile need too. A share of thousands changes little with more."""

NEWEST_MAX: Final = 30
"""Reports that are shown one by one: what a person reads through."""

VALUES_MAX: Final = 5
"""Values of a fact that are named; the rest is a number. A program may send any short word."""

WORDS_SHOWN: Final = (
    *("edge", "network", "browser", "device", "codec", "transport"),
    *("state", "page", "muted", "hidden", "playing"),
)
"""Facts that are counted by value, those first that may be the cause of trouble."""

SUSPECTS: Final = WORDS_SHOWN[:6]
"""Facts of which it is said when most share them; the others are what trouble looks like."""

SHARED_OF_THREE_MIN: Final = 2
"""So many of three who tell a fact: what is called shared by most."""

SHARED_TOLD_MIN: Final = 5
"""Reports that must tell a fact: among four, three alike are chance."""

DIGITS: Final = 2
_MINUTE_S: Final = 60


class Detail(msgspec.Struct, frozen=True):
    """A report as it is kept one by one; there is nothing of its reporter in it."""

    kind: Kind
    utc_us: int
    outcome: Outcome
    place: str = ""
    source: str = "page"
    facts: Facts = {}


class Share(msgspec.Struct, frozen=True):
    """How many reports tell this value."""

    value: Fact
    reports: int


class WordSum(msgspec.Struct, frozen=True):
    """A fact that is counted by value, the most frequent first; `others` tell none of these."""

    fact: str
    told: int
    values: tuple[Share, ...]
    others: int = 0


class NumberSum(msgspec.Struct, frozen=True):
    """A fact that is a number: of those told the least, the quartiles and the most."""

    fact: str
    told: int
    least: float
    low: float
    median: float
    high: float
    most: float


class Shared(msgspec.Struct, frozen=True):
    """A value that most of those have who tell this fact."""

    fact: str
    value: Fact
    reports: int
    told: int


class Line(msgspec.Struct, frozen=True):
    """One report as it is shown: by its minute, and with a place only where that has enough."""

    minute_utc_s: int
    kind: Kind
    outcome: Outcome
    source: str
    place: str
    facts: Facts


class Sum(msgspec.Struct, frozen=True):
    """What `reports` reports say; `with_facts` of them say something of their player.

    `places` and `elsewhere` are of those that count, and only places with `PLACE_REPORTS_MIN` of
    them are named, here and in `newest`.
    """

    reports: int
    with_facts: int
    shared: tuple[Shared, ...]
    words: tuple[WordSum, ...]
    numbers: tuple[NumberSum, ...]
    sources: tuple[Share, ...]
    places: tuple[Share, ...]
    elsewhere: int
    newest: tuple[Line, ...]


def summed(details: Sequence[Detail]) -> Sum:
    """The sum of some reports, given the newest first."""
    words = tuple(filter(None, (_words(details, fact) for fact in WORDS_SHOWN)))
    placed = Counter(one.place for one in details if one.place and one.outcome is Outcome.COUNTED)
    places = [one for one in _shares(placed) if one.reports >= PLACE_REPORTS_MIN]
    named = {str(one.value) for one in places}
    return Sum(
        reports=len(details),
        with_facts=sum(bool(one.facts) for one in details),
        shared=tuple(filter(None, map(_shared, words))),
        words=words,
        numbers=tuple(filter(None, (_numbers(details, fact) for fact in NUMBERS))),
        sources=_shares(Counter(one.source for one in details)),
        places=tuple(places),
        elsewhere=placed.total() - sum(one.reports for one in places),
        newest=tuple(_line(one, named) for one in details[:NEWEST_MAX]),
    )


def rounded(value: float) -> float:
    """A number with two digits: 12 345 is 12 000, 8.37 is 8.4."""
    if not value:
        return 0
    near = round(value, DIGITS - 1 - math.floor(math.log10(abs(value))))
    return int(near) if near == int(near) else near


def _told(details: Iterable[Detail], fact: str) -> list[Fact]:
    return [one.facts[fact] for one in details if fact in one.facts]


def _words(details: Sequence[Detail], fact: str) -> WordSum | None:
    told = _told(details, fact)
    if not told:
        return None
    shares = _shares(Counter(told))
    named = shares[:VALUES_MAX]
    return WordSum(fact, len(told), named, len(told) - sum(one.reports for one in named))


def _numbers(details: Sequence[Detail], fact: str) -> NumberSum | None:
    told = sorted(rounded(float(one)) for one in _told(details, fact))
    if not told:
        return None
    least, low, median, high, most = (told[(len(told) - 1) * part // 4] for part in range(5))
    return NumberSum(fact, len(told), least, low, median, high, most)


def _shared(one: WordSum) -> Shared | None:
    first = one.values[0]
    if one.fact not in SUSPECTS or one.told < SHARED_TOLD_MIN:
        return None
    if first.reports * 3 < SHARED_OF_THREE_MIN * one.told:
        return None
    return Shared(one.fact, first.value, first.reports, one.told)


def _shares(many: Counter[Fact] | Counter[str]) -> tuple[Share, ...]:
    ordered = sorted(many.items(), key=lambda one: (-one[1], str(one[0])))
    return tuple(Share(value, reports) for value, reports in ordered)


def _line(one: Detail, named: set[str]) -> Line:
    facts: Facts = {
        name: rounded(value) if name in NUMBERS and isinstance(value, int | float) else value
        for name, value in one.facts.items()
    }
    return Line(
        minute_utc_s=one.utc_us // US_PER_S // _MINUTE_S * _MINUTE_S,
        kind=one.kind,
        outcome=one.outcome,
        source=one.source,
        place=one.place if one.place in named else "",
        facts=facts,
    )
