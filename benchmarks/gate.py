"""The network gate: speech through loss, jitter and stalls, beside libwebrtc, with a quality score.

    python -m benchmarks.gate [--quick] [--seeds 5] [--no-mos]

Our path runs through every network in virtual time (jitter buffer and decoder as on stage), and
through the telling ones over real UDP, where libwebrtc (`reactor-webrtc`) gets the same packets
and the same faults. That is the down link as well: Chromium's receiver is this libwebrtc.
"""

import argparse
import concurrent.futures
import json
import multiprocessing
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from benchmarks import bench
from benchmarks.bench import Bench
from benchmarks.figures import Case
from benchmarks.gate_cells import REAL, VIRTUAL, adaptation, judged, play, virtual
from benchmarks.gate_mos import SCORED_S, score
from benchmarks.links import Faults
from benchmarks.listening import RATE, Samples
from benchmarks.speech import coded, speech

ENGINES = ("ours", "theirs")
REAL_S = 20
REAL_DEADLINE_S = 90.0
SCORED_SEEDS = 1
"""In virtual time, where a score takes longer than a minute of speech; over UDP all are."""
SUMS = {
    "drops": "drops", "drops_most": "drops", "latency_ms": "latency_ms", "mos": "mos",
    "latency_p95_ms": "latency_p95_ms", "recovery_ms": "recovery_ms", "lost": "lost",
    "fec": "fec", "depth_ms": "depth_ms",
}  # fmt: skip
"""What is kept of a cell, and of which figure of its seeds it is made."""
MEANS = frozenset({"drops", "mos", "lost", "fec"})
MOSTS = frozenset({"drops_most", "recovery_ms"})
Scores = dict[tuple[str, str, int], Samples]


def summed(faults: Faults, cases: Sequence[Case]) -> Case:
    """Means over the seeds of what is counted, medians of what is timed, the most of the worst."""
    whole: Case = {"cell": faults.name}
    for name, source in SUMS.items():
        values = [case[source] for case in cases if source in case]
        if not values:
            continue
        of = statistics.mean if name in MEANS else max if name in MOSTS else statistics.median
        whole[name] = round(float(of(values)), 2)
    return whole


def real(folder: Path, seed: int) -> dict[str, dict[str, Samples]]:
    """The tapes of both engines over UDP, each in a process and on a core of its own."""
    cells = [
        {"key": one.name, "faults": asdict(one), "seed": seed, "seconds": REAL_S} for one in REAL
    ]
    running = {}
    for engine in ENGINES:
        command = [sys.executable, "-m", "benchmarks.gate_rtc", engine, json.dumps(cells)]
        out = folder / f"{engine}-{seed}.npz"
        running[engine] = (subprocess.Popen([*command, str(out)]), out)
    tapes = {}
    for engine, (process, out) in running.items():
        if process.wait(REAL_DEADLINE_S):
            sentence = f"benchmarks.gate_rtc {engine} ended with {process.returncode}."
            raise SystemExit(sentence)
        with np.load(out) as found:
            tapes[engine] = {key: found[key] for key in found}
    return tapes


def all_real(folder: Path, seeds: range, scores: Scores) -> tuple[list[Case], Case]:
    """Both engines over UDP: a case for each network and engine, and the CPU of each engine."""
    said = speech(REAL_S)
    found: dict[tuple[str, str], list[Case]] = {}
    cpu: dict[str, list[float]] = {engine: [] for engine in ENGINES}
    for seed in seeds:
        for engine, tapes in real(folder, seed).items():
            cpu[engine].append(float(tapes["cpu"][0]))
            for faults in REAL:
                case = judged(said, tapes[faults.name], faults)
                found.setdefault((engine, faults.name), []).append(case)
                scores[engine, faults.name, seed] = aligned(tapes[faults.name], case)
        print(f"UDP, seed {seed}: done", flush=True)
    cases = [
        {"engine": engine, **summed(faults, found[engine, faults.name])}
        for engine in ENGINES
        for faults in REAL
    ]
    return cases, {engine: round(statistics.median(values), 4) for engine, values in cpu.items()}


def all_virtual(seeds: range, seconds: int, scores: Scores) -> tuple[list[Case], Case]:
    """Our path through every network, and how its delay follows a network that changes."""
    said = speech(seconds)
    packets = coded(said)
    cases = []
    for faults in VIRTUAL:
        cells = [virtual(said, packets, faults, seed) for seed in seeds]
        cases.append(summed(faults, cells))
        for seed, case in list(zip(seeds, cells, strict=True))[:SCORED_SEEDS]:
            scores["virtual", faults.name, seed] = aligned(play(packets, faults, seed).tape, case)
        print(cases[-1], flush=True)
    said = speech(60)
    packets = coded(said)
    changes = [adaptation(said, packets, seed) for seed in seeds]
    return cases, {
        key: round(statistics.median(one[key] for one in changes), 1) for key in changes[0]
    }


def aligned(tape: Samples, case: Case) -> Samples:
    """The beginning of a tape, for the score."""
    start = max(0, round(case["latency_ms"] * RATE / 1e3))
    return tape[start : start + SCORED_S * RATE]


def rated(scores: Scores, workers: int) -> dict[tuple[str, str], float]:
    """The mean score of each engine in each network."""
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(workers, context) as pool:
        values = list(pool.map(score, scores.values()))
    groups: dict[tuple[str, str], list[float]] = {}
    for (engine, cell, _), value in zip(scores, values, strict=True):
        groups.setdefault((engine, cell), []).append(value)
    return {key: round(statistics.mean(group), 2) for key, group in groups.items()}


def measure(kit: Bench, given: argparse.Namespace) -> Case:
    """Everything; what is missing on this machine is left out and said."""
    seeds = range(1, 1 + (given.seeds or (2 if given.quick else 5)))
    seconds = 20 if given.quick else 60
    scores: Scores = {}
    left_out = []
    cases, change = all_virtual(seeds, seconds, scores)
    over_udp: list[Case] = []
    cpu: Case = {}
    if find_spec("reactor_webrtc"):
        over_udp, cpu = all_real(kit.folder, seeds, scores)
    else:
        left_out.append("libwebrtc and UDP: `reactor-webrtc` is not installed (`make bench`)")
    if given.no_mos:
        left_out.append("the quality score (`--no-mos`)")
    elif not find_spec("visqol"):
        left_out.append("the quality score: `visqol-python` is not installed (`make bench`)")
    else:
        marks = rated(scores, workers=2)
        for case in cases:
            case["mos"] = marks["virtual", case["cell"]]
        for case in over_udp:
            case["mos"] = marks[case["engine"], case["cell"]]
    return {
        "seeds": len(seeds),
        "seconds": seconds,
        "real_seconds": REAL_S,
        "virtual": cases,
        "real": over_udp,
        "change": change,
        "cpu_s": cpu,
        "left_out": left_out,
    }


def main() -> None:
    """Measure, keep the line, write the page."""
    parser = bench.options(__doc__)
    parser.add_argument("--seeds", type=int, help="of every network (5; quick: 2)")
    parser.add_argument("--no-mos", action="store_true", help="without the quality score")
    given = parser.parse_args()
    bench.run("gate", lambda kit: measure(kit, given), dry=given.dry)


if __name__ == "__main__":
    main()
