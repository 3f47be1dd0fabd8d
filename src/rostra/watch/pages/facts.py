"""Draws what reports of a component say, for operators: counts, what most share, each in a line."""

from typing import Final

import msgspec
from markupsafe import Markup

from rostra.watch.board import PLACE_REPORTS_MIN
from rostra.watch.counting import Outcome
from rostra.watch.fact_asking import ALL, KINDS, OUTCOMES, RANGES, Tally, Told
from rostra.watch.fact_sums import SUMMED_MAX, WORDS_SHOWN, Line, Share, WordSum
from rostra.watch.facts import NUMBERS, Fact, Facts
from rostra.watch.moments import US_PER_S
from rostra.watch.pages import moments
from rostra.watch.pages.countries import country
from rostra.watch.pages.layout import ENVIRONMENT
from rostra.watch.pages.wording import number, wording

_SHOWN: Final = (*WORDS_SHOWN, *NUMBERS)
"""The order of facts in a line."""


class Bar(msgspec.Struct, frozen=True):
    """A value, how many told it, and its part of all that tell the fact."""

    said: str
    reports: str
    percent: int


def facts(told: Told, language: str) -> Markup:
    """The page's body, for the frame of the operators' pages."""
    body = ENVIRONMENT.get_template("facts.html").render(
        told=told,
        view=_View(told, language),
        t=wording(language),
        choices=(("range", tuple(RANGES)), ("kind", KINDS), ("outcome", OUTCOMES)),
        capped=told.sum.reports >= SUMMED_MAX,
        places_min=PLACE_REPORTS_MIN,
    )
    return Markup(body)  # noqa: S704 - made by our own template, which escapes


class _View:
    """What the template asks for, in the reader's language."""

    def __init__(self, told: Told, language: str) -> None:
        self._told = told
        self._language = language
        self._t = wording(language)

    def number(self, value: float) -> str:
        return number(value, self._language, 0 if value == int(value) else 1)

    def full(self, utc_us: int) -> Markup:
        return moments.full(utc_us, self._language)

    @property
    def since(self) -> Markup:
        return self.full(self._told.since_utc_s * US_PER_S)

    def choice(self, name: str, value: str) -> Markup:
        of_kind = name == "kind" and value != ALL
        return self._t(f"kind_{value}" if of_kind else f"told_{name}_{value}")

    @property
    def came(self) -> int:
        """Every report of the range, summed or not."""
        return sum(sum(getattr(one, name) for name in Outcome) for one in self._told.tallies)

    @property
    def columns(self) -> list[str]:
        """What became of any report at all."""
        return [name for name in Outcome if any(getattr(one, name) for one in self._told.tallies)]

    def cells(self, one: Tally) -> list[str]:
        return [self.number(getattr(one, name)) for name in self.columns]

    @property
    def shared(self) -> list[Markup]:
        """`Edge: e2, 9 of 10`, for each fact that most share."""
        return [
            self._t(
                "told_shared_one",
                fact=self._t(f"fact_{one.fact}"),
                value=self.value(one.value),
                n=self.number(one.reports),
                told=self.number(one.told),
            )
            for one in self._told.sum.shared
        ]

    def value(self, fact: Fact) -> str:
        if isinstance(fact, bool):
            return str(self._t("told_yes" if fact else "told_no"))
        return self.number(fact) if isinstance(fact, int | float) else fact

    def bars(self, one: WordSum) -> list[Bar]:
        bars = [self._bar(self.value(share.value), share.reports, one.told) for share in one.values]
        if one.others:
            bars.append(self._bar(str(self._t("told_others")), one.others, one.told))
        return bars

    def sources(self, shares: tuple[Share, ...]) -> list[Bar]:
        whole = self._told.sum.reports
        names = {one.value: str(self._t(f"source_{one.value}")) for one in shares}
        return [self._bar(names[one.value], one.reports, whole) for one in shares]

    def places(self) -> list[Bar]:
        told = self._told.sum
        whole = sum(one.reports for one in told.places) + told.elsewhere
        bars = [
            self._bar(country(str(one.value), self._language), one.reports, whole)
            for one in told.places
        ]
        if told.elsewhere:
            bars.append(self._bar(str(self._t("told_elsewhere")), told.elsewhere, whole))
        return bars

    def head(self, line: Line) -> str:
        words = [self._t(f"source_{line.source}"), self._t(f"outcome_word_{line.outcome}")]
        if line.place:
            words.insert(0, Markup.escape(country(line.place, self._language)))
        return " · ".join(words)

    def minute(self, line: Line) -> Markup:
        return moments.clock(line.minute_utc_s * US_PER_S, self._told.until_utc_us, self._language)

    def said(self, facts: Facts) -> list[tuple[str, str]]:
        return [
            (str(self._t(f"fact_{name}")), self.value(facts[name]))
            for name in _SHOWN
            if name in facts
        ]

    def _bar(self, said: str, reports: int, whole: int) -> Bar:
        return Bar(said, self.number(reports), round(100 * reports / whole))
