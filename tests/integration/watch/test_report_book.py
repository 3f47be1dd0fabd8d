"""The book of reports: slots, exposure, places, days, and keys that are gone when they are gone."""

from pathlib import Path

import pytest

from rostra.store import watch_reports
from rostra.store.engine import open_engine, sqlite_url
from rostra.store.watch_opening import WatchStore, open_watch_store
from rostra.store.watch_report_writing import NETWORKS
from rostra.store.watch_reports import (
    DAY_US,
    DETAILS_MAX,
    KEPT_DAYS,
    PLACES_KEPT_DAYS,
    SLOTS_KEPT_DAYS,
)
from rostra.watch.counting import ROWS_MAX, Outcome
from rostra.watch.kinds import SLOT_S, WINDOW_S, Kind, Report, SlotCount
from rostra.watch.reporters import KEY_BYTES, WINDOWS_AHEAD_MAX, reporter, window_of

NOW_S = 1_800_000_000
NOW = NOW_S * 1_000_000
FRESH, NEXT = b"\xa5fresh\x5a" * 5, b"\x5anext-\xa5" * 5


@pytest.fixture
def store(tmp_path: Path) -> WatchStore:
    return open_watch_store(tmp_path)


def report(  # noqa: PLR0913 - what a report has
    who: str, at_s: float = 0, kind: Kind = Kind.NO_SOUND, place: str = "", *,
    proven: bool = True, component: str = "stage",
) -> Report:  # fmt: skip
    utc_us = NOW + int(at_s * 1_000_000)
    return Report(f"{who[:4]}-{at_s}-{kind}", component, kind, utc_us, who, place, proven=proven)


def test_counts_are_by_kind_and_slot_with_what_was_exposed(store: WatchStore) -> None:
    books = store.reports
    assert books.add([report("a"), report("b", 1), report("a", 2)]) == [True, True, False]
    books.add([report("c", SLOT_S, Kind.ECHO), report("d", component="page")])
    for listening in (10, 20):
        books.note_exposure("stage", NOW_S + SLOT_S, listening)
    assert books.counts("stage", NOW_S, NOW_S + 2 * SLOT_S) == {
        Kind.NO_SOUND: [SlotCount(NOW_S, 2), SlotCount(NOW_S + SLOT_S, 0, 15.0)],
        Kind.ECHO: [SlotCount(NOW_S + SLOT_S, 1, 15.0)],
    }
    assert books.counts("stage", NOW_S + SLOT_S, NOW_S + 2 * SLOT_S).keys() == {Kind.ECHO}
    assert books.counts("stage", NOW_S - SLOT_S, NOW_S) == {}


def test_a_batch_reads_no_more_of_its_window_than_it_asks_for(tmp_path: Path) -> None:
    engine = open_engine(sqlite_url(tmp_path / "watch.sqlite3"), "watch")
    open_watch_store(tmp_path).close()
    asked = NETWORKS.params(window=1, hashes=["a", "b"])
    text = str(asked.compile(engine, compile_kwargs={"literal_binds": True}))
    with engine.connect() as sql:
        plan = " ".join(row.detail for row in sql.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}"))
    engine.dispose()
    assert "(window=? AND network=?)" in plan, plan


def test_what_is_unproven_is_counted_apart(store: WatchStore) -> None:
    books = store.reports
    books.add([report("a", proven=False), report("b", SLOT_S, proven=False), report("c")])
    assert books.unproven("stage", NOW_S) == 2
    assert books.unproven("stage", NOW_S + SLOT_S) == 1
    assert books.unproven_slots("stage", NOW_S, NOW_S + SLOT_S) == {NOW_S: 1}
    assert books.counts("stage", 0, 2 * NOW_S) == {Kind.NO_SOUND: [SlotCount(NOW_S, 1)]}


def test_nothing_is_lost_beyond_the_rows(store: WatchStore) -> None:
    many = [report(str(number), proven=False) for number in range(ROWS_MAX + 7)]
    outcomes = store.reports.take(many)
    assert outcomes.count(Outcome.SURPLUS) == 7
    assert store.reports.unproven("stage", 0) == ROWS_MAX + 7
    assert len(store.reports.details("stage", 0, 2 * ROWS_MAX)) == ROWS_MAX
    assert store.reports.take([]) == []


