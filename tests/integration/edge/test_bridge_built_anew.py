"""The bridge to the backbone breaks in a way nobody foresaw, or is not answered: it goes on."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable

import pytest
from tests.fakes.backbone import FakeBackbone
from tests.fakes.grid_messages import message, state
from tests.integration.edge.edge_house import WAIT_S, House, house, until

from rostra.app import edge_bridge, edge_feed
from rostra.app.edge_child import Stock
from rostra.delivery.drivers.hall import Hall
from rostra.delivery.service import Now
from rostra.domain.errors import HouseError
from rostra.domain.ports import Entry
from rostra.wire.messages import pack, read_tally, to_json


class Breaks(FakeBackbone):
    """Its watches end with what no driver promises, as soon as it is told to."""

    async def watch(
        self, bucket: str, told: Callable[[], None] | None = None
    ) -> AsyncIterator[Entry]:
        async for entry in super().watch(bucket, told):
            if entry.key == "break":
                raise RuntimeError(bucket)
            yield entry


def test_the_bridge_is_built_anew_and_still_mends_gaps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.integration.edge.edge_house.FakeBackbone", Breaks)
    monkeypatch.setattr(edge_bridge, "RETRY_S", 0.05)
    monkeypatch.setattr(edge_bridge, "TALLY_S", 0.05)
    monkeypatch.setattr(edge_feed, "LOOKS_BETWEEN_S", 0.0)
    later = FakeBackbone()
    with house(stock=Stock(None, {}, None), later=later) as subject:
        subject.say()
        subject.send(20)
        client = subject.get("/live/hall/stream.aac")
        subject.listening(1)
        first = subject.backbone
        until(lambda: bool(first.published["tally.edge-0"]), "a tally at the first backbone")
        subject.do(first.put("state", "break", b"{}"))
        until(lambda: bool(later.published["tally.edge-0"]), "the edge at the other backbone")
        before = [read_tally(one).sequence for one in first.published["tally.edge-0"]]
        after = [read_tally(one).sequence for one in later.published["tally.edge-0"]]
        assert before
        assert min(after) > max(before), "else no studio counts what this edge tells now"
        first.down = True
        subject.backbone = later
        goes_on(subject)
        # Numbers 20 to 24 came while nobody listened: the memory stream has them.
        client.read_until(lambda c: message(27).aac[0] in c.data, "message 27")
        assert all(message(number).aac[0] in client.data for number in range(20, 28))
        assert subject.edge.stats.left == 0


class Young(FakeBackbone):
    """Its bucket of edges is not there yet when the first announcement comes."""

    def __init__(self) -> None:
        super().__init__()
        self.refused = 0

    async def put(self, bucket: str, key: str, value: bytes) -> int:
        if bucket == "edges" and not self.refused:
            self.refused += 1
            sentence = "There is no such bucket yet."
            raise HouseError(sentence)
        return await super().put(bucket, key, value)


def test_an_edge_that_could_not_announce_itself_does_so_soon(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(edge_bridge, "RETRY_S", 0.05)
    monkeypatch.setattr(edge_bridge, "ANNOUNCE_S", 10 * WAIT_S)
    backbone = Young()
    with house(first=backbone) as subject:
        found: list[Entry | None] = []

        async def look() -> None:
            found.append(await backbone.get("edges", "edge-0"))

        def listed() -> bool:
            subject.do(look())
            return found[-1] is not None

        until(listed, "the edge in the bucket")
        assert backbone.refused == 1


def goes_on(subject: House) -> None:
    later = subject.backbone
    subject.do(later.put("state", "hall", to_json(state())))
    later.kept["prog.hall"].extend(pack(message(number)) for number in range(20, 25))
    for number in range(25, 31):
        subject.publish(message(number))


def test_a_question_that_was_lost_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge_bridge, "TALLY_S", 0.05)
    monkeypatch.setattr(edge_bridge, "ANSWER_WAIT_S", 0.05)
    with house() as subject:
        told = subject.backbone.published["tally.edge-0"]
        until(lambda: bool(told), "a tally")
        lost: list[object] = []
        put = subject.edge.inbox.put
        monkeypatch.setattr(subject.edge.inbox, "put", lost.append)
        until(lambda: len(lost) >= 2, "two questions nobody answers")
        monkeypatch.setattr(subject.edge.inbox, "put", put)
        count = len(told)
        until(lambda: len(told) > count + 1, "tallies again")


def test_what_a_full_inbox_lost_is_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge_bridge, "RETRY_S", 0.05)
    monkeypatch.setattr(edge_bridge, "TALLY_S", 0.05)
    with house() as subject:
        subject.say()
        inbox = subject.edge.inbox
        monkeypatch.setattr(inbox, "_most", 8)
        free = threading.Event()

        def stuck(_hall: Hall, _now: Now) -> None:
            assert free.wait(WAIT_S)

        inbox.put((stuck, 0))
        until(lambda: not inbox._items, "the loop to be stuck")
        renamed = state(title="Renamed")
        subject.do(subject.backbone.put("state", "hall", to_json(renamed)))
        for number in range(9):
            subject.publish(message(number))
        assert inbox.lost > 0
        free.set()
        directory = subject.edge.service.directory
        until(lambda: directory.space("hall") == renamed, "the new title")


class Deaf(FakeBackbone):
    """A cancellation that meets its `put` is lost, as `wait_for` before Python 3.12 may do."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = threading.Event()

    async def put(self, _bucket: str, _key: str, _value: bytes) -> int:
        try:
            self.asked.set()
            return await asyncio.Event().wait()
        except asyncio.CancelledError:
            return self.lost()

    def lost(self) -> int:
        return 1


class Spoils(Deaf):
    """Its `put` fails as it is cancelled."""

    def lost(self) -> int:
        raise OSError(9, "Bad file descriptor")


@pytest.mark.parametrize("backbone", [Deaf, Spoils])
def test_the_bridge_ends_where_its_cancellation_is_lost(backbone: type[Deaf]) -> None:
    first = backbone()
    with house(first=first):
        assert first.asked.wait(WAIT_S)
