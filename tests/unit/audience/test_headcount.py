from rostra.audience.headcount import (
    EDGES_MAX,
    EPOCHS_REMEMBERED_MAX,
    FORGET_NS,
    SILENT_NS,
    SPACES_PER_EDGE_MAX,
    HeadCount,
    Heads,
)
from rostra.wire.messages import EdgeTally, SpaceTally

S = 1_000_000_000


def tally(edge: str, epoch: str, sequence: int, push: int, space: str = "hall") -> EdgeTally:
    return EdgeTally(edge, epoch, sequence, (SpaceTally(space, push=push, mp3=1),))


def test_edges_add_up_by_space_and_kind() -> None:
    count = HeadCount()
    count.take(tally("a", "1", 1, 100), 0)
    count.take(tally("b", "1", 1, 50), 0)
    count.take(tally("c", "1", 1, 7, space="other"), 0)
    totals = count.totals(0)
    assert totals == {"hall": Heads(push=150, mp3=2), "other": Heads(push=7, mp3=1)}
    assert totals["hall"].total == 152
    assert count.edges(0) == ["a", "b", "c"]


def test_a_later_tally_replaces_and_a_late_or_doubled_one_is_refused() -> None:
    count = HeadCount()
    assert count.take(tally("a", "1", 5, 100), 0)
    assert count.take(tally("a", "1", 6, 80), S)
    assert not count.take(tally("a", "1", 6, 80), S)
    assert not count.take(tally("a", "1", 5, 100), S)
    assert count.totals(S)["hall"].push == 80
    assert count.refused == 2


def test_a_restarted_edge_is_never_counted_twice() -> None:
    count = HeadCount()
    count.take(tally("a", "old", 500, 100), 0)
    assert count.take(tally("a", "new", 1, 3), S)
    assert not count.take(tally("a", "old", 501, 100), S)
    assert count.totals(S)["hall"].push == 3


def test_a_silent_edge_leaves_after_three_seconds_and_may_come_back() -> None:
    count = HeadCount()
    count.take(tally("a", "1", 1, 100), 0)
    assert count.totals(SILENT_NS)["hall"].push == 100
    assert count.totals(SILENT_NS + 1) == {}
    assert count.edges(SILENT_NS + 1) == []
    count.take(tally("a", "1", 9, 90), 9 * S)
    assert count.totals(9 * S)["hall"].push == 90


def test_the_limits_hold() -> None:
    count = HeadCount()
    for index in range(EDGES_MAX):
        assert count.take(tally(f"e{index}", "1", 1, 1), 0)
    assert not count.take(tally("one-more", "1", 1, 1), 0)
    assert count.take(tally("one-more", "1", 2, 1), FORGET_NS + 1)
    wide = tuple(SpaceTally(f"s{index}") for index in range(SPACES_PER_EDGE_MAX + 1))
    assert not count.take(EdgeTally("one-more", "1", 3, wide), FORGET_NS + 1)


def test_former_starts_are_remembered_up_to_a_number() -> None:
    count = HeadCount()
    for epoch in range(EPOCHS_REMEMBERED_MAX + 1):
        assert count.take(tally("a", str(epoch), 1, 1), 0)
    for epoch in range(EPOCHS_REMEMBERED_MAX):
        assert not count.take(tally("a", str(epoch), 2, 1), 0)
