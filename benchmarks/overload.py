"""Four times what a core carries: the tick lengthens, nobody is dropped, and it comes back.

    python -m benchmarks.overload [--quick] [--share 0.125] [--seconds 60]

One edge gets an eighth of a core, by the kernel's `cpu` controller where this machine lets us, else
by equal programs that spin beside it. A crowd joins that would need four times that at a tick of
320 ms. Every second: the tick that the edge uses, and the longest and 99th percentile of
the listeners' gaps; then the crowd leaves, and the tick is watched until it is short again.
"""

import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Self

from benchmarks import bench, machine
from benchmarks.bench import MESSAGE_MS, Bench, Crowd, Running
from benchmarks.figures import Case, percentile
from benchmarks.house import DemoHouse, knows
from benchmarks.joins import HANDLES, push_path
from benchmarks.push import FLOOR_GUESS_US

LISTENERS = 18_000
QUICK_LISTENERS = 4_000
FEW = 20
"""Listeners that stay, so that the recovery is heard too."""
JOINS_PER_S = 800
SHARE = 0.125
"""18,000 listeners at 320 ms would need half a core by the bare loop alone: four times this."""
RECOVERY_S = 120.0
STAY_LONGER_S = 40.0
"""The few stay this much longer than the crowd should, while the tick becomes short."""
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


class Watch:
    """A sample a second in a thread of its own, for as long as the block lasts."""

    def __init__(self, house: DemoHouse) -> None:
        self.samples = [sample(house, time.monotonic())]
        self._house = house
        self._start_s = time.monotonic()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def now_s(self) -> float:
        """Seconds since the start."""
        return round(time.monotonic() - self._start_s, 1)

    def short_again(self, short_ms: int, patience_s: float) -> float:
        """Seconds until the tick is this short; all of the patience if it does not become so."""
        began_s = self.now_s
        while self.samples[-1]["s"] < began_s or self.samples[-1]["tick_ms"] > short_ms:
            if self.now_s - began_s > patience_s:
                break
            time.sleep(0.2)
        return round(self.now_s - began_s, 1)

    def _look(self) -> None:
        while not self._stop.wait(1.0):
            with contextlib.suppress(OSError):  # an edge without a moment to answer is asked again
                self.samples.append(sample(self._house, self._start_s))


def crowded(kit: Bench, house: DemoHouse, watch: Watch, listeners: int, seconds: float) -> Case:
    """The crowd joins, stays, and leaves; its gaps by the second."""
    crowd = Crowd(house.edge_port(), push_path(house), listeners, seconds, BUFFER_S * 1_000,
                  joins_per_s=JOINS_PER_S, words=("-p", str(int(seconds))))  # fmt: skip
    with kit.crowd(crowd) as running:
        joined = running.line()
        from_s = watch.now_s
        sums = running.last()
    told = {"joined": joined["joined"], "refused": joined["failed"], "crowd_from_s": from_s}
    return {**sums, **told}


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
    whole_s = listeners / JOINS_PER_S + seconds + STAY_LONGER_S
    with DemoHouse(kit.folder, kit.load_core, settings) as house:
        pid = house.edge_pids()[0]
        machine.pin(pid, kit.server_core)
        with (
            limited(pid, share, kit.server_core) as means,
            few_of(kit, house, whole_s) as stay,
            Watch(house) as watch,
        ):
            sums = crowded(kit, house, watch, listeners, seconds)
            recovered_s = watch.short_again(watch.samples[0]["tick_ms"], RECOVERY_S)
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
        "tick_ms_longest": max(one["tick_ms"] for one in watch.samples),
        "tick_ms_calm": watch.samples[0]["tick_ms"],
        "tick_ms_after": watch.samples[-1]["tick_ms"],
        "recovered_s": recovered_s,
        "seconds": watch.samples,
        "crowd_from_s": sums["crowd_from_s"],
        "gaps_by_second": [[p["interval_ms_p99"], p["gap_ms_max"]] for p in sums["phases"]],
        "elastic": elastic,
        "left_out": left_out,
    }


def main() -> None:
    """Measure, keep the line, write the page."""
    parser = bench.options(__doc__)
    parser.add_argument("--share", type=float, default=SHARE, help="of a core (0.125)")
    parser.add_argument("--seconds", type=float, help="of the full crowd (60; quick: 15)")
    parser.add_argument("--listeners", type=int, help="(18,000; quick: 4,000)")
    given = parser.parse_args()
    seconds = given.seconds or (15.0 if given.quick else 60.0)
    count = given.listeners or (QUICK_LISTENERS if given.quick else LISTENERS)
    share = 0.04 if given.quick else given.share
    bench.run("overload", lambda kit: measure(kit, count, share, seconds), dry=given.dry)


if __name__ == "__main__":
    main()
