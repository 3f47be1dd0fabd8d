"""Reports: 500 a second for a minute, none lost, beside the page; killed; and a forged flood.

    python -m benchmarks.reports [--quick] [--forged]

The watch is on one core, reporters and readers on the other. Every acknowledged report must be in
its store afterwards, also when the watch is killed (SIGKILL) in the middle.
"""

import contextlib
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import altcha
import httpx
from benchmarks import bench, machine
from benchmarks.bench import Bench, Running
from benchmarks.figures import Case
from benchmarks.report_watch import health_port

from rostra.app.watch_engine import LOOK_EVERY_S
from rostra.store.watch_opening import open_watch_store
from rostra.watch.drivers.proof import Proofs

PER_SECOND = 500
SECONDS = 60.0
READS_PER_SECOND = 20.0
FORGED = 10_000
PAGE = "/status"
QUIET = ("page", "stream", "desk")
BEGIN_S = 60.0
"""A watch begins in some seconds, on a crowded machine in twenty."""


def free_port() -> int:
    """A port that nobody has at the moment, below those that the system gives away."""
    while True:
        port = random.randrange(12_000, 30_000)  # noqa: S311 - no secret
        with contextlib.suppress(OSError), contextlib.ExitStack() as held:
            for one in (port, health_port(port)):
                held.enter_context(socket.create_server(("127.0.0.1", one)))
            return port


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
            self._await_well()
            yield process
            process.send_signal(signal.SIGTERM)
            process.wait(20)

    def _await_well(self) -> None:
        deadline = time.monotonic() + BEGIN_S
        while time.monotonic() < deadline:
            with contextlib.suppress(httpx.HTTPError):
                if self._get(health_port(self.port), "/healthz").status_code == httpx.codes.OK:
                    return
            time.sleep(0.1)
        sentence = f"The watch did not begin within {BEGIN_S:.0f} s."
        raise TimeoutError(sentence)

    def _get(self, port: int, path: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{port}{path}", timeout=5, trust_env=False)

    def seen(self) -> dict[str, Case]:
        """What the page says of each component, once it has looked at what was stored."""
        deadline = time.monotonic() + 3 * LOOK_EVERY_S
        while True:
            summary = self._get(self.port, "/status/api/v2/summary.json").json()
            found = {one["id"]: _said(one, summary["incidents"]) for one in summary["components"]}
            if found["stage"]["state"] != "quiet" or time.monotonic() > deadline:
                return found
            time.sleep(0.5)

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
        "lost": max(0, told["acknowledged"] - sum(stored.values())),
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
        seen = watch.seen()
    counts = {name: watch.stored(name) for name in ("stage", *QUIET)}
    return {
        "case": "forged",
        "addresses": addresses,
        **told,
        "by_component": counts,
        "lost": max(0, told["acknowledged"] - sum(counts["stage"].values())),
        "level": seen,
        "proof_ms": proof_ms(5),
    }


def _said(component: Case, incidents: list[Case]) -> Case:
    """Status, reports and probes of a component, and why that is not a failure."""
    said = component["rostra"]
    reasons = [
        reason
        for one in incidents
        if component["id"] in {part["id"] for part in one["components"]}
        for reason in one["rostra"]["attribution"]["reasons"]
    ]
    return {
        "status": component["status"],
        "state": said["reports"]["state"],
        "times": said["reports"]["times_usual"],
        "probes": said["probes"]["state"],
        "reasons": reasons,
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
