"""What an operator reads of reports: what most share, which places are named, in every word."""

import pytest

from rostra.domain.errors import PeerError
from rostra.watch import facts as known
from rostra.watch.board import PLACE_REPORTS_MIN
from rostra.watch.counting import Outcome
from rostra.watch.fact_asking import KINDS, OUTCOMES, SAID_CHARS_MAX, Asked, Tally, Told
from rostra.watch.fact_sums import (
    NEWEST_MAX,
    SHARED_TOLD_MIN,
    SUMMED_MAX,
    SUSPECTS,
    VALUES_MAX,
    WORDS_SHOWN,
    Detail,
    Line,
    Share,
    Shared,
    rounded,
    summed,
)
from rostra.watch.facts import NUMBERS, Facts
from rostra.watch.intake import SOURCES
from rostra.watch.kinds import Kind
from rostra.watch.pages.facts import facts

NOW_US = 1_800_014_400_000_000
MINUTE_S = NOW_US // 1_000_000


def detail(said: Facts | None = None, **words: object) -> Detail:
    more = {"kind": Kind.ECHO, "utc_us": NOW_US + 59_999_999, "outcome": Outcome.COUNTED} | words
    return Detail(facts=said or {}, **more)  # type: ignore[arg-type]


def told(*details: Detail, tallies: tuple[Tally, ...] = (), asked: Asked | None = None) -> Told:
    asked = asked or Asked()
    return Told("web", "<b>Web</b>", asked, MINUTE_S, NOW_US, tallies, summed(details))


def test_every_fact_that_is_kept_is_summed() -> None:
    words = known.WORDS | known.CHOICES.keys() | known.SWITCHES
    assert words == set(WORDS_SHOWN)
    assert len(WORDS_SHOWN) == len(words)
    assert set(SUSPECTS) == {"edge", "network", "browser", "device", "codec", "transport"}


def test_what_most_share_is_said_from_five_on() -> None:
    most = [detail({"edge": "e2", "state": "waiting"}) for _ in range(SHARED_TOLD_MIN - 1)]
    assert summed(most).shared == ()
    assert summed([*most, detail({"edge": "e1"})]).shared == (Shared("edge", "e2", 4, 5),)
    assert summed([*most, *(detail({"edge": one}) for one in "ab")]).shared == (
        Shared("edge", "e2", 4, 6),
    )
    assert summed([*most, *(detail({"edge": one}) for one in "abc")]).shared == ()


def test_a_place_is_named_from_ten_that_count_on() -> None:
    nine = [detail(place="AD") for _ in range(PLACE_REPORTS_MIN - 1)]
    others = [detail(place="AD", outcome=one) for one in (Outcome.REPEAT, Outcome.UNPROVEN)]
    few = summed([*nine, *others])
    assert (few.places, few.elsewhere, {one.place for one in few.newest}) == ((), 9, {""})
    assert "Andorra" not in facts(told(*nine, *others), "en")
    ten = summed([*nine, detail(place="AD"), *others, detail(place="ES")])
    assert (ten.places, ten.elsewhere) == ((Share("AD", 10),), 1)
    assert [one.place for one in ten.newest] == ["AD"] * 12 + [""]


def test_many_values_and_many_reports_have_an_end() -> None:
    many = [detail({"codec": f"c{number:02}"}) for number in range(NEWEST_MAX + 1)]
    found = summed(many)
    (codec,) = found.words
    assert (len(codec.values), codec.others) == (VALUES_MAX, len(many) - VALUES_MAX)
    assert len(found.newest) == NEWEST_MAX
    assert "others" in facts(told(*many), "en")


def test_a_line_has_the_minute_and_numbers_of_two_digits() -> None:
    (line,) = summed([detail({"latency_ms": 613.4, "muted": True})]).newest
    assert line == Line(
        MINUTE_S, Kind.ECHO, Outcome.COUNTED, "page", "", {"latency_ms": 610, "muted": True}
    )
    assert [rounded(value) for value in (0, 0.1, 8.37, 99.6, 12_345)] == [0, 0.1, 8.4, 100, 12_000]


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_word_is_there_in_both_languages(language: str) -> None:
    said: Facts = {
        **dict.fromkeys(WORDS_SHOWN[:8], "hls"),
        **dict.fromkeys(WORDS_SHOWN[8:], True),
        **dict.fromkeys(NUMBERS, 10.5),
    }
    every = [
        detail(said, kind=kind, outcome=outcome, source=source, place="ES")
        for kind in Kind
        for outcome in Outcome
        for source in SOURCES
    ]
    tallies = tuple(Tally(kind, 1, 2, 3, 1_000) for kind in Kind)
    for kind in KINDS:
        for outcome in OUTCOMES:
            chosen = Asked("14d", kind, outcome)
            page = facts(told(*every, detail(), tallies=tallies, asked=chosen), language)
            for value in ("14d", kind, outcome):
                assert f'<option value="{value}" selected>' in page
            assert page.count(" selected>") == 3
    assert ("7,042" if language == "en" else "7.042") in page
    empty = facts(told(), language)
    assert "<table>" not in empty
    assert "<h2>" not in empty


def test_a_sum_that_is_full_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "there may be more" not in facts(told(detail()), "en")
    monkeypatch.setattr("rostra.watch.pages.facts.SUMMED_MAX", 2)
    assert "there may be more" in facts(told(detail(), detail()), "en")
    assert SUMMED_MAX > 2


def test_a_long_word_is_repeated_in_part() -> None:
    with pytest.raises(PeerError, match=f"no kind 'x{{{SAID_CHARS_MAX}}}'; there are all, "):
        Asked.read({"kind": "x" * (SAID_CHARS_MAX + 1)})
