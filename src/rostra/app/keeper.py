"""Keeps one process alive: starts it, asks how it is, starts it again, ends it."""

import asyncio
import contextlib
import os
import signal
import time
from functools import partial
from typing import Final
from urllib.parse import urlsplit

import structlog

from rostra.app.backoff import Backoff
from rostra.app.children import Child
from rostra.app.foreign_logs import relay
from rostra.app.house_state import ProcessState
from rostra.app.parents import die_with

PROBE_WAIT_S: Final = 2.0
"""A healthy process answers in milliseconds, on a busy machine in tenths of a second."""
PROBE_EVERY_S: Final = 1.0
"""How soon the house knows of a process that lives but is not well."""
START_PROBE_EVERY_S: Final = 0.05
"""While starting: asked often, so that the house is ready as soon as its slowest part."""
DONE: Final = "exit code 0"
"""How a process ends whose work is done."""
LINE_BYTES_MAX: Final = 64 * 1024
"""A foreign line longer than this is a fault; the reader of lines skips it."""

_log = structlog.get_logger("house")


class Keeper:
    """One child of the house, for as long as the house lives."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self.restarts = 0
        self.healthy = False
        self.ready = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None
        self._ending = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to keep it alive."""
        self._task = asyncio.create_task(self._keep())

    @property
    def state(self) -> ProcessState:
        """What `rostra ps` shows."""
        process = self._process
        pid = process.pid if process is not None and process.returncode is None else 0
        return ProcessState(
            self.child.role, pid, self.child.address, self.healthy and pid > 0, self.restarts
        )

    async def end(self, patience_s: float) -> None:
        """Ask it to end; after `patience_s` make it, with all that it started."""
        self._ending = True
        process = self._process
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            try:
                async with asyncio.timeout(patience_s):
                    await process.wait()
            except TimeoutError:
                _log.warning("did not end when asked, so it was made to", process=self.child.role)
            _kill_group(process.pid)
            await process.wait()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _keep(self) -> None:
        backoff = Backoff()
        while not self._ending:
            began = time.monotonic()
            why = await self._outcome()
            if self._ending:
                return
            if self.child.once and why == DONE:
                _log.info(f"{self.child.role} has done its work", process=self.child.role)
                return
            backoff = backoff.after_death(time.monotonic() - began)
            self.restarts += 1
            _log.warning(
                f"{self.child.role} ended ({why}); it is started again",
                process=self.child.role,
                after_s=backoff.delay_s,
                restarts=self.restarts,
            )
            await asyncio.sleep(backoff.delay_s)

    async def _outcome(self) -> str:
        """How one life of the process ended; one that could not begin has ended too."""
        try:
            return _why(await self._live())
        except OSError as error:  # no memory, no handle, or its program is just being replaced
            return f"it cannot be started: {error.strerror or error}"

    async def _live(self) -> int:
        """One life of the process; its exit code."""
        child = self.child
        self._process = process = await asyncio.create_subprocess_exec(
            *child.argv,
            env={**os.environ, **child.environment},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL if child.quiet else None,
            stderr=asyncio.subprocess.PIPE if child.foreign else None,
            limit=LINE_BYTES_MAX,
            start_new_session=True,
            preexec_fn=partial(die_with, os.getpid()),
        )
        helpers = [asyncio.create_task(self._ask())]
        if process.stderr is not None:
            helpers.append(asyncio.create_task(self._relay(process.stderr)))
        try:
            return await process.wait()
        finally:
            self.healthy = False
            for helper in helpers:
                helper.cancel()
            _kill_group(process.pid)

    async def _ask(self) -> None:
        """Ask again and again whether it is well."""
        while True:
            asked = set(self.child.health).difference(self.child.resting())
            answers = await asyncio.gather(*(probe(url) for url in asked))
            self.healthy = all(answers)
            if self.healthy:
                self.ready.set()
            await asyncio.sleep(PROBE_EVERY_S if self.healthy else START_PROBE_EVERY_S)

    async def _relay(self, stream: asyncio.StreamReader) -> None:
        while True:
            try:
                line = await stream.readline()
            except ValueError:  # longer than LINE_BYTES_MAX; the reader has dropped it
                continue
            if not line:
                return
            relay(self.child.role, line.decode(errors="replace"))


async def probe(url: str) -> bool:
    """Whether a plain HTTP GET of `url` is answered with 200 within `PROBE_WAIT_S`."""
    parts = urlsplit(url)
    writer = None
    try:
        async with asyncio.timeout(PROBE_WAIT_S):
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
            head = f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n"
            writer.write(head.encode())
            status = await reader.readline()
    except (OSError, TimeoutError, ValueError):
        return False
    finally:
        if writer is not None:
            writer.close()
    return status.split(b" ", 2)[1:2] == [b"200"]


def _kill_group(pid: int) -> None:
    """End what a process of its own session has left behind."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _why(code: int) -> str:
    if code < 0:
        try:
            return signal.Signals(-code).name
        except ValueError:
            return f"signal {-code}"
    return f"exit code {code}"
