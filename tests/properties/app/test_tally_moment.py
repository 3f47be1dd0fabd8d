"""At whatever moment an edge asks: the next tally is at a whole second, and never at once."""

from hypothesis import given
from hypothesis import strategies as st

from rostra.app.edge_bridge import TALLY_S, to_next_tally_s


@given(st.floats(0, 2**40))
def test_edges_tell_at_whole_seconds_and_never_twice_in_one(utc_s: float) -> None:
    left_s = to_next_tally_s(utc_s)
    assert TALLY_S / 10 < left_s <= TALLY_S * 1.1
    after = (utc_s + left_s) % TALLY_S
    assert min(after, TALLY_S - after) < 0.001
