"""The house's watch: found alive or started, kept alive, and ended only when the house is told to.

It has a session of its own and no tie to its parent: a house that is killed leaves it running, and
the next one finds it by its record.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog

from rostra.app.backoff import Backoff
from rostra.app.config import Settings
from rostra.app.house_state import ProcessState
from rostra.app.keeper import PROBE_EVERY_S, START_PROBE_EVERY_S, probe
from rostra.app.watch_record import OF_HOUSE, ROLE, WatchRecord, fits, read_record

PATIENCE_S: Final = 3.0
"""A watch ends within this time when asked; it answers requests under way for two seconds."""
LOOK_S: Final = 0.05
"""How often it is looked whether a process that was asked to end has ended."""
SAID_BYTES_MAX: Final = 4_096
"""What is read of the last words of a watch that could not begin; they are one sentence."""

_log = structlog.get_logger("house")


class WatchKeeper:
    """The watch beside one house."""

    def __init__(self, settings: Settings, argv: tuple[str, ...]) -> None:
        self.restarts = 0
        self.healthy = False
        self._settings = settings
        self._argv = argv
        self._process: subprocess.Popen[bytes] | None = None
        self._record: WatchRecord | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to keep it alive."""
        self._task = asyncio.create_task(self._keep())

    @property
    def state(self) -> ProcessState:
        """What `rostra ps` shows."""
        if self._process is not None:
            pid = self._process.pid if self._process.poll() is None else 0
        else:
            pid = self._record.pid if self._record is not None and self._record.alive else 0
        page = f"{self._settings.watch_url}/status"
        address = page if self._record is None else self._record.address
        return ProcessState(ROLE, pid, address, self.healthy and pid > 0, self.restarts)

    async def end(self) -> None:
        """End the watch with the house, unless somebody else started it."""
        await self.leave()
        record = read_record(self._settings)
        if self._process is not None and self._process.poll() is None:
            await _end(self._process.pid, self._gone)
        elif record is not None and record.of_house:
            await _end(record.pid, lambda: not record.alive)

    async def leave(self) -> None:
        """Keep it no longer, and let it live."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _gone(self) -> bool:
        return self._process is None or self._process.poll() is not None

    async def _keep(self) -> None:
        backoff = Backoff()
        while True:
            began_s = time.monotonic()
            try:
                why = await self._one_life()
            except OSError as error:  # no memory, no handle, or its program is just being replaced
                why = f"it cannot be started: {error.strerror or error}"
            self.healthy = False
            backoff = backoff.after_death(time.monotonic() - began_s)
            self.restarts += 1
            _log.warning(
                f"the watch ended ({why}); it is started again",
                process=ROLE,
                after_s=backoff.delay_s,
                restarts=self.restarts,
            )
            await asyncio.sleep(backoff.delay_s)

    async def _one_life(self) -> str:
        """Find a watch or start one, and return when it has ended; why, as far as known."""
        self._record = await self._found()
        if self._record is None:
            self._process = self._started()
        every_s = START_PROBE_EVERY_S
        while True:
            if self._process is not None and self._process.poll() is not None:
                why = self._last_words(self._process.returncode)
                self._process = None
                return why
            if self._record is not None and not self._record.alive:
                return f"process {self._record.pid} is gone"
            self.healthy = await probe(f"http://127.0.0.1:{self._health_port}/healthz")
            if self.healthy:
                every_s = PROBE_EVERY_S
            await asyncio.sleep(every_s)

    @property
    def _health_port(self) -> int:
        kept = self._record
        return kept.health_port if kept is not None else self._settings.watch_health_port

    async def _found(self) -> WatchRecord | None:
        """A living watch that this house may keep; one that is of yesterday is ended first."""
        record = read_record(self._settings)
        if record is None:
            return None
        if fits(record, self._settings) or not record.of_house:
            _log.info("the watch runs already and is kept", process=ROLE, pid=record.pid)
            return record
        _log.info(
            "the watch runs with other settings or another version: it is started anew",
            process=ROLE,
            pid=record.pid,
        )
        await _end(record.pid, lambda: not record.alive)
        return None

    def _started(self) -> subprocess.Popen[bytes]:
        with self._words.open("wb") as words:
            return subprocess.Popen(  # noqa: S603 - our own command
                self._argv,
                env={**os.environ, OF_HOUSE: "1"},
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
                start_new_session=True,
            )

    @property
    def _words(self) -> Path:
        """Where a watch says why it cannot begin: its log is its own from then on."""
        return self._settings.data / "log" / "watch.start.log"

    def _last_words(self, code: int) -> str:
        how = f"exit code {code}" if code >= 0 else f"signal {-code}"
        with contextlib.suppress(OSError), self._words.open("rb") as words:
            said = words.read(SAID_BYTES_MAX).decode(errors="replace").strip()
            return f"{how}: {said.splitlines()[-1]}" if said else how
        return how


async def _end(pid: int, gone: Callable[[], bool]) -> None:
    """Ask a process to end, and make it after `PATIENCE_S`."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGTERM)
    if await _comes(gone):
        return
    _log.warning("did not end when asked, so it was made to", process=ROLE)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)
    await _comes(gone)


async def _comes(gone: Callable[[], bool]) -> bool:
    """Whether it happens within `PATIENCE_S`; of another's child no event tells."""
    deadline_s = time.monotonic() + PATIENCE_S
    while not gone() and time.monotonic() < deadline_s:  # noqa: ASYNC110 - as said
        await asyncio.sleep(LOOK_S)
    return gone()
