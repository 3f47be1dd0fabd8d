"""Which loops an edge fetches, keeps and gives back."""

import asyncio

import pytest
from tests.fakes.backbone import FakeBackbone
from tests.fakes.grid_messages import loop, state
from tests.until import until

from rostra.app import edge_wanted
from rostra.app.edge_loops import LOOPS_MAX, SPACES_MAX, Loops
from rostra.app.edge_wanted import rest
from rostra.domain.space import State
from rostra.wire.hold import HoldLoop, pack_hold
from rostra.wire.states import SpaceDef

LOOP = loop()


class Place:
    """An edge's loops, the backbone, and what came out for the hall."""

    def __init__(self) -> None:
        self.backbone = FakeBackbone()
        self.given: list[tuple[str, HoldLoop | None]] = []
        self.loops = Loops(lambda space, one: self.given.append((space, one)))

    async def look(self) -> bool:
        return await self.loops.look(self.backbone)

    def plan(self, space: str = "hall", hold: str = "hold-a", *, cancelled: bool = False) -> None:
        self.loops.planned(space, SpaceDef(space, "A talk", 0, hold=hold, cancelled=cancelled))


@pytest.fixture
async def place() -> Place:
    one = Place()
    await one.backbone.put_object("hold-a", pack_hold(LOOP))
    await one.backbone.put_object("hold-b", pack_hold(LOOP))
    return one


async def test_a_planned_space_s_loop_is_there_once_and_gone_when_it_is_over(place: Place) -> None:
    place.plan()
    assert await place.look()
    assert await place.look()
    assert place.given == [("hall", LOOP)]
    place.loops.lives("hall", state(State.LIVE))
    assert await place.look()
    place.loops.lives("hall", state(State.ENDED))
    assert await place.look()
    assert place.given[1:] == [("hall", None)]
    place.plan()
    assert await place.look()
    assert len(place.given) == 2, "it stays over"


async def test_another_loop_takes_the_place_of_the_first(place: Place) -> None:
    place.plan()
    await place.look()
    place.plan(hold="hold-b")
    await place.look()
    place.plan(hold="")
    await place.look()
    assert place.given == [("hall", LOOP), ("hall", LOOP), ("hall", None)]
    place.plan()
    place.plan(cancelled=True)
    await place.look()
    place.plan()
    place.loops.planned("hall", None)
    await place.look()
    assert len(place.given) == 3


async def test_what_is_not_there_is_asked_for_again_and_what_is_broken_is_not(place: Place) -> None:
    place.plan(hold="hold-late")
    assert not await place.look()
    await place.backbone.put_object("hold-late", pack_hold(LOOP))
    assert await place.look()
    assert place.given == [("hall", LOOP)]
    for name, broken in (("hold-bad", b"x"), ("hold-old", pack_hold(loop(opus=False)))):
        await place.backbone.put_object(name, broken)
        place.plan("tea", name)
        assert await place.look(), name
        await place.backbone.put_object(name, pack_hold(LOOP))
        assert await place.look(), name
    assert len(place.given) == 1


async def test_a_backbone_that_is_away_costs_a_wait(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge_wanted, "AGAIN_S", 0.0)
    place.backbone.down = True
    place.plan()
    complete = await place.look()
    assert not complete
    await rest(place.loops, complete=complete)
    place.backbone.down = False
    assert await place.look()
    resting = asyncio.create_task(rest(place.loops, complete=True))
    await asyncio.sleep(0)
    assert not resting.done()
    place.plan(hold="hold-b")
    await until(resting.done)


async def test_an_edge_keeps_so_many_and_fills_the_others_with_the_house_s(place: Place) -> None:
    for index in range(LOOPS_MAX + 2):
        await place.backbone.put_object(f"hold-{index}", pack_hold(LOOP))
        place.plan(f"space-{index}", f"hold-{index}")
    assert await place.look()
    assert len(place.given) == LOOPS_MAX
    place.loops.lives("space-0", state(State.ENDED))
    assert await place.look()
    assert [space for space, one in place.given[LOOPS_MAX:] if one] == [f"space-{LOOPS_MAX}"]


async def test_it_remembers_so_many_spaces(place: Place) -> None:
    for index in range(SPACES_MAX + 1):
        place.plan(f"space-{index}")
        place.loops.lives(f"over-{index}", state(State.ENDED))
    assert await place.look()
    assert len(place.given) == SPACES_MAX
    assert len(place.loops._over) == SPACES_MAX
