"""A real house for a benchmark: `rostra demo` with one edge, its processes and their cost."""

import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any, Final, Self

from benchmarks.machine import cpu_s, stop

from rostra.app.config import Settings

NO_SETTINGS: Final[Mapping[str, str]] = MappingProxyType({})
START_S = 60.0
"""From command to a space on the air, on a busy machine."""
STOP_S = 10.0
EDGE_ADMIN_OFFSET = 210
"""The first edge's metrics, counted from the house's port (docs/ARCHITECTURE.md)."""


class DemoHouse:
    """Runs in a folder of its own; use as a context manager. Everything starts on `core`.

    `settings` are `ROSTRA_` variables beyond the defaults.
    """

    def __init__(
        self, folder: Path, core: int, settings: Mapping[str, str] = NO_SETTINGS, edges: int = 1
    ) -> None:
        self.port = free_block(edges)
        own = {"ROSTRA_EDGE__COUNT": str(edges), "ROSTRA_WATCH__ON": "false"}
        self._settings = {**settings, **own}
        self.space = ""
        self._folder = folder
        self._core = core
        self._log: IO[bytes] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._log = (self._folder / "house.log").open("w+b")
        before = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {self._core})
        try:
            self._process = subprocess.Popen(
                [*_ROSTRA, "demo", "--data", str(self._folder / "data"), "--port", str(self.port)],
                stdout=self._log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self._settings},
            )
        finally:
            os.sched_setaffinity(0, before)
        self.space = self._wait_for_space()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(STOP_S)
        if self._log is not None:
            self._log.close()

    def _wait_for_space(self) -> str:
        until = time.monotonic() + START_S
        path = self._folder / "house.log"
        while time.monotonic() < until:
            text = path.read_text(errors="replace")
            found = re.search(r"Listen to the demo:\s+\S+/s/(\S+)", text)
            if found:
                return found[1]
            if self._process is not None and self._process.poll() is not None:
                break
            time.sleep(0.1)
        self.__exit__()
        last = path.read_text(errors="replace").splitlines()[-8:]
        return stop("The house did not come on the air:\n" + "\n".join(last))

    def rostra(self, *words: str) -> str:
        """What the command `rostra WORDS` prints of this house."""
        command = [*_ROSTRA, *words, "--data", str(self._folder / "data")]
        return subprocess.check_output(command, text=True)

    @staticmethod
    def knows_tickets() -> bool:
        """Whether this tree mints listening tickets."""
        command = [*_ROSTRA, "space", "ticket", "--help"]
        return subprocess.run(command, check=False, capture_output=True).returncode == 0

    def ticket(self) -> str:
        """A listening ticket for the space, or nothing where there are none."""
        if not self.knows_tickets():
            return ""
        found = re.search(r"Ticket:\s+(\S+)", self.rostra("space", "ticket", self.space))
        return found[1] if found else stop("`rostra space ticket` printed no ticket.")

    def pids(self) -> dict[str, int]:
        """The process of each role, by `rostra ps`."""
        return {row["role"]: row["pid"] for row in self._rows()}

    def edge_pids(self) -> list[int]:
        """The process of each edge."""
        return [row["pid"] for row in self._rows() if row["role"] == "edge"]

    def _rows(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = json.loads(self.rostra("ps", "--json"))
        return rows

    def edge_port(self, index: int = 0) -> int:
        """Where listeners reach an edge directly."""
        return self.port + 1 + index

    def edge_counters(self, index: int = 0) -> dict[str, float]:
        """An edge's own counters, by name."""
        url = f"http://127.0.0.1:{self.port + EDGE_ADMIN_OFFSET + index}/metrics"
        with urllib.request.urlopen(url, timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        pairs = (line.split(" ") for line in lines if line.startswith("rostra_edge_"))
        return {pair[0]: float(pair[1]) for pair in pairs if "{" not in pair[0]}


def knows(setting: str) -> bool:
    """Whether this tree has a setting, such as `edge.ticks`."""
    model: Any = Settings
    for name in setting.split(".")[:-1]:
        model = model.model_fields[name].annotation
    return setting.rpartition(".")[2] in model.model_fields


_ROSTRA = [sys.executable, "-m", "rostra"]


def free_block(edges: int = 1) -> int:
    """A port whose neighbours that a house takes are free too."""
    admin = (EDGE_ADMIN_OFFSET + index for index in range(edges))
    offsets = (*range(edges + 2), 200, 201, 202, *admin)
    chance = random.Random()  # noqa: S311 - only spreads houses over ports
    while True:
        port = chance.randrange(20_000, 30_000)
        if all(_free(port + offset) for offset in offsets):
            return port


def _free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class Cost:
    """CPU of some processes over a stretch of time, from the kernel's account of them."""

    def __init__(self, *pids: int) -> None:
        self._pids = pids
        self._from_s = self._cpu_s()
        self._at_s = time.monotonic()

    def _cpu_s(self) -> float:
        return sum(map(cpu_s, self._pids))

    def spent_s(self) -> float:
        """CPU seconds since this was made."""
        return self._cpu_s() - self._from_s

    def us_per_listener_second(self, listeners: int) -> float:
        """Microseconds per listener and second since this was made."""
        seconds = time.monotonic() - self._at_s
        return self.spent_s() * 1e6 / seconds / listeners
