"""Reports: 500 a second for a minute, none lost, beside the page; killed; and a forged flood.

    python -m benchmarks.reports [--quick] [--forged]

The watch is on one core, reporters and readers on the other. Every acknowledged report must be in
its store afterwards, also when the watch is killed (SIGKILL) in the middle.
"""

import contextlib
import importlib
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import altcha
from benchmarks import bench, machine
from benchmarks.bench import Bench, Running
from benchmarks.figures import Case

from rostra.store.watch_opening import open_watch_store
from rostra.watch.drivers.proof import Proofs
from rostra.watch.kinds import SLOT_S, Kind, SlotCount

PER_SECOND = 500
SECONDS = 60.0
READS_PER_SECOND = 20.0
FORGED = 10_000
PAGE = "/status"
QUIET = ("page", "stream", "desk")
CALM_WEEKS = 8
CALM_PER_SLOT = 0.05
"""Reports of five minutes in the simulated calm before a flood: about 14 a day."""


def free_port() -> int:
    """A port that nobody has at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


class OneWatch:
    """A watch of the benchmark's own, on the server's core."""

    def __init__(self, kit: Bench, name: str, *words: str) -> None:
        self._kit, self._words = kit, words
        self.folder = kit.folder / name
        self.folder.mkdir()
        self.port = free_port()

    @contextlib.contextmanager
    def open(self) -> Iterator["subprocess.Popen[str]"]:
        """Started, and ended with the block if it still runs."""
        module = [sys.executable, "-m", "benchmarks.report_watch"]
        command = [*module, str(self.folder), str(self.port), *self._words]
        with self._kit.start(command, self._kit.server_core) as process:
            assert process.stdout is not None  # noqa: S101 - a pipe was asked for
            process.stdout.readline()
            yield process
            process.send_signal(signal.SIGTERM)
            process.wait(20)

    def load(self, reports: int, per_second: float, component: str, addresses: int) -> list[str]:
        """The command of its reporters."""
        numbers = (str(self.port), str(reports), str(per_second), component, str(addresses))
        return [sys.executable, "-m", "benchmarks.report_load", *numbers]

    def stored(self, component: str) -> dict[str, int]:
        """What its store holds of a component, by what became of it."""
        store = open_watch_store(self.folder)
        found = store.reports.taken(component, 0)
        store.close()
        return {outcome.value: many for outcome, many in found.items()}


def steady(kit: Bench, name: str, seconds: float, *words: str) -> Case:
    """The load and the readers together; what was acknowledged, and what is there."""
    watch, reports = OneWatch(kit, name, *words), int(PER_SECOND * seconds)
    readers = [sys.executable, "-m", "benchmarks.report_readers", str(watch.port), PAGE]
    with watch.open() as process:
        spent = machine.cpu_s(process.pid)
        looking = [*readers, str(READS_PER_SECOND), str(seconds)]
        with (
            kit.start(watch.load(reports, PER_SECOND, "stage", reports), kit.load_core) as load,
            kit.start(looking, kit.load_core) as readers_process,
        ):
            told, seen = Running(load).line(), Running(readers_process).line()
        spent = machine.cpu_s(process.pid) - spent
    stored = watch.stored("stage")
    return {
        "case": name,
        **told,
        **seen,
        "stored": sum(stored.values()),
        "by_outcome": stored,
        "lost": told["acknowledged"] - sum(stored.values()),
        "core_share": round(spent / told["seconds"], 2),
    }


def killed(kit: Bench, seconds: float) -> Case:
    """The same without readers, and SIGKILL in the middle."""
    watch, reports = OneWatch(kit, "killed", "--no-flood"), int(PER_SECOND * seconds)
    with (
        watch.open() as process,
        kit.start(watch.load(reports, PER_SECOND, "stage", reports), kit.load_core) as load,
    ):
        time.sleep(seconds / 2)
        process.kill()
        told = Running(load).line()
    stored = sum(watch.stored("stage").values())
    return {
        "case": "killed",
        **told,
        "stored": stored,
        "lost": max(0, told["acknowledged"] - stored),
        "kept_unanswered": max(0, stored - told["acknowledged"]),
    }


def forged(kit: Bench, addresses: int, seconds: float) -> Case:
    """A flood on one component, and a few honest reports of the others beside it."""
    watch = OneWatch(kit, "forged")
    flood = watch.load(addresses, addresses / seconds, "stage", addresses)
    with watch.open(), kit.start(flood, kit.load_core) as load:
        for turn, name in enumerate(QUIET):
            quiet = watch.load(2 + turn, 1, name, 2 + turn)
            with kit.start(quiet, kit.load_core) as honest:
                Running(honest).line()
        told = Running(load).line()
    counts = {name: watch.stored(name) for name in ("stage", *QUIET)}
    return {
        "case": "forged",
        "addresses": addresses,
        **told,
        "by_component": counts,
        "lost": told["acknowledged"] - sum(counts["stage"].values()),
        "level": {name: level(watch, name) for name in counts},
        "proof_ms": proof_ms(5),
    }


def level(watch: OneWatch, component: str) -> Case | None:
    """How the watch's rule judges it after weeks of calm; None while the tree has no such rule."""
    try:
        levels: Any = importlib.import_module("rostra.watch.levels")
    except ImportError:
        return None
    now_s = int(time.time())
    store = open_watch_store(watch.folder)
    recent = store.reports.counts(component, now_s - 12 * 3_600, now_s + SLOT_S)
    unproven = store.reports.unproven(component, now_s - 900)
    store.close()
    baseline = levels.fit(calm(now_s), now_s)
    found, _ = levels.judge(baseline, recent, levels.Vigil(), now_s * 1_000_000, unproven)
    keys = ("state", "reports", "unproven")
    return {key: getattr(found, key) for key in keys} | {"times": round(found.times, 1)}


