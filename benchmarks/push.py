"""CPU of push per listener-second: the real edge beside a bare C send loop, in the same run.

    python -m benchmarks.push [--rounds 3] [--seconds 8] [--listeners 2000,8000]

The server is alone on one core; crowd, studio and everything else are on another. The floor
writes as many bytes at the same tick and in the same buckets as the edge did just before.
"""

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.house import Cost, DemoHouse
from benchmarks.plot import HISTORY, write_page

TICK_MS = 320
"""Three messages: the edge's tick."""
BUCKETS = 3
GAP_MS = 2 * TICK_MS
"""A listener without a byte for two ticks has a gap."""
JOINS_PER_S = 2_000
SETTLE_S = 1.0
"""Between the last join and the measured stretch."""
TAIL_S = 1.0
"""The crowd stays this much longer, so that its leaving is not measured."""

Case = dict[str, Any]


class Bench:
    """The two programs, the two cores, and how long each case is measured."""

    def __init__(self, folder: Path, seconds: float) -> None:
        self.server_core, self.load_core = machine.two_cores()
        self.seconds = seconds
        self._crowd = machine.build("crowd", folder)
        self._floor = machine.build("floor", folder)

    def crowd(
        self, port: int, path: str, listeners: int, during: Callable[[], Case]
    ) -> tuple[Case, Case]:
        """Let a crowd join, run `during` while it listens; its result, and what the crowd saw."""
        stay_s = SETTLE_S + self.seconds + TAIL_S
        arguments = [str(port), path, str(listeners), str(JOINS_PER_S), str(stay_s), str(GAP_MS)]
        with self._start([str(self._crowd), "127.0.0.1", *arguments], self.load_core) as crowd:
            joined = _line(crowd)
            if joined["failed"]:
                crowd.kill()
                machine.stop(f"{joined['failed']} of {listeners} listeners could not join.")
            time.sleep(SETTLE_S)
            result = during()
            return result, _line(crowd)

    def edge(self, house: DemoHouse, listeners: int, *, front_door: bool) -> Case:
        """Cost of the edge (and of Caddy before it) with this many listeners of push."""
        pids = house.pids()
        served = [pids["edge"], *([pids["frontdoor"]] if front_door else [])]
        for pid in served:
            machine.pin(pid, self.server_core)
        if not front_door:
            machine.pin(pids["frontdoor"], self.load_core)

        def during() -> Case:
            cost, before = Cost(*served), house.edge_counters()
            time.sleep(self.seconds)
            after, us = house.edge_counters(), cost.us_per_listener_second(listeners)
            spent = after["rostra_edge_cpu_seconds_total"] - before["rostra_edge_cpu_seconds_total"]
            writes = after["rostra_edge_writes_total"] - before["rostra_edge_writes_total"]
            own = spent * 1e6 / self.seconds / listeners
            rate = writes / self.seconds / listeners
            return {"us": us, "edge_own_us": own, "writes_per_ls": rate}

        port = house.port if front_door else house.edge_port()
        path = f"/live/{house.space}/push.mp4"
        result, seen = self.crowd(port, path, listeners, during)
        name = "front door" if front_door else "edge"
        return {"server": name, "listeners": listeners, **result, **_seen(seen, listeners)}

    def floor(self, listeners: int, tick_bytes: int) -> Case:
        """Cost of the bare loop with the same listeners, tick and bytes."""
        shape = [str(TICK_MS), str(tick_bytes), str(BUCKETS), str(SETTLE_S + self.seconds)]
        with self._start([str(self._floor), "0", str(listeners), *shape], self.server_core) as loop:
            port = _line(loop)["port"]
            own, _ = self.crowd(port, "/", listeners, lambda: _line(loop))
        us = own["us_per_listener_second"]
        rate = own["writes"] / own["seconds"] / listeners
        return {"server": "floor", "listeners": listeners, "us": us, "writes_per_ls": rate}

    def _start(self, command: list[str], core: int) -> "subprocess.Popen[str]":
        before = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {core})
        try:
            return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        finally:
            os.sched_setaffinity(0, before)


def _line(process: "subprocess.Popen[str]") -> Case:
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        machine.stop("A program of the benchmark ended without its figures; see above.")
    result: Case = json.loads(line)
    return result


def _seen(crowd: Case, listeners: int) -> Case:
    tick_bytes = round(crowd["bytes"] / listeners / crowd["seconds"] * TICK_MS / 1_000)
    kept = ("gaps", "gap_ms_max", "disconnected", "first_byte_ms_p50", "first_byte_ms_p99")
    return {"tick_bytes": tick_bytes, **{key: crowd[key] for key in kept}}


def one_round(bench: Bench, house: DemoHouse, sizes: list[int]) -> list[Case]:
    """Edge and floor at each size, and the smallest crowd through the front door."""
    cases = []
    for listeners in sizes:
        edge = bench.edge(house, listeners, front_door=False)
        floor = bench.floor(listeners, edge["tick_bytes"])
        cases += [{**edge, "ratio": edge["us"] / floor["us"]}, floor]
    door = bench.edge(house, min(sizes), front_door=True)
    floor_us = next(c["us"] for c in cases if c["server"] == "floor")
    return [*cases, {**door, "ratio": door["us"] / floor_us}]


def merged(rounds: list[list[Case]]) -> list[Case]:
    """Each case with the median of its figures; what must not happen is summed."""
    out = []
    for same in zip(*rounds, strict=True):
        case: Case = {"server": same[0]["server"], "listeners": same[0]["listeners"]}
        for key in [key for key in same[0] if key not in case]:
            values = [one[key] for one in same]
            whole = key in {"gaps", "disconnected"}
            case[key] = sum(values) if whole else round(statistics.median(values), 3)
        case["us_rounds"] = [round(one["us"], 2) for one in same]
        out.append(case)
    return out


def main() -> None:
    """Measure, append a line to the history, and write page and plot anew."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--rounds", type=int, default=3, help="the median counts (3)")
    options.add_argument("--seconds", type=float, default=8, help="measured for each case (8)")
    options.add_argument("--listeners", default="2000,8000", help="sizes of the crowd")
    options.add_argument("--dry", action="store_true", help="print, and keep no history")
    given = options.parse_args()
    sizes = [int(size) for size in given.listeners.split(",")]
    limit = machine.raise_handles(max(sizes))
    print(limit)
    with tempfile.TemporaryDirectory(prefix="rostra-bench-") as name:
        bench = Bench(Path(name), given.seconds)
        with DemoHouse(Path(name), bench.load_core) as house:
            rounds = []
            for number in range(given.rounds):
                rounds.append(one_round(bench, house, sizes))
                print(f"round {number + 1} of {given.rounds}: {_words(rounds[-1])}", flush=True)
    line = {
        "utc": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": machine.commit(),
        "machine": machine.describe(),
        "limit": limit,
        "tick_ms": TICK_MS,
        "seconds": given.seconds,
        "load_1m": round(os.getloadavg()[0], 2),
        "cases": merged(rounds),
    }
    print(json.dumps(line))
    if not given.dry:
        with HISTORY.open("a") as history:
            history.write(json.dumps(line) + "\n")
        write_page()


def _words(cases: list[Case]) -> str:
    each = (f"{c['server']} {c['listeners']}: {c['us']:.1f} µs/ls" for c in cases)
    return ", ".join(each)


if __name__ == "__main__":
    main()
