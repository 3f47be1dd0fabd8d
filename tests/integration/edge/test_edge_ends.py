"""An edge that is drained: what those are given that do not move by themselves."""

import json
from itertools import pairwise

import pytest
from tests.integration.edge.edge_house import House, house, until

from rostra.app.edge_drain import Drain
from rostra.delivery import moving
from rostra.delivery.cutting import MP3_FRAME_BYTES
from rostra.domain.grid import message_pts
from rostra.domain.ports import Entry
from rostra.wire.adts import AdtsReader
from rostra.wire.messages import from_json
from rostra.wire.mp4_read import Emsg, MediaFragment, Mp4Reader
from rostra.wire.notices import read
from rostra.wire.states import EdgeInfo


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "GRACE_S", 0)
    monkeypatch.setattr(moving, "EMPTY_AFTER_S", 0)


def drained(one: House) -> Drain:
    drain = Drain(one.edge, one.bridge)
    drain.ask(1)
    until(lambda: one.edge.hall.moving.draining, "the drain's beginning")
    return drain


def announced(one: House) -> EdgeInfo:
    """What the other edges were told last."""
    found: list[Entry | None] = []

    async def look() -> None:
        found.append(await one.backbone.get("edges", "edge-0"))

    one.do(look())
    assert found[0] is not None
    assert found[0].value is not None
    return from_json(EdgeInfo, found[0].value)


@pytest.mark.usefixtures("hasty")
def test_who_does_not_move_gets_everything_and_a_clean_end() -> None:
    with house() as one:
        one.say()
        one.send(20)
        names = ("push.mp4", "stream.aac", "stream.mp3")
        push, aac, mp3 = (one.get(f"/live/hall/{name}") for name in names)
        one.listening(3)
        drain = drained(one)
        one.send(9)
        for client in (push, aac, mp3):
            assert client.read_to_end().finished(), "the last chunk, and no broken connection"
        until(lambda: drain.done, "the edge's end")
        items = Mp4Reader().feed(push.body())
        parts = [item for item in items if isinstance(item, MediaFragment)]
        assert all(a.end_pts == b.base_pts for a, b in pairwise(parts))
        assert parts[-1].end_pts >= message_pts(one.number)
        notices = [read(i.payload) for i in items if isinstance(i, Emsg)]
        told = [notice for notice in notices if notice.kind == "move"]
        assert told
        assert told[0].body == {"within_s": 1}
        units = len(list(AdtsReader().feed(aac.body())))
        assert units == len([unit for part in parts for unit in part.units])
        assert len(mp3.body()) > 20 * 4 * MP3_FRAME_BYTES


@pytest.mark.usefixtures("hasty")
def test_a_draining_edge_says_so_and_takes_who_has_nowhere_else_to_go() -> None:
    with house() as one:
        one.say()
        one.send(20)
        stays = one.get("/live/hall/push.mp4")
        one.listening(1)
        drain = drained(one)
        until(lambda: announced(one).draining, "the announcement")
        listed = one.get("/live/edges.json").answer().raw_body()
        (row,) = json.loads(listed)["edges"]
        assert row["draining"] is True
        late = one.get("/live/hall/push.mp4").read_until(
            lambda c: b"within_s" in c.raw_body(), "a word to the newcomer"
        )
        assert late.status == 200
        for client in (stays, late):
            assert client.read_to_end().finished()
        until(lambda: drain.done, "the edge's end")
