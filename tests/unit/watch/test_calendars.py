from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar
import msgspec
from tests.fakes import boards

from rostra.watch.board import Board
from rostra.watch.calendars import REFRESH_S, SEQUENCE_MAX, ics
from rostra.watch.feeds import rss
from rostra.watch.statuspage import document


def events(board: Board) -> dict[str, Any]:
    calendar = icalendar.Calendar.from_ical(ics(board))
    return {str(one["uid"]): one for one in calendar.walk("VEVENT")}


def test_a_calendar_reads_every_work_with_its_times() -> None:
    found = events(boards.maintenance())
    assert set(found) == {f"{one}@watch.example.org" for one in ("mw-next", "mw-now", "mw-past")}
    one = found["mw-next@watch.example.org"]
    assert one.decoded("dtstart") == datetime(2026, 12, 1, 20, 5, tzinfo=UTC)
    assert one.decoded("dtend") == datetime(2026, 12, 1, 21, 5, tzinfo=UTC)
    assert str(one["summary"]) == "New disks; the desk rests"
    assert str(one["description"]) == "Concerns: Hosts' desk\nDesks are read-only, one hour."
    assert str(one["url"]) == f"{boards.URL}/status/incidents/mw-next"


def test_it_says_how_often_to_ask_anew_and_where() -> None:
    calendar = icalendar.Calendar.from_ical(ics(boards.calm()))
    assert calendar.decoded("refresh-interval") == timedelta(seconds=REFRESH_S)
    assert str(calendar["source"]) == f"{boards.URL}/status/maintenance.ics"
    assert str(calendar["method"]) == "PUBLISH"
    assert str(calendar["x-published-ttl"]) == "PT60M"
    assert calendar.walk("VEVENT") == []


def test_work_that_is_moved_keeps_its_identity_and_counts_on() -> None:
    board = boards.maintenance()
    moved = msgspec.structs.replace(
        board.maintenances[0],
        begins_utc_us=board.maintenances[0].begins_utc_us + boards.HOUR,
        updated_utc_us=board.maintenances[0].updated_utc_us + boards.MINUTE,
    )
    later = msgspec.structs.replace(board, maintenances=(moved,))
    before = events(board)["mw-next@watch.example.org"]
    after = events(later)["mw-next@watch.example.org"]
    assert after["sequence"] > before["sequence"]
    assert after.decoded("last-modified") > before.decoded("last-modified")


def test_a_counter_stays_within_what_a_calendar_may_hold() -> None:
    work = boards.maintenances()[0]
    for lived_us, counted in ((boards.DAY * 365 * 100, SEQUENCE_MAX), (-boards.DAY, 0)):
        old = msgspec.structs.replace(work, updated_utc_us=work.created_utc_us + lived_us)
        board = msgspec.structs.replace(boards.maintenance(), maintenances=(old,))
        assert events(board)["mw-next@watch.example.org"]["sequence"] == counted


def test_work_without_length_is_a_moment_and_no_host_is_no_fault() -> None:
    work = boards.maintenances()[0]
    short = msgspec.structs.replace(work, ends_utc_us=work.begins_utc_us)
    board = msgspec.structs.replace(boards.maintenance(), maintenances=(short,), public_url="")
    assert "dtend" not in events(board)["mw-next@localhost"]
    other = msgspec.structs.replace(board, public_url="http://10.0.0.7:8080/watch")
    assert set(events(other)) == {"mw-next@10.0.0.7"}


def test_lines_are_folded_and_end_as_calendars_want() -> None:
    work = msgspec.structs.replace(boards.maintenances()[0], name="ä" * 200)
    body = ics(msgspec.structs.replace(boards.maintenance(), maintenances=(work,)))
    assert all(len(line) <= 75 for line in body.split(b"\r\n"))
    assert body.count(b"\n") == body.count(b"\r\n")


def test_work_that_was_called_off_stays_and_says_so() -> None:
    off = msgspec.structs.replace(boards.maintenances()[0], status="completed", cancelled=True)
    board = msgspec.structs.replace(boards.maintenance(), maintenances=(off,))
    assert str(events(board)["mw-next@watch.example.org"]["status"]) == "CANCELLED"
    assert "Called off: 2026-12-01 20:05 UTC" in rss(board).decode()
    told = document(board, "incidents/mw-next")["incident"]
    assert (told["status"], told["rostra"]) == ("completed", {"cancelled": True})
