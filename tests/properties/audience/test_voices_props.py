"""However tallies come, doubled or not: each reaction is told once, a notice a second at most."""

from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from rostra.audience.crowd import Crowd
from rostra.audience.voices import GATHER_NS, TELL_EVERY_NS
from rostra.domain.voices import REACTIONS
from rostra.wire.messages import EdgeTally, SpaceTally

HELD = frozenset({"hall"})
LOOK_NS = 100_000_000

counts = st.dictionaries(st.sampled_from(REACTIONS), st.integers(0, 50))
seconds = st.lists(st.tuples(st.integers(0, 2), counts, st.booleans()), max_size=30)


@given(seconds)
def test_what_was_sent_is_told_once(told: list[tuple[int, dict[str, int], bool]]) -> None:
    crowd, now_ns, notices = Crowd(), 0, list[tuple[int, dict[str, int]]]()
    sent, numbers = Counter[str](), [0, 0, 0]

    def look() -> None:
        if due := crowd.voices.due("hall", now_ns):
            notices.append((now_ns, due))

    for edge, reactions, doubled in told:
        numbers[edge] += 1
        row = SpaceTally("hall", reactions=reactions)
        tally = EdgeTally(f"edge-{edge}", "epoch", numbers[edge], (row,))
        for _ in range(1 + doubled):
            crowd.take(tally, HELD, now_ns)
        sent.update(reactions)
        for _ in range(3):
            now_ns += LOOK_NS
            look()
    now_ns += GATHER_NS + TELL_EVERY_NS
    look()
    whole = Counter[str]()
    for _, due in notices:
        assert all(due.values())
        whole.update(due)
    assert whole == +sent
    times = [at for at, _ in notices]
    assert all(b - a >= TELL_EVERY_NS for a, b in pairwise(times))
