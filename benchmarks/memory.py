"""Memory of a listener: the edge's own, and the kernel's.

    python -m benchmarks.memory [--quick] [--listeners 10000]

The edge's own is the difference of its private memory (USS) and its share (PSS) by the kernel's
`smaps_rollup`; the kernel's is the difference of slab and of TCP's buffers, of which the
crowd's end of each connection is half: this is loopback.
"""

import time

from benchmarks import bench, machine
from benchmarks.bench import Bench, Crowd
from benchmarks.figures import Case
from benchmarks.house import DemoHouse
from benchmarks.joins import one_house, pinned, push_path

WARM = 500
"""Listeners of a crowd before, so that what is made once is not counted as a listener's."""
SETTLE_S = 3.0
STAY_S = 8.0
ENDS = 2
"""Of a connection on loopback, both in this kernel."""


def look(pid: int) -> Case:
    """Everything at this moment, in KiB."""
    return {**machine.memory_kib(pid), **machine.kernel_kib()}


def with_crowd(kit: Bench, house: DemoHouse, pid: int, listeners: int) -> tuple[Case, Case]:
    """Before and while these listen."""
    before = look(pid)
    crowd = Crowd(house.edge_port(), push_path(house), listeners, STAY_S)
    with kit.crowd(crowd) as running:
        running.joined(listeners)
        time.sleep(SETTLE_S)
        during = look(pid)
        running.last()
    return before, during


def measure(kit: Bench, sizes: list[int]) -> Case:
    """One edge and crowds of growing size; bytes for each listener from the steps between."""
    machine.raise_handles(max(sizes))
    cases = []
    with one_house(kit, "memory", {}) as house:
        pid = pinned(kit, house)
        with_crowd(kit, house, pid, WARM)
        for listeners in sizes:
            before, during = with_crowd(kit, house, pid, listeners)
            each = {key: (during[key] - before[key]) * 1024 / listeners for key in before}
            case = {
                "listeners": listeners,
                "user_uss": round(each["uss"]),
                "user_pss": round(each["pss"]),
                "kernel_slab": round(each["slab"] / ENDS),
                "kernel_buffers": round(each["tcp_buffers"]),
                "edge_mib": round(during["pss"] / 1024, 1),
            }
            print(case, flush=True)
            cases.append(case)
    return {"cases": cases}


def main() -> None:
    """Measure, keep the line, write the page."""
    parser = bench.options(__doc__)
    parser.add_argument("--listeners", default="", help="sizes (4000,10000,18000; quick: 2000)")
    given = parser.parse_args()
    sizes = given.listeners or ("2000" if given.quick else "4000,10000,18000")
    bench.run("memory", lambda kit: measure(kit, [int(n) for n in sizes.split(",")]), dry=given.dry)


if __name__ == "__main__":
    main()
