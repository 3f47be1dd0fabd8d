"""Whatever reports say, their sum tells no more than they do, and names no place of a few."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.domain.errors import PeerError
from rostra.watch.board import PLACE_REPORTS_MIN
from rostra.watch.counting import Outcome
from rostra.watch.fact_asking import KINDS, OUTCOMES, RANGES, SAID_CHARS_MAX, Asked
from rostra.watch.fact_sums import (
    NEWEST_MAX,
    SHARED_TOLD_MIN,
    VALUES_MAX,
    WORDS_SHOWN,
    Detail,
    rounded,
    summed,
)
from rostra.watch.facts import NUMBERS
from rostra.watch.kinds import Kind

VALUES = {
    **{name: st.sampled_from("abcdefgh") for name in WORDS_SHOWN[:8]},
    **{name: st.booleans() for name in WORDS_SHOWN[8:]},
    **{
        name: st.integers(0, int(most)) | st.floats(0, most).map(lambda value: round(value, 1))
        for name, most in NUMBERS.items()
    },
}
DETAILS = st.lists(
    st.builds(
        Detail,
        kind=st.sampled_from(Kind),
        utc_us=st.integers(0, 2**50),
        outcome=st.sampled_from(Outcome),
        place=st.sampled_from(["", "ES", "PT", "AD"]),
        source=st.sampled_from(["page", "listener", "api"]),
        facts=st.fixed_dictionaries({}, optional=VALUES),
    ),
    max_size=60,
)


@given(DETAILS)
def test_a_sum_adds_up(details: list[Detail]) -> None:
    found = summed(details)
    assert found.reports == len(details)
    assert sum(one.reports for one in found.sources) == len(details)
    for words in found.words:
        told = [one.facts[words.fact] for one in details if words.fact in one.facts]
        assert words.told == len(told) > 0
        assert sum(one.reports for one in words.values) + words.others == len(told)
        assert len(words.values) <= VALUES_MAX
        assert all(one.reports == told.count(one.value) for one in words.values)
        assert words.values[0].reports == max(Counter(told).values())
    for shared in found.shared:
        assert shared.told >= SHARED_TOLD_MIN
        assert shared.reports * 3 >= shared.told * 2
    said = {one.fact for one in found.words} | {one.fact for one in found.numbers}
    assert said == {name for one in details for name in one.facts}


@given(DETAILS)
def test_numbers_stand_in_their_order_and_have_two_digits(details: list[Detail]) -> None:
    for one in summed(details).numbers:
        shown = (one.least, one.low, one.median, one.high, one.most)
        assert list(shown) == sorted(shown)
        assert all(value == rounded(value) for value in shown)
        told = [float(each.facts[one.fact]) for each in details if one.fact in each.facts]
        assert (one.least, one.most) == (rounded(min(told)), rounded(max(told)))


@given(st.floats(0, 1e9))
def test_two_digits_are_near(value: float) -> None:
    near = rounded(value)
    assert abs(near - value) <= value * 0.05 + 1e-9
    assert len(f"{near:.1e}".split("e")[0]) == 3
    assert float(f"{near:.1e}") == near


@given(DETAILS)
def test_no_place_of_a_few_and_no_moment_is_shown(details: list[Detail]) -> None:
    found = summed(details)
    counted = Counter(one.place for one in details if one.place and one.outcome is Outcome.COUNTED)
    named = {place for place, many in counted.items() if many >= PLACE_REPORTS_MIN}
    assert {one.value: one.reports for one in found.places} == {
        place: counted[place] for place in named
    }
    assert sum(one.reports for one in found.places) + found.elsewhere == counted.total()
    assert len(found.newest) == min(len(details), NEWEST_MAX)
    for line, detail in zip(found.newest, details, strict=False):
        assert line.place == (detail.place if detail.place in named else "")
        assert line.minute_utc_s % 60 == 0
        assert 0 <= detail.utc_us / 1_000_000 - line.minute_utc_s < 60
        assert line.facts.keys() == detail.facts.keys()
        for name in NUMBERS.keys() & line.facts.keys():
            assert line.facts[name] == rounded(float(detail.facts[name]))


WORDS = st.text(max_size=60) | st.sampled_from([*RANGES, *KINDS, *OUTCOMES])


@given(st.dictionaries(st.sampled_from(["range", "kind", "outcome", "x"]), WORDS))
def test_any_address_is_understood_or_answered(fields: dict[str, str]) -> None:
    known = {"range": RANGES, "kind": KINDS, "outcome": OUTCOMES}
    wrong = [name for name in known if fields.get(name) and fields[name] not in known[name]]
    if wrong:
        with pytest.raises(PeerError, match=f"There is no {wrong[0]} ") as refused:
            Asked.read(fields)
        assert refused.value.status == 422
        assert len(refused.value.sentence) < 200 + 12 * SAID_CHARS_MAX
        return
    asked = Asked.read(fields)
    assert asked.kinds
    assert asked.outcomes
    assert 0 <= asked.since_utc_s(2**51) <= 2**51 // 1_000_000 - 3_600
    given_again = {name: getattr(asked, name) for name in known}
    assert Asked.read(given_again) == asked
