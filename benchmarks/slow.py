"""Slow readers beside normal ones, and whether anybody else feels them.

    python -m benchmarks.slow [--quick] [--rounds 5]

2,000 normal listeners alone, then beside one that reads nothing and 1,000 that read at half the
stream's speed; the two in turn, round by round, at one edge.
"""

import statistics
import time

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
FEEL_S = 6.0
"""Until receive and send buffers of the slow are full, so that the edge skips for them."""


def normal(kit: Bench, house: DemoHouse, seconds: float) -> Case:
    """The intervals of the normal listeners over a stretch of time."""
    crowd = Crowd(house.edge_port(), push_path(house), NORMAL, seconds)
    with kit.crowd(crowd) as running:
        running.joined(NORMAL)
        return running.last()


def beside(kit: Bench, house: DemoHouse, seconds: float) -> tuple[Case, Case]:
    """The same beside the slow; what the edge counted of them."""
    port, path, stay = house.edge_port(), push_path(house), FEEL_S + seconds + 6
    half = Crowd(port, path, HALF, stay, words=("-r", str(HALF_BYTES_PER_S)))
    nothing = Crowd(port, path, NOTHING, stay, words=("-r", "0"))
    before = house.edge_counters()
    with kit.crowd(half) as one, kit.crowd(nothing) as two:
        one.joined(HALF)
        two.joined(NOTHING)
        time.sleep(FEEL_S)
        seen = normal(kit, house, seconds)
    after = house.edge_counters()
    names = {"skips": "rostra_edge_skips_total", "closed": "rostra_edge_slow_closed_total"}
    return seen, {key: after[name] - before[name] for key, name in names.items()}


def measure(kit: Bench, rounds: int, seconds: float) -> Case:
    """Alone and beside, in turn."""
    machine.raise_handles(NORMAL + HALF)
    pairs, counted = [], []
    with one_house(kit, "slow", {}) as house:
        pinned(kit, house)
        for _ in range(rounds):
            alone = normal(kit, house, seconds)
            with_slow, counts = beside(kit, house, seconds)
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
