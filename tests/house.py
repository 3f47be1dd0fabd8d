"""A whole house for tests: started as a user does, on a block of ports of its own."""

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

ROOT = Path(__file__).resolve().parents[1]
READY_WAIT_S = 30.0
END_WAIT_S = 10.0
WAIT_S = 15.0
BLOCKS = range(10_000, 31_000, 250)
OPEN_LINE = "Rostra is open at "
MARK = "HOUSE_OF_A_TEST"
"""A variable that all processes of one house inherit, however they are related."""


@dataclass(frozen=True)
class Created:
    """A space as `rostra space create --json` tells of it."""

    id: str
    listen_url: str
    host_url: str
    speaker_url: str


class House:
    """Start it, stop it, ask it; its log is in `log_path`.

    `before` is put before its command line, as `nice` would be. A watch beside it only where
    `watch` says so: it would cost every house a second of a core.
    """

    def __init__(
        self,
        folder: Path,
        *,
        edges: int = 2,
        command: str = "serve",
        before: tuple[str, ...] = (),
        watch: bool = False,
    ) -> None:
        self.data = folder / "data"
        self.log_path = folder / "house.log"
        self.port = free_block()
        self.origin = f"http://localhost:{self.port}"
        self.ready_s = 0.0
        self.printed: list[str] = []
        self.created: list[str] = []
        self.process: subprocess.Popen[str] | None = None
        self._command = command
        self._before = before
        self._environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT / "src"),
            "ROSTRA_EDGE__COUNT": str(edges),
            "ROSTRA_LOG": "json",
            "ROSTRA_WATCH__ON": str(watch).lower(),
            MARK: str(self.data),
        }

    def start(self, last_line: str = OPEN_LINE) -> None:
        """Return when it has printed a line that begins with `last_line`."""
        began = time.monotonic()
        self.launch()
        self._await_line(last_line, began + READY_WAIT_S)
        self.ready_s = time.monotonic() - began

    def launch(self) -> None:
        """Start it and wait for nothing."""
        arguments = [self._command, "--data", str(self.data), "--port", str(self.port)]
        with self.log_path.open("a") as log:
            self.process = subprocess.Popen(
                [*self._before, sys.executable, "-m", "rostra", *arguments],
                env=self._environment,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                cwd=self.log_path.parent,
            )

    def _await_line(self, beginning: str, deadline: float) -> None:
        assert self.process is not None
        assert self.process.stdout is not None
        killer_s = max(deadline - time.monotonic(), 0.1)
        with _alarm(killer_s, self.process):
            for line in self.process.stdout:
                self.printed.append(line.rstrip())
                if line.startswith(beginning):
                    return
        pytest.fail(f"The house did not open:\n{self.log()}")

    def stop(self, number: int = signal.SIGINT) -> int:
        """End it as Ctrl-C does; its exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(END_WAIT_S)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            if self.process.stdout is not None:
                self.process.stdout.close()

    def cli(self, *arguments: str, data: bool = True) -> subprocess.CompletedProcess[str]:
        """Run `rostra ARGUMENTS --data DATA` and return what it printed and its exit code."""
        where = ["--data", str(self.data)] if data else []
        return subprocess.run(
            [sys.executable, "-m", "rostra", *arguments, *where],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            cwd=self.log_path.parent,
        )

    def create_space(self, title: str = "Tea", at: str = "now") -> Created:
        """A space, live at once unless `at` says otherwise."""
        done = self.cli("space", "create", "--title", title, "--at", at, "--json")
        assert done.returncode == 0, done.stderr
        made = Created(**json.loads(done.stdout))
        self.created.append(made.id)
        return made

    def end(self, *spaces: str) -> None:
        """End spaces that may be over already: a programme that runs on takes 3 % of a core."""
        token = (self.data / "secrets" / "operator.token").read_text().strip()
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(headers=headers, timeout=WAIT_S, trust_env=False) as desk:
            for space in spaces:
                answer = desk.post(f"{self.origin}/api/v1/spaces/{space}/end")
                # Over already: said by the studio, or by nobody, who has let it go.
                assert answer.status_code in {200, 409, 503}, answer.text

    def running(self) -> list[str]:
        """The spaces that are not over."""
        lists = httpx.get(f"{self.origin}/api/v1/spaces", timeout=WAIT_S, trust_env=False).json()
        return [space["id"] for space in lists["live"] + lists["coming"]]

    def ps(self) -> list[dict[str, Any]]:
        """The processes as `rostra ps --json` lists them."""
        done = self.cli("ps", "--json")
        assert done.returncode == 0, done.stderr
        rows: list[dict[str, Any]] = json.loads(done.stdout)
        return rows

    @contextlib.contextmanager
    def without(self, role: str) -> Iterator[None]:
        """Kill a role and keep it dead for the length of a block; after it the role is back.

        The house's own process is held still, so that nothing is started again.
        """
        assert self.process is not None
        pid = self._alive(role)
        self.process.send_signal(signal.SIGSTOP)
        try:
            os.kill(pid, signal.SIGKILL)
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)
            until(lambda: self._alive(role) not in {0, pid})

    def clear(self) -> None:
        """Stop it where it runs, and kill what outlives it, as its watch does."""
        if self.process is not None:
            self.stop()
        _kill(*self.everyone())

    def kill_all_but(self, role: str) -> None:
        """Kill serve and everything that it started, each by its id, but for one role."""
        kept = next(row["pid"] for row in self.ps() if row["role"] == role)
        assert self.process is not None
        _kill(self.process.pid, *(self.everyone() - {kept}))
        self.process.wait()
        until(lambda: self.everyone() == {kept})

    def _alive(self, role: str) -> int:
        """The process of a healthy role, or 0."""
        rows = [row for row in self.ps() if row["role"] == role and row["healthy"]]
        return int(rows[0]["pid"]) if rows else 0

    def everyone(self) -> set[int]:
        """Every living process of this house, orphans too, zombies and commands not."""
        return {
            process.pid
            for process in psutil.process_iter()
            if _environment_of(process).get(MARK) == str(self.data)
        }

    def log(self) -> str:
        """Everything that was logged so far."""
        return self.log_path.read_text()


def _kill(*pids: int) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _environment_of(process: psutil.Process) -> dict[str, str]:
    with contextlib.suppress(psutil.Error):
        if process.status() != psutil.STATUS_ZOMBIE:
            return process.environ()
    return {}


def free_block() -> int:
    """A base port whose block (P to P+8, P+100, P+200 to P+230) is free, at random."""
    blocks = list(BLOCKS)
    random.shuffle(blocks)
    for base in blocks:
        if all(_free(base + step) for step in (*range(9), 100, *range(200, 231))):
            return base
    pytest.fail("No block of ports is free on this machine.")


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("0.0.0.0", port))  # noqa: S104 - as the front door does
        except OSError:
            return False
    return True


def until(true: Callable[[], Any], wait_s: float = WAIT_S) -> Any:  # noqa: ANN401 - what it found
    """What `true` gives, once that is something; fails after `wait_s`."""
    deadline = time.monotonic() + wait_s
    while True:
        found = true()
        if found:
            return found
        assert time.monotonic() < deadline, f"still not after {wait_s} s: {true}"
        time.sleep(0.05)


@contextlib.contextmanager
def _alarm(after_s: float, process: subprocess.Popen[str]) -> Iterator[None]:
    """Kill a process that says nothing, so that reading from it ends."""
    timer = threading.Timer(after_s, process.kill)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
