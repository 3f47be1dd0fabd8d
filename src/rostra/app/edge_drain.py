"""Empties one edge process: begins, watches it become empty, says goodbye to the rest, ends."""

import threading
import time
from typing import Final

import msgspec
import structlog

from rostra.app.edge_bridge import Bridge
from rostra.delivery.drivers.hall import Hall
from rostra.delivery.drivers.loop import EdgeLoop
from rostra.delivery.service import Now

LOOK_S: Final = 0.25
"""How often it is looked whether anybody is left."""

GOODBYE_S: Final = 2
"""How long listeners may take for their last bytes before the process ends."""

NS_PER_S: Final = 1_000_000_000

_log = structlog.get_logger("edge")


class Drain:
    """The end of one edge in good order; every step runs in the listener loop's own thread."""

    def __init__(self, loop: EdgeLoop, bridge: Bridge) -> None:
        self.done = False
        """It ended because it was drained."""
        self._loop = loop
        self._bridge = bridge
        self._ended = threading.Event()
        self._closing_ns: int | None = None
        self._thread = threading.Thread(target=self._watch, name="drain", daemon=True)

    def ask(self, within_s: int) -> None:
        """Begin, from any thread or signal handler."""

        def begin(hall: Hall, now: Now) -> None:
            self._begin(within_s, hall, now)

        self._loop.inbox.put((begin, time.monotonic_ns()))

    def close(self) -> None:
        """Look no more."""
        self._ended.set()

    @property
    def listening(self) -> int:
        """Open streams, and HLS listeners as they were counted last."""
        return self._loop.listeners + sum(row.hls for row in self._bridge.tally.spaces)

    def _begin(self, within_s: int, hall: Hall, now: Now) -> None:
        if hall.moving.draining:
            return
        hall.moving.begin(within_s, now.mono_ns)
        directory = self._loop.service.directory
        directory.me = msgspec.structs.replace(directory.me, draining=True)
        self._bridge.tell(directory.me)
        _log.info("draining", edge=directory.me.id, within_s=within_s, listening=self.listening)
        self._thread.start()

    def _watch(self) -> None:
        while not self._ended.wait(LOOK_S):
            self._loop.inbox.put((self._look, time.monotonic_ns()))

    def _look(self, hall: Hall, now: Now) -> None:
        hall.moving.pass_time(now.mono_ns)
        if self._closing_ns is None:
            if hall.moving.over(now.mono_ns, self.listening):
                self._goodbye(hall, now)
        elif not self._loop.listeners or now.mono_ns >= self._closing_ns + GOODBYE_S * NS_PER_S:
            self.done = True
            self._loop.stop()

    def _goodbye(self, hall: Hall, now: Now) -> None:
        self._closing_ns = now.mono_ns
        self._loop.keep_door_shut(2 * GOODBYE_S * NS_PER_S)
        if self._loop.listeners:
            _log.info("the rest is sent away", listeners=self._loop.listeners)
        hall.part(now)
