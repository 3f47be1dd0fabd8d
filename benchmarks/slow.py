"""Slow readers beside normal ones, and whether anybody else feels them.

    python -m benchmarks.slow [--quick] [--rounds 5]

2,000 normal listeners, first alone, then beside one that reads nothing and 1,000 that read at half
the stream's speed; the same connections, round by round, at one edge.
"""

import statistics

from benchmarks import bench, machine
from benchmarks.bench import Bench, Crowd
from benchmarks.figures import Case, moved
from benchmarks.house import DemoHouse
from benchmarks.joins import one_house, pinned, push_path

NORMAL = 2_000
HALF = 1_000
NOTHING = 1
HALF_BYTES_PER_S = 3_200
"""Half of 48 kbit/s with its boxes."""
LEAVE_S = 6.0
"""The slow stay this much longer than the stretch beside them."""


def one_round(kit: Bench, house: DemoHouse, seconds: float) -> tuple[Case, Case, Case]:
    """The normal listeners alone and beside the slow, and what the edge counted of these.

    Four stretches of one crowd: just joined; alone; the slow join and their buffers fill; beside
    them. The normal come first: an edge that many cannot follow may send newcomers to HLS.
    """
    port, path = house.edge_port(), push_path(house)
    stay = 2 * seconds + LEAVE_S
    half = Crowd(port, path, HALF, stay, words=("-r", str(HALF_BYTES_PER_S)))
    nothing = Crowd(port, path, NOTHING, stay, words=("-r", "0"))
    with kit.crowd(Crowd(port, path, NORMAL, 4 * seconds, words=("-p", "4"))) as normal:
        normal.joined(NORMAL)
        normal.phase(2)
        before = house.edge_counters()
        with kit.crowd(nothing) as one, kit.crowd(half) as many:
            one.joined(NOTHING)
            many.joined(HALF)
            sums = normal.last()
            after = house.edge_counters()
    names = {"skips": "rostra_edge_skips_total", "closed": "rostra_edge_slow_closed_total"}
    counts = {key: after[name] - before[name] for key, name in names.items()}
    return sums["phases"][1], sums["phases"][3], counts


def measure(kit: Bench, rounds: int, seconds: float) -> Case:
    """Alone and beside, in turn."""
    machine.raise_handles(NORMAL + HALF)
    pairs, counted = [], []
    with one_house(kit, "slow", {}) as house:
        pinned(kit, house)
        for _ in range(rounds):
            alone, with_slow, counts = one_round(kit, house, seconds)
            pairs.append((alone, with_slow))
            counted.append(counts)
            p99 = {"alone": alone["interval_ms_p99"], "beside": with_slow["interval_ms_p99"]}
            print({**p99, **counts}, flush=True)

    def median(which: int, key: str) -> float:
        return round(float(statistics.median(pair[which][key] for pair in pairs)), 2)

    shifts = [moved(one["interval_ms_p99"], two["interval_ms_p99"]) for one, two in pairs]
    return {
        "normal": NORMAL,
        "half": HALF,
        "nothing": NOTHING,
        "rounds": rounds,
        "seconds": seconds,
        "alone_ms_p99": median(0, "interval_ms_p99"),
        "beside_ms_p99": median(1, "interval_ms_p99"),
        "alone_ms_max": median(0, "gap_ms_max"),
        "beside_ms_max": median(1, "gap_ms_max"),
        "moved": round(statistics.median(shifts), 4),
        "gaps": sum(two["gaps"] for _, two in pairs),
        "disconnected": sum(two["disconnected"] for _, two in pairs),
        "skips": sum(one["skips"] for one in counted),
        "slow_closed": sum(one["closed"] for one in counted),
    }


def main() -> None:
    """Measure, keep the line, write the page."""
    parser = bench.options(__doc__)
    parser.add_argument("--rounds", type=int, help="the median counts (5; quick: 1)")
    given = parser.parse_args()
    rounds = given.rounds or (1 if given.quick else 5)
    seconds = 6.0 if given.quick else 10.0
    bench.run("slow", lambda kit: measure(kit, rounds, seconds), dry=given.dry)


if __name__ == "__main__":
    main()
