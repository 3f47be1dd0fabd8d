"""The network gate in small: speech through seeded loss, jitter and a stall, in virtual time."""

import numpy as np
import pytest
from benchmarks.gate_cells import STALL_S, VIRTUAL, adaptation, virtual
from benchmarks.links import Faults, Link
from benchmarks.listening import FRAME, RATE, Samples, compare, levels_db
from benchmarks.speech import coded, speech

SECONDS = 20
CELLS = {faults.name: faults for faults in VIRTUAL}
LEAST_MS = 20 + 6.5
"""A packet's time and the codec's own delay."""


@pytest.fixture(scope="module")
def said() -> Samples:
    return speech(SECONDS)


@pytest.fixture(scope="module")
def packets(said: Samples) -> list[bytes]:
    return coded(said)


@pytest.mark.parametrize(
    ("cell", "drops", "latency_ms"),
    [
        ("clean", 0, 20),
        ("loss 5 %", 3, 45),
        ("bursts 5 %", 15, 50),
        ("jitter 40 ms", 3, 70),
    ],
)
def test_speech_survives(
    said: Samples, packets: list[bytes], cell: str, drops: float, latency_ms: float
) -> None:
    cases = [virtual(said, packets, CELLS[cell], seed) for seed in (1, 2)]
    assert np.mean([case["drops"] for case in cases]) <= drops
    assert np.median([case["latency_ms"] for case in cases]) <= LEAST_MS + latency_ms


def test_after_a_stall_speech_is_back_within_300_ms(said: Samples, packets: list[bytes]) -> None:
    case = virtual(said, packets, CELLS["stall of 2 s"], 1)
    assert STALL_S[1] - STALL_S[0] == 2
    assert case["recovery_ms"] <= 300
    assert case["drops"] > 0


def test_the_depth_follows_jitter_up_and_down() -> None:
    long = speech(60)
    change = adaptation(long, coded(long), 1)
    assert change["within"] >= change["before"] + 30
    assert change["after"] <= change["within"] - 20


def test_the_rule_counts_holes_and_nothing_else(said: Samples) -> None:
    assert compare(said, said).dropouts == 0
    levels = levels_db(said)
    steady = [at for at in range(2, 1_900, 40) if levels[at - 2 : at + 8].min() > -35]
    holes = said.copy()
    for at in steady:
        holes[at * FRAME : at * FRAME + RATE // 20] = 0
    late = np.concatenate([np.zeros(RATE // 10, np.float32), holes])
    heard = compare(said, late)
    assert heard.dropouts == len(steady) >= 5
    assert float(np.nanmedian(heard.delays_ms)) == pytest.approx(100, abs=1)


@pytest.mark.parametrize("bursts", [False, True])
def test_a_link_loses_what_it_says_and_the_same_each_time(*, bursts: bool) -> None:
    faults = Faults("test", 0.05, bursts=bursts, jitter_ms=40)
    links = [Link(faults, 7), Link(faults, 7), Link(faults, 8)]
    first, again, other = ([link.arrival(n * 0.02) for n in range(20_000)] for link in links)
    assert first == again != other
    assert links[0].lost / links[0].sent == pytest.approx(0.05, abs=0.01)
    runs = "".join("x" if one is None else " " for one in first).split()
    assert float(np.mean([len(run) for run in runs])) == pytest.approx(3 if bursts else 1, rel=0.15)
