"""Whatever a network does, the buffer answers each turn, in order, within its bound."""

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from rostra.stage.jitter import BURST_BLOCKS_MAX, TARGET_BLOCKS, Action, JitterBuffer

BLOCK_US = 20_000
WAIT_BLOCKS_MAX = BURST_BLOCKS_MAX + TARGET_BLOCKS + 1


@dataclass(frozen=True)
class Network:
    """For each packet its delay in ms, or None if it is lost, and whether it comes twice."""

    fates: list[tuple[int | None, bool]]
    first_sequence: int
    first_timestamp: int


networks = st.builds(
    Network,
    st.lists(
        st.tuples(st.one_of(st.none(), st.integers(0, 60), st.integers(0, 2_500)), st.booleans()),
        max_size=200,
    ),
    st.integers(0, 65_535),
    st.integers(0, (1 << 32) - 1),
)


def arrivals(network: Network) -> list[tuple[int, int]]:
    out = []
    for number, (delay_ms, twice) in enumerate(network.fates):
        if delay_ms is not None:
            out += [(number * BLOCK_US + delay_ms * 1_000, number)] * (1 + twice)
    return sorted(out)


@settings(max_examples=200, deadline=None)
@given(networks)
def test_one_decision_a_block_in_order_and_bounded(network: Network) -> None:
    jitter = JitterBuffer()
    waiting = arrivals(network)
    arrived_us: dict[int, int] = {}
    heard: list[int] = []
    taken = 0
    for block in range(len(network.fates) + 150):
        now_us = block * BLOCK_US
        while waiting and waiting[0][0] <= now_us:
            at_us, number = waiting.pop(0)
            jitter.put(
                (network.first_sequence + number) & 0xFFFF,
                (network.first_timestamp + number * 960) & 0xFFFFFFFF,
                b"%d" % number,
                at_us,
            )
            arrived_us.setdefault(number, at_us)
            assert jitter.held <= BURST_BLOCKS_MAX
        turn = jitter.pull(now_us)
        if turn.action in {Action.PLAY, Action.MERGE}:
            taken += 1
            heard.append(int(turn.payload))
            assert now_us - arrived_us[heard[-1]] <= WAIT_BLOCKS_MAX * BLOCK_US
        if turn.action is Action.MERGE:
            heard.append(int(turn.second))
        if turn.action is Action.FEC:
            assert not heard or int(turn.payload) > heard[-1] + 1
    assert heard == sorted(set(heard))
    counted = jitter.counters
    assert counted.received == (
        taken + counted.late + counted.duplicate + counted.skipped + jitter.held
    )


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 65_535), st.integers(0, (1 << 32) - 1), st.integers(1, 6)),
        max_size=300,
    )
)
def test_a_hostile_sender_fills_no_memory_and_stops_nothing(
    packets: list[tuple[int, int, int]],
) -> None:
    jitter = JitterBuffer()
    for now, (sequence, timestamp, blocks) in enumerate(packets):
        jitter.put(sequence, timestamp, b"x", now * 1_000, blocks)
        assert jitter.held <= BURST_BLOCKS_MAX
        assert jitter.pull(now * 1_000).action in Action
