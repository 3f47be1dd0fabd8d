"""Results of probes in the store: counted once, summed for charts, forgotten in time."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rostra.store import watch_probes
from rostra.store.watch_opening import open_watch_store
from rostra.store.watch_probes import DAY_S, DETAIL_DAYS, SLOT_DAYS, SLOT_S, SqlProbes
from rostra.watch.panel import AGREE
from rostra.watch.probing import Result, Step

S = 1_000_000
BEGIN = 1_800_000_000 // DAY_S * DAY_S


@pytest.fixture
def book(tmp_path: Path) -> Iterator[SqlProbes]:
    store = open_watch_store(tmp_path)
    yield store.probes
    store.close()


def result(at_s: int, *, ok: bool = True, place: str = "here", own: bool = False) -> Result:
    steps = (Step("resolve", 1.5), Step("connect", 2.0, ok, "" if ok else "Refused."))
    return Result("house", place, (BEGIN + at_s) * S, ok, steps, own, listening=7)


def test_results_come_back_as_they_were_and_are_counted_once(book: SqlProbes) -> None:
    told = [result(10), result(20, ok=False), result(20, place="there"), result(30, own=True)]
    assert book.add(told) == 4
    assert book.add([*told, result(40)]) == 1
    assert book.recent("house", BEGIN * S) == [*told, result(40)]
    assert book.recent("house", (BEGIN + 30) * S) == [result(30, own=True), result(40)]
    assert book.recent("other", 0) == []
    assert book.slots("house", BEGIN, SLOT_S) == [(BEGIN, 4, 1)]


def test_slots_are_quarters_and_days_are_sums_of_them(book: SqlProbes) -> None:
    book.add([result(0), result(SLOT_S, ok=False), result(SLOT_S + 1), result(DAY_S)])
    assert book.slots("house", BEGIN + 1, SLOT_S) == [
        (BEGIN, 1, 0),
        (BEGIN + SLOT_S, 2, 1),
        (BEGIN + DAY_S, 1, 0),
    ]
    assert book.slots("house", BEGIN, DAY_S) == [(BEGIN, 3, 1), (BEGIN + DAY_S, 1, 0)]
    assert book.slots("house", BEGIN + DAY_S, DAY_S) == [(BEGIN + DAY_S, 1, 0)]


def test_details_are_forgotten_after_days_and_counts_later(book: SqlProbes) -> None:
    book.add([result(0, ok=False), result(10)])
    assert book.forget((BEGIN + DETAIL_DAYS * DAY_S + 5) * S) == 1
    assert book.recent("house", 0) == [result(10)]
    assert book.slots("house", BEGIN, SLOT_S) == [(BEGIN, 2, 1)]
    book.forget((BEGIN + SLOT_DAYS * DAY_S) * S)
    assert book.slots("house", BEGIN, SLOT_S) == [(BEGIN, 2, 1)]
    book.forget((BEGIN + SLOT_DAYS * DAY_S + 1) * S)
    assert book.slots("house", BEGIN, SLOT_S) == []


def test_no_more_results_are_kept_or_read_than_allowed(
    book: SqlProbes, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert watch_probes.RESULTS_MAX > watch_probes.RECENT_MAX
    book.add(result(at) for at in range(10))
    monkeypatch.setattr(watch_probes, "RECENT_MAX", 4)
    assert [one.utc_us // S - BEGIN for one in book.recent("house", 0)] == [6, 7, 8, 9]
    monkeypatch.setattr(watch_probes, "RESULTS_MAX", 3)
    assert book.forget((BEGIN + 10) * S) == 7
    assert len(book.recent("house", 0)) == 3


def test_the_turn_to_failing_is_found_for_each_place(book: SqlProbes) -> None:
    def line(place: str, letters: str) -> list[Result]:
        return [
            result(20 * at, ok=letter == "+", place=place, own=letter == "o")
            for at, letter in enumerate(letters)
            if letter != " "
        ]

    places = {"a": "--++-+-o--", "b": "++-+-+", "c": "---", "d": "++-    --", "e": "+-  --++"}
    for place, letters in places.items():
        book.add(line(place, letters))
    turns = book.turns("house", 60 * S, (BEGIN + 1_000) * S)
    assert AGREE == 2  # the query looks for so many in a row
    at = [(one.place, one.utc_us // S - BEGIN) for one in turns]
    assert sorted(at) == [("a", 120), ("a", 160), ("c", 0), ("c", 20), ("d", 140), ("d", 160)]
    assert [when for _, when in at] == sorted(when for _, when in at)
    late = book.turns("house", 60 * S, (BEGIN + DETAIL_DAYS * DAY_S + 20) * S)
    assert [one.utc_us // S - BEGIN for one in late if one.place == "c"] == [20, 40]
    assert book.turns("house", 60 * S, BEGIN * S) == []
    assert book.recent("house", 0, BEGIN * S - 1) == []
