"""A watch alone, started as a person does, on a block of ports of its own."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
from tests.house import READY_WAIT_S, ROOT, free_block, until

STOP_WAIT_S = 10.0
"""What a stop may take before a test fails: its bound of three seconds, and a wide margin."""


class WatchProcess:
    """Start it, ask it, end it; what it logs is in `log_path`."""

    def __init__(self, folder: Path, *arguments: str, **environment: str) -> None:
        self.data = folder / "data"
        self.log_path = folder / "watch.log"
        self.port = free_block()
        self.page = f"http://127.0.0.1:{self.port + 100}"
        self.inside = f"http://127.0.0.1:{self.port + 206}"
        self.process: subprocess.Popen[bytes] | None = None
        self._arguments = arguments
        self._environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT / "src"),
            "ROSTRA_LOG": "json",
            **environment,
        }

    def launch(self) -> subprocess.Popen[bytes]:
        """Start it and wait for nothing."""
        where = ["--data", str(self.data), "--port", str(self.port)]
        with self.log_path.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "rostra", "watch", *where, *self._arguments],
                env=self._environment,
                stderr=log,
                cwd=self.log_path.parent,
            )
        return self.process

    def start(self) -> None:
        """Return when it is well."""
        process = self.launch()
        try:
            until(lambda: process.poll() is not None or healthy(self.inside), READY_WAIT_S)
            assert process.poll() is None, self.log_path.read_text()
        except BaseException:
            process.kill()
            process.wait()
            raise

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End it; its exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(STOP_WAIT_S)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()

    def record(self) -> dict[str, Any]:
        """What it tells of itself."""
        told: dict[str, Any] = json.loads((self.data / "run" / "watch.json").read_text())
        return told


def healthy(base: str) -> bool:
    """Whether a process says that it is well."""
    try:
        return httpx.get(f"{base}/healthz", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False
