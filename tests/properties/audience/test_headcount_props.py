from hypothesis import given
from hypothesis import strategies as st

from rostra.audience.headcount import SILENT_NS, HeadCount
from rostra.wire.messages import EdgeTally, SpaceTally

# Each edge: a list of starts, each with the counts it told second by second.
starts = st.lists(st.lists(st.integers(0, 1_000), min_size=1, max_size=5), min_size=1, max_size=5)


@given(st.lists(starts, min_size=1, max_size=6))
def test_the_total_is_the_sum_of_the_latest_whatever_was_repeated(
    edges: list[list[list[int]]],
) -> None:
    count = HeadCount()
    told: list[EdgeTally] = []
    for index, lives in enumerate(edges):
        for epoch, life in enumerate(lives):
            for sequence, push in enumerate(life):
                row = (SpaceTally("hall", push=push),)
                tally = EdgeTally(f"e{index}", f"start{epoch}", sequence, row)
                assert count.take(tally, 0)
                told.append(tally)
    expected = sum(lives[-1][-1] for lives in edges)
    assert count.totals(0)["hall"].total == expected
    for tally in reversed(told):
        assert not count.take(tally, 1)
    assert count.totals(1)["hall"].total == expected
    assert count.totals(SILENT_NS + 1) == {}
