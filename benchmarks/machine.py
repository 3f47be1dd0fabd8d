"""What a benchmark asks of this machine: cores, handles, a compiler, CPU time of a process."""

import os
import platform
import resource
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

HERE = Path(__file__).parent
ROOT = HERE.parent
HANDLES_RESERVED = 2_000
"""Of an edge's handles, those that are no listener's: its own limit stays below the process's."""


def stop(sentence: str) -> NoReturn:
    """End the benchmark with the reason."""
    print(sentence, file=sys.stderr)
    raise SystemExit(2)


def build(name: str, into: Path) -> Path:
    """Compile `benchmarks/NAME.c`; the program's path."""
    compiler = shutil.which("cc")
    if compiler is None:
        stop("There is no C compiler `cc` on PATH; on Debian: apt install gcc libc6-dev.")
    program = into / name
    source = str(HERE / f"{name}.c")
    subprocess.run([compiler, "-O2", "-Wall", "-Wextra", "-o", str(program), source], check=True)
    return program


def two_cores() -> tuple[int, int]:
    """One core for what is measured, and one for everything else."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        stop("Load and cost are measured on different cores, and this machine gives us one.")
    return cores[0], cores[1]


def raise_handles(listeners: int) -> str:
    """Raise the soft limit of file handles and say in a sentence what limits a run."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard < listeners + HANDLES_RESERVED:
        stop(
            f"{listeners} listeners of one edge need {listeners + HANDLES_RESERVED} file handles, "
            f"and this machine allows {hard} a process. Raise it: ulimit -Hn (as root)."
        )
    return (
        f"This machine allows {hard:,} file handles a process, so that one edge holds at most "
        f"{hard - HANDLES_RESERVED:,} listeners; the crowd forks and is not limited by it."
    )


def pin(pid: int, core: int) -> None:
    """Keep every thread of a process on one core."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(task.name), {core})


def cpu_s(pid: int) -> float:
    """User and system time of a process so far, all threads, in seconds (10 ms steps)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def describe() -> dict[str, str | int]:
    """The machine, as far as figures depend on it; no name, no address."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "cpu": models[0] if models else platform.machine(),
        "cores": os.cpu_count() or 1,
        "kernel": platform.release(),
        "python": platform.python_version(),
    }


def commit() -> str:
    """The tree's commit, with a plus when it has changes."""
    head = _git("rev-parse", "--short=12", "HEAD")
    changes = _git("status", "--porcelain", "--untracked-files=no", "src")
    return head + ("+" if changes else "") if head else "unknown"


def _git(*words: str) -> str:
    command = ["git", "-C", str(ROOT), *words]
    return subprocess.run(command, check=False, capture_output=True, text=True).stdout.strip()
