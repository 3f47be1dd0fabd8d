"""The programs of a benchmark, each on its core: crowds of listeners, and the bare C loop."""

import argparse
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import figures, machine, pages
from benchmarks.figures import Case

MESSAGE_MS = 320 / 3
"""A message of 5,120 samples; ticks are whole messages."""
SETTLE_S = 1.0
"""Between the last join and the measured stretch."""
TAIL_S = 1.0
"""The crowd stays this much longer, so that its leaving is not measured."""
JOINS_PER_S = 2_000


@dataclass(frozen=True)
class Crowd:
    """What a crowd asks for; `words` are further options of crowd.c."""

    port: int
    path: str
    listeners: int
    seconds: float
    gap_ms: float = 640
    joins_per_s: float = JOINS_PER_S
    words: tuple[str, ...] = ()
    program: str = "crowd"

    def command(self, program: Path) -> list[str]:
        """Its command line."""
        numbers = (self.listeners, self.joins_per_s, self.seconds, self.gap_ms)
        address = ("127.0.0.1", str(self.port), self.path)
        return [str(program), *self.words, *address, *map(str, numbers)]


class Bench:
    """Compiled programs in a folder, one core for the server and one for all else."""

    def __init__(self, folder: Path) -> None:
        self.server_core, self.load_core = machine.two_cores()
        self.folder = folder
        self._programs: dict[str, Path] = {}

    def program(self, name: str) -> Path:
        """The path of a program, compiled when it is first wanted."""
        if name not in self._programs:
            self._programs[name] = machine.build(name, self.folder)
        return self._programs[name]

    @contextmanager
    def crowd(self, crowd: Crowd) -> Iterator["Running"]:
        """A crowd that has been started; it ends by itself, or with the block."""
        with self.start(crowd.command(self.program(crowd.program)), self.load_core) as process:
            yield Running(process)

    def heard(self, crowd: Crowd, during: Callable[[], Case]) -> tuple[Case, Case]:
        """Let a crowd join, run `during` while it listens; its result, and what the crowd saw."""
        with self.crowd(crowd) as running:
            running.joined(crowd.listeners)
            time.sleep(SETTLE_S)
            result = during()
            return result, running.line()

    def floor(self, crowd: Crowd, tick_messages: int, tick_bytes: int, seconds: float) -> Case:
        """Cost of the bare loop with this crowd, at this tick, staggered like an edge's buckets."""
        tick_ms = tick_messages * MESSAGE_MS
        shape = [f"{tick_ms:.3f}", str(tick_bytes), str(tick_messages), str(SETTLE_S + seconds)]
        command = [str(self.program("floor")), "0", str(crowd.listeners), *shape]
        with self.start(command, self.server_core) as process:
            loop = Running(process)
            there = Crowd(loop.line()["port"], "/", crowd.listeners, crowd.seconds, crowd.gap_ms)
            own, _ = self.heard(there, loop.line)
        rate = own["writes"] / own["seconds"] / crowd.listeners
        late = round(own["late_us_max"] / 1e3, 1)
        return {"us": own["us_per_listener_second"], "writes_per_ls": rate, "late_ms_max": late}

    @contextmanager
    def start(self, command: list[str], core: int) -> Iterator["subprocess.Popen[str]"]:
        """A process of ours on one core; killed at the end if it still runs."""
        with on_core(core):
            process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate()


class Running:
    """A program of the benchmark, by the JSON lines that it prints."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def line(self) -> Case:
        """Its next line."""
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            machine.stop("A program of the benchmark ended without its figures; see above.")
        result: Case = json.loads(line)
        return result

    def joined(self, listeners: int) -> Case:
        """The line that says that everybody has joined; otherwise the benchmark ends."""
        line = self.line()
        if line["failed"]:
            self._process.kill()
            machine.stop(f"{line['failed']} of {listeners} listeners could not join.")
        return line

    def phase(self, number: int) -> None:
        """Return when phase `number` begins."""
        while self.line().get("phase") != number:
            pass

    def last(self) -> Case:
        """The sums, whatever lines come before."""
        line = self.line()
        while "listeners" not in line:
            line = self.line()
        return line


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """What is started in the block runs on `core`."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def options(words: str | None) -> argparse.ArgumentParser:
    """The options that every benchmark has."""
    parser = argparse.ArgumentParser(description=(words or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a small subset, for a look")
    parser.add_argument("--dry", action="store_true", help="print, and keep no history")
    return parser


def run(kind: str, measure: Callable[[Bench], dict[str, Any]], *, dry: bool) -> None:
    """Measure in a folder of its own, print the line, keep it, and write its page anew."""
    with tempfile.TemporaryDirectory(prefix="rostra-bench-") as name:
        Path(name).chmod(0o755)  # peers give up root and still read their files
        line = figures.line_of(kind, measure(Bench(Path(name))))
    print(json.dumps(line))
    if not dry:
        figures.keep(line)
        pages.write(kind)
