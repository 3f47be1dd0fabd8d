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


PROGRAMS = {
    "floor": ("floor.c",),
    "crowd": ("crowd.c", "kit.c", "plain.c"),
    "crowd_tls": ("crowd.c", "kit.c", "tls.c", "-lssl", "-lcrypto"),
    "crowd_hls": ("crowd_hls.c", "kit.c"),
    "sendloop.so": ("sendloop.c", "-shared", "-fPIC"),
}
"""Each program of the benchmarks, with what it is made of."""

C_FLAGS = ("-O2", "-Wall", "-Wextra", "-Werror")


def stop(sentence: str) -> NoReturn:
    """End the benchmark with the reason."""
    print(sentence, file=sys.stderr)
    raise SystemExit(2)


def build(name: str, into: Path) -> Path:
    """Compile a program of `PROGRAMS`; its path."""
    compiler = shutil.which("cc")
    if compiler is None:
        stop("There is no C compiler `cc` on PATH; on Debian: apt install gcc libc6-dev.")
    program = into / name
    words = [word if word[0] == "-" else str(HERE / word) for word in PROGRAMS[name]]
    subprocess.run([compiler, *C_FLAGS, "-o", str(program), *words], check=True)
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


def family(pid: int) -> list[int]:
    """A process and all its descendants."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in family(int(child)))]


def memory_kib(pid: int) -> dict[str, int]:
    """What a process holds by `smaps_rollup`: `pss`, and `uss` that is its alone."""
    rows = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    held = {row.split(":")[0]: int(row.split()[1]) for row in rows}
    return {"pss": held["Pss"], "uss": held["Private_Clean"] + held["Private_Dirty"]}


def kernel_kib() -> dict[str, int]:
    """Kernel memory of sockets: the slab, and what TCP accounts as buffered."""
    rows = Path("/proc/meminfo").read_text().splitlines()
    slab = next(int(row.split()[1]) for row in rows if row.startswith("Slab:"))
    words = Path("/proc/net/sockstat").read_text().partition("TCP:")[2].split()
    pages = int(words[words.index("mem") + 1])
    return {"slab": slab, "tcp_buffers": pages * os.sysconf("SC_PAGE_SIZE") // 1024}


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
