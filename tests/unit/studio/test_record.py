"""The record never waits for the disk, keeps its order, and says nothing while in dispute."""

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.fakes.backbone import FakeBackbone
from tests.until import until

from rostra.app import studio_record
from rostra.app.studio_record import LINES_MAX, Record
from rostra.domain.errors import HouseError
from rostra.domain.ports import Moment
from rostra.wire.messages import HouseEvent, event_subject, from_json

WAIT_S = 5.0


class Ticking:
    """A clock that moves on by a millisecond a look."""

    def __init__(self) -> None:
        self._looks = 0

    def now(self) -> Moment:
        self._looks += 1
        return Moment(self._looks * 1_000_000, self._looks * 1_000)


class SlowDisk:
    """Pages on a disk that stands still until `goes`, or refuses."""

    def __init__(self) -> None:
        self.goes = threading.Event()
        self.goes.set()
        self.refuses = False
        self.kinds: list[str] = []
        self.threads: set[int] = set()
        self.at_work = 0
        self.most_at_work = 0
        self.syncs = 0
        self.closed = False

    def append(self, now: Moment, kind: str, body: dict[str, Any]) -> None:
        assert now.mono_ns > 0
        assert body is not None
        self._wait()
        if self.refuses:
            sentence = "The disk is full."
            raise HouseError(sentence)
        self.kinds.append(kind)

    def due(self, now: Moment) -> bool:
        return now.mono_ns > 0 and not self.closed

    def sync(self, now: Moment) -> None:
        assert now.mono_ns > 0
        self._wait()
        self.syncs += 1

    def close(self) -> None:
        self._wait()
        self.closed = True

    def _wait(self) -> None:
        self.threads.add(threading.get_ident())
        self.at_work += 1
        self.most_at_work = max(self.most_at_work, self.at_work)
        self.goes.wait(WAIT_S)
        self.at_work -= 1


class Book:
    def __init__(self) -> None:
        self.disk = SlowDisk()
        self.backbone = FakeBackbone()
        self.disputed = False
        self.record = Record(
            "tea", lambda: self.disk, self.backbone, Ticking(), lambda: self.disputed
        )

    def told(self) -> list[str]:
        events = self.backbone.published[event_subject("tea")]
        return [from_json(HouseEvent, event).kind for event in events]

    async def until_kinds(self, count: int) -> list[str]:
        await until(lambda: len(self.disk.kinds) >= count)
        return self.disk.kinds


@pytest.fixture
async def book() -> AsyncIterator[Book]:
    made = Book()
    yield made
    made.disk.goes.set()
    await made.record.close()


async def test_a_disk_that_stands_still_holds_up_nobody_and_loses_no_order(book: Book) -> None:
    book.disk.goes.clear()
    for number in range(50):
        book.record.write(f"k{number}", {})
        book.record.sync()
    await asyncio.sleep(0)  # reached while the disk still stands
    await asyncio.sleep(0)
    assert book.disk.kinds == []
    assert book.told() == [f"k{number}" for number in range(50)]
    book.disk.goes.set()
    assert await book.until_kinds(50) == [f"k{number}" for number in range(50)]
    await book.record.close()
    assert book.disk.closed
    assert book.disk.most_at_work == 1
    assert threading.get_ident() not in book.disk.threads


async def test_lines_go_to_the_disk_for_good_without_another_line(book: Book) -> None:
    book.record.write("doors", {})
    await book.until_kinds(1)
    async with asyncio.timeout(WAIT_S):
        while book.disk.syncs < 3:
            book.record.sync()
            await asyncio.sleep(0.001)
    assert book.disk.kinds == ["doors"]


async def test_what_the_disk_refuses_is_counted_and_the_next_line_goes_on(book: Book) -> None:
    book.disk.refuses = True
    book.record.write("lost", {})
    await until(lambda: book.record.lost_lines)
    book.disk.refuses = False
    book.record.write("kept", {})
    assert await book.until_kinds(1) == ["kept"]
    assert book.record.lost_lines == 1


async def test_more_lines_than_may_wait_are_lost_and_counted(book: Book) -> None:
    book.disk.goes.clear()
    for number in range(LINES_MAX + 7):
        book.record.write(f"k{number}", {})
    assert book.record.lost_lines == 7
    book.disk.goes.set()
    assert (await book.until_kinds(LINES_MAX))[-1] == f"k{LINES_MAX - 1}"


async def test_a_disk_that_hangs_does_not_hold_up_the_goodbye(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio_record, "CLOSE_S_MAX", 0.1)
    book.record.write("doors", {})
    await book.until_kinds(1)
    book.disk.goes.clear()
    book.record.write("late", {})
    book.record.write("later", {})
    await asyncio.wait_for(book.record.close(), WAIT_S)
    assert book.record.lost_lines == 2
    book.record.write("closed", {})
    assert book.record.lost_lines == 3
    book.disk.goes.set()
    await until(lambda: not book.disk.at_work)
    assert "later" not in book.disk.kinds  # the space may be begun anew by then


async def test_while_the_space_may_be_anothers_lines_wait(book: Book) -> None:
    book.disputed = True
    book.record.write("join", {})
    await asyncio.sleep(0)
    assert (book.disk.kinds, book.told()) == ([], [])
    book.disputed = False
    book.record.sync()
    assert await book.until_kinds(1) == ["join"]
    assert book.told() == ["join"]


async def test_the_lines_of_a_space_that_is_lost_are_dropped(book: Book) -> None:
    book.disputed = True
    book.record.write("join", {})
    await book.record.close()
    assert (book.disk.kinds, book.told(), book.record.lost_lines) == ([], [], 1)