def calm(now_s: int) -> dict[Kind, list[SlotCount]]:
    """Weeks with a few reports a day, from a seed."""
    chance, first = random.Random(6), now_s // SLOT_S * SLOT_S - CALM_WEEKS * 7 * 86_400  # noqa: S311 - a seed
    slots = range(first, now_s - 86_400, SLOT_S)
    return {
        Kind.NO_SOUND: [SlotCount(slot, 1) for slot in slots if chance.random() < CALM_PER_SLOT]
    }


def proof_ms(rounds: int) -> float:
    """How long a challenge takes to solve natively, on the mean."""
    proofs, begin = Proofs(), time.perf_counter()
    for _ in range(rounds):
        altcha.solve_challenge(altcha.Challenge.from_dict(proofs.challenge("stage")))
    return round((time.perf_counter() - begin) / rounds * 1e3, 1)


def measure(kit: Bench, *, quick: bool, only_forged: bool) -> Case:
    """All of it, or the forged flood alone."""
    seconds = 6.0 if quick else SECONDS
    result: Case = {"cases": []}
    if not only_forged:
        result["cases"] = [
            steady(kit, "flood", seconds),
            steady(kit, "all counted", seconds, "--no-flood"),
            killed(kit, seconds),
        ]
    result["forged"] = forged(kit, FORGED // 10 if quick else FORGED, seconds)
    if result["forged"]["level"]["stage"] is None:
        result["left_out"] = ["The level of a forged flood: this tree has no rule for it yet."]
    return result


def main() -> None:
    """Measure, keep the line, write the page."""
    parser = bench.options(__doc__)
    parser.add_argument("--forged", action="store_true", help="the forged flood alone; no history")
    given = parser.parse_args()
    machine.raise_handles(2_000)
    bench.run(
        "reports",
        lambda kit: measure(kit, quick=given.quick, only_forged=given.forged),
        dry=given.dry or given.forged,
    )


if __name__ == "__main__":
    main()
