"""Four times what a core carries: the tick lengthens, nobody is dropped, and it comes back.

    python -m benchmarks.overload [--quick] [--share 0.25] [--seconds 60]

One edge gets a quarter of a core, by the kernel's `cpu` controller where this machine lets us, else
by three equal programs that spin beside it. A crowd joins that would need several times that at a
tick of 320 ms. Every second: the tick that the edge uses, and the longest and 99th percentile of
the listeners' gaps; then the crowd leaves, and the tick is watched until it is short again.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks import bench, machine
from benchmarks.bench import MESSAGE_MS, Bench, Crowd, Running
from benchmarks.figures import Case, percentile
from benchmarks.house import DemoHouse, knows
from benchmarks.joins import HANDLES, push_path
from benchmarks.push import FLOOR_GUESS_US

LISTENERS = 16_000
QUICK_LISTENERS = 4_000
FEW = 20
"""Listeners that stay, so that the recovery is heard too."""
JOINS_PER_S = 800
SHARE = 0.25
RECOVERY_S = 60.0
BUFFER_S = 2.4
"""The page's player holds at least the longest tick and some air before it is written to so
seldom (docs/reference/notices.md, `tick`)."""
ALL_TICKS = "[1,3,9,18]"
PERIOD_US = 100_000
V1, V2 = Path("/sys/fs/cgroup/cpu"), Path("/sys/fs/cgroup")
SPIN = "while True: pass"


@contextmanager
def limited(pid: int, share: float, core: int) -> Iterator[str]:
    """Keep a process to a share of a core; how, in words."""
    group = _cgroup()
    if group is not None:
        try:
            yield _by_cgroup(group, pid, share)
        finally:
            (group.parent / "cgroup.procs").write_text(str(pid))
            group.rmdir()
        return
    others = round(1 / share) - 1
    with ExitStack() as stack:
        for _ in range(others):
            with bench.on_core(core):
                spinning = subprocess.Popen([sys.executable, "-c", SPIN])
            stack.callback(spinning.wait)
            stack.callback(spinning.kill)
        yield f"{others} programs that spin beside it on its core"


def _cgroup() -> Path | None:
    for root in (V1, V2):
        name = root / "rostra-bench"
        try:
            name.mkdir(exist_ok=True)
        except OSError:
            continue
        if any((name / file).exists() for file in ("cpu.max", "cpu.cfs_quota_us")):
            return name
        name.rmdir()
    return None


def _by_cgroup(group: Path, pid: int, share: float) -> str:
    quota = round(PERIOD_US * share)
    newer = (group / "cpu.max").exists()
    if newer:
        (group / "cpu.max").write_text(f"{quota} {PERIOD_US}")
    else:
        (group / "cpu.cfs_period_us").write_text(str(PERIOD_US))
        (group / "cpu.cfs_quota_us").write_text(str(quota))
    (group / "cgroup.procs").write_text(str(pid))
    return f"cpu.{'max' if newer else 'cfs_quota_us'} of {share:.0%}"


def sample(house: DemoHouse, start_s: float) -> Case:
    """The tick and what the edge counts, at this second of the run."""
    counters = house.edge_counters()
    tick = counters.get("rostra_edge_tick_messages", 3.0)
    return {
        "s": round(time.monotonic() - start_s, 1),
        "tick_ms": round(tick * MESSAGE_MS),
        "connections": round(counters["rostra_edge_connections"]),
        "refused": round(counters.get("rostra_edge_refused_full_total", 0)),
        "slow_closed": round(counters["rostra_edge_slow_closed_total"]),
    }


def watched(house: DemoHouse, start_s: float, until_s: float) -> list[Case]:
    """A sample a second until a moment."""
    samples = []
    while time.monotonic() < until_s:
        samples.append(sample(house, start_s))
        time.sleep(1.0)
    return samples


def crowded(
    kit: Bench, house: DemoHouse, listeners: int, seconds: float
) -> tuple[list[Case], Case]:
    """The crowd joins, stays, and leaves; its gaps by the second."""
    start_s, port = time.monotonic(), house.edge_port()
    phases = str(int(seconds))
    crowd = Crowd(port, push_path(house), listeners, seconds, BUFFER_S * 1_000,
                  joins_per_s=JOINS_PER_S, words=("-p", phases))  # fmt: skip
    with kit.crowd(crowd) as running:
        ramp_s = listeners / JOINS_PER_S
        samples = watched(house, start_s, start_s + ramp_s)
        joined = running.line()
        at = time.monotonic()
        samples += watched(house, start_s, at + seconds - 1.5)
        sums = running.last()
    sums["joined"], sums["refused"] = joined["joined"], joined["failed"]
    sums["crowd_from_s"] = round(at - start_s, 1)
    return samples, sums


def recovery(house: DemoHouse, start_s: float, short_ms: int) -> list[Case]:
    """After the crowd: samples until the tick is what it was, or patience ends."""
    until = time.monotonic() + RECOVERY_S
    samples = [sample(house, start_s)]
    while samples[-1]["tick_ms"] > short_ms and time.monotonic() < until:
        time.sleep(1.0)
        samples.append(sample(house, start_s))
    return samples


@contextmanager
def few_of(kit: Bench, house: DemoHouse, seconds: float) -> Iterator[Running]:
    """A handful of listeners who stay through all of it."""
    crowd = Crowd(house.edge_port(), push_path(house), FEW, seconds, BUFFER_S * 1_000)
    with kit.crowd(crowd) as running:
        running.joined(FEW)
        yield running


def measure(kit: Bench, listeners: int, share: float, seconds: float) -> Case:
    """The whole evening of one edge with a share of a core."""
    machine.raise_handles(listeners)
    elastic = knows("edge.ticks")
    left_out = [] if elastic else ["The tick is fixed in this tree: only gaps and drops are shown."]
    settings = {"ROSTRA_EDGE__LISTENERS_MAX": str(HANDLES)}
    settings |= {"ROSTRA_EDGE__TICKS": ALL_TICKS} if elastic else {}
    whole_s = listeners / JOINS_PER_S + seconds + 20
    with DemoHouse(kit.folder, kit.load_core, settings) as house:
        pid = house.edge_pids()[0]
        machine.pin(pid, kit.server_core)
        with limited(pid, share, kit.server_core) as means, few_of(kit, house, whole_s) as stay:
            start_s = time.monotonic()
            calm = sample(house, start_s)
            samples, sums = crowded(kit, house, listeners, seconds)
            back = recovery(house, start_s, calm["tick_ms"])
            stayed = stay.last()
    needed = FLOOR_GUESS_US[3] * listeners / 1e6
    return {
        "listeners": listeners,
        "share": share,
        "means": means,
        "needed_core_320ms": round(needed, 2),
        "overload": round(needed / share, 2),
        "buffer_ms": round(BUFFER_S * 1_000),
        "joined": sums["joined"],
        "refused": sums["refused"],
        "disconnected": sums["disconnected"] + stayed["disconnected"],
        "gap_ms_max": sums["gap_ms_max"],
        "gap_ms_p99": sums["interval_ms_p99"],
        "gap_ms_p99_worst_second": percentile([p["interval_ms_p99"] for p in sums["phases"]], 1),
        "few_gap_ms_max": stayed["gap_ms_max"],
        "tick_ms_longest": max(one["tick_ms"] for one in samples),
        "tick_ms_after": back[-1]["tick_ms"],
        "recovered_s": round(back[-1]["s"] - back[0]["s"], 1),
        "seconds": [*samples, *back],
        "crowd_from_s": sums["crowd_from_s"],
        "gaps_by_second": [[p["interval_ms_p99"], p["gap_ms_max"]] for p in sums["phases"]],
        "elastic": elastic,
        "left_out": left_out,
    }


def main() -> None:
    """Measure, keep the line, write the page."""
    parser = bench.options(__doc__)
    parser.add_argument("--share", type=float, default=SHARE, help="of a core (0.25)")
    parser.add_argument("--seconds", type=float, help="of the full crowd (60; quick: 15)")
    parser.add_argument("--listeners", type=int, help="(16,000; quick: 4,000)")
    given = parser.parse_args()
    seconds = given.seconds or (15.0 if given.quick else 60.0)
    count = given.listeners or (QUICK_LISTENERS if given.quick else LISTENERS)
    share = 0.05 if given.quick else given.share
    bench.run("overload", lambda kit: measure(kit, count, share, seconds), dry=given.dry)


if __name__ == "__main__":
    main()