def test_places_are_counted_only_where_reports_count(store: WatchStore) -> None:
    books = store.reports
    books.add([report("a", place="ES"), report("b", place="ES"), report("c", place="PT")])
    books.add([report("d", place="ES", proven=False), report("a", 1, place="ES"), report("e")])
    assert books.places("stage", NOW_S) == {"ES": 2, "PT": 1}
    assert books.places("stage", NOW_S + 3_600) == {}


def test_a_key_lives_as_long_as_its_window_and_a_restart(tmp_path: Path) -> None:
    window = window_of(NOW)
    store = open_watch_store(tmp_path)
    assert store.reports.key(window, FRESH) == (window, FRESH)
    assert store.reports.add([report("a")]) == [True]
    store.close()
    again = open_watch_store(tmp_path)
    assert again.reports.key(window, NEXT) == (window, FRESH)
    assert again.reports.add([report("a", 1)]) == [False]
    assert again.reports.key(window - 1, NEXT) == (window, FRESH)
    again.close()


def test_a_clock_that_was_far_ahead_leaves_no_window_behind(store: WatchStore) -> None:
    window, far = window_of(NOW), window_of(NOW) + WINDOWS_AHEAD_MAX + 1
    assert store.reports.key(far, FRESH) == (far, FRESH)
    assert store.reports.key(far - WINDOWS_AHEAD_MAX, NEXT) == (far, FRESH)
    assert store.reports.key(window, NEXT) == (window, NEXT)


def test_only_so_many_reports_are_kept_with_their_facts(
    store: WatchStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert DETAILS_MAX >= 1_000_000
    monkeypatch.setattr(watch_reports, "DETAILS_MAX", 2)
    store.reports.add([report(str(number), number) for number in range(5)])
    store.reports.forget_old(NOW)
    assert len(store.reports.details("stage", 0, 9)) == 2
    assert sum(store.reports.taken("stage", 0).values()) == 5


def files_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("watch.sqlite3*"))


def test_after_its_window_nothing_links_a_hash_to_an_address(tmp_path: Path) -> None:
    window, address = window_of(NOW), "192.0.2.77"
    store = open_watch_store(tmp_path)
    _, key = store.reports.key(window, FRESH[:KEY_BYTES])
    who = reporter(key, "stage", address)
    store.reports.add([report(who)])
    assert {key in files_of(tmp_path), who.encode() in files_of(tmp_path)} == {True}
    store.reports.key(window + 1, NEXT[:KEY_BYTES])
    left = files_of(tmp_path)
    assert key not in left
    assert who.encode() not in left
    assert address.encode() not in left
    assert store.reports.counts("stage", 0, 2 * NOW_S) == {Kind.NO_SOUND: [SlotCount(NOW_S, 1)]}
    assert who not in str(store.reports.details("stage", 0, 9))
    assert store.reports.add([report(who, WINDOW_S)]) == [True]
    store.close()


def test_what_is_past_its_days_is_forgotten(store: WatchStore) -> None:
    books = store.reports
    books.add([report("a", place="ES")])
    books.note_exposure("stage", NOW_S, 5)
    books.forget_old(NOW + (KEPT_DAYS - 1) * DAY_US)
    assert len(books.details("stage", 0, 9)) == 1
    books.forget_old(NOW + (KEPT_DAYS + 1) * DAY_US)
    assert (books.details("stage", 0, 9), books.places("stage", 0)) == ([], {"ES": 1})
    books.forget_old(NOW + (PLACES_KEPT_DAYS + 1) * DAY_US)
    assert (books.places("stage", 0), bool(books.counts("stage", 0, 2 * NOW_S))) == ({}, True)
    books.forget_old(NOW + (SLOTS_KEPT_DAYS + 1) * DAY_US)
    assert books.counts("stage", 0, 2 * NOW_S) == {}


def test_an_answer_survives_a_loss_of_power(store: WatchStore) -> None:
    with store.engine.connect() as sql:
        assert sql.exec_driver_sql("PRAGMA synchronous").scalar() == 2, "FULL"
        assert sql.exec_driver_sql("PRAGMA secure_delete").scalar() == 1
