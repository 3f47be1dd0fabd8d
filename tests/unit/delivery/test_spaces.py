import pytest
from tests.fakes.grid_messages import EPOCH_US, state

from rostra.delivery import spaces
from rostra.delivery.spaces import Directory
from rostra.domain.space import State
from rostra.wire.messages import to_json
from rostra.wire.states import EdgeInfo, SpaceDef

ME = EdgeInfo("edge-0", (":8001", "/e/edge-0"))


def planned(space: str) -> bytes:
    return to_json(SpaceDef(space, "Planned", EPOCH_US))


PLANNED = planned("hall")


def test_a_space_that_only_the_desk_knows_is_scheduled() -> None:
    directory = Directory(ME)
    assert directory.space("hall") is None
    found = directory.apply("defs", "hall", PLANNED)
    assert found is not None
    assert (found.state, found.title) == (State.SCHEDULED, "Planned")


def test_the_studios_word_comes_first_and_goes_again() -> None:
    directory = Directory(ME)
    directory.apply("defs", "hall", PLANNED)
    directory.apply("state", "hall", to_json(state(State.LIVE)))
    found = directory.space("hall")
    assert found is not None
    assert found.state is State.LIVE
    back = directory.apply("state", "hall", None)
    assert back is not None
    assert back.state is State.SCHEDULED


def test_a_cancelled_plan_is_cancelled() -> None:
    directory = Directory(ME)
    plan = SpaceDef("hall", "Planned", EPOCH_US, cancelled=True)
    found = directory.apply("defs", "hall", to_json(plan))
    assert found is not None
    assert found.state is State.CANCELLED


def test_what_does_not_read_is_counted_and_changes_nothing() -> None:
    directory = Directory(ME)
    directory.apply("state", "hall", to_json(state()))
    assert directory.apply("state", "hall", b"{") == state()
    assert directory.refused == 1


@pytest.mark.parametrize("bucket", ["state", "defs", "edges"])
def test_what_speaks_of_another_is_counted_and_changes_nothing(bucket: str) -> None:
    directory = Directory(ME)
    values = {"state": to_json(state()), "defs": PLANNED, "edges": to_json(EdgeInfo("hall", ()))}
    directory.apply(bucket, "attic", values[bucket])
    assert directory.refused == 1
    assert directory.space("attic") is None
    assert directory.edges() == [ME]


def test_this_edge_is_listed_whatever_the_backbone_says() -> None:
    directory = Directory(ME)
    other = EdgeInfo("edge-1", (":8002",))
    directory.apply("edges", "edge-1", to_json(other))
    assert directory.edges() == [other, ME]
    directory.apply("edges", "edge-1", None)
    assert directory.edges() == [ME]


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spaces, "SPACES_MAX", 3)
    directory = Directory(ME)
    for number in range(spaces.SPACES_MAX):
        assert directory.apply("defs", f"space-{number}", planned(f"space-{number}")) is not None
    assert directory.apply("defs", "other", planned("other")) is None
    assert directory.refused == 1
    known = directory.apply("defs", "space-0", planned("space-0"))
    assert known is not None, "what is known may change"
    directory.apply("defs", "space-1", None)
    assert directory.apply("defs", "other", planned("other")) is not None, "what goes makes room"


def test_the_edge_list_is_bounded_and_names_this_edge(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spaces, "EDGES_MAX", 2)
    directory = Directory(ME)
    for number in range(5):
        other = EdgeInfo(f"edge-{number + 1}", (f":{number}",))
        directory.apply("edges", other.id, to_json(other))
    assert len(directory.edges()) == spaces.EDGES_MAX + 1
    assert directory.edges()[-1] == ME
    assert directory.refused == 3
