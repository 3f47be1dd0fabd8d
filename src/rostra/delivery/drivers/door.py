"""The edge's door: accepts connections in batches, and stays shut when it must."""

import errno
import socket
import sys
from collections.abc import Callable
from typing import Final

import structlog

from rostra.delivery.drivers import poller
from rostra.delivery.drivers.poller import Poller
from rostra.delivery.service import Now

ACCEPT_BATCH_MAX: Final = 128
"""Connections accepted in one turn, so that a crowd at the door does not delay a tick."""

ACCEPT_PAUSE_NS: Final = 100_000_000
"""Without free file handles the door is left alone for this long instead of spinning."""

_EXHAUSTED: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})

_log = structlog.get_logger("edge")


class Door:
    """One listening socket; `admit(sock, address, now)` takes each connection."""

    def __init__(
        self,
        server: socket.socket,
        watch: Poller,
        admit: Callable[[socket.socket, str, Now], None],
    ) -> None:
        self._server = server
        self._poller = watch
        self.admit = admit
        self._shut_ns = 0
        self._poller.add(server.fileno(), poller.READ)

    def fileno(self) -> int:
        """What the loop watches."""
        return self._server.fileno()

    @property
    def opens_ns(self) -> int:
        """When it opens again, in the far future while it is open."""
        return self._shut_ns or sys.maxsize

    def shut(self, until_ns: int) -> None:
        """Accept nobody until `open`, or until then."""
        if not self._shut_ns:
            self._poller.remove(self._server.fileno())
        self._shut_ns = until_ns

    def open(self) -> None:
        """Accept whoever waits."""
        if self._shut_ns:
            self._shut_ns = 0
            self._poller.add(self._server.fileno(), poller.READ)

    def sweep(self, now: Now) -> None:
        """Open it again when its time has come."""
        if now.mono_ns >= self._shut_ns:
            self.open()

    def accept(self, now: Now, at_most: int = ACCEPT_BATCH_MAX) -> None:
        """Take the connections that wait, at most so many of them."""
        for _ in range(at_most):
            try:
                sock, address = self._server.accept()
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno in _EXHAUSTED:
                    _log.error(
                        "no file handles left", error=error.strerror, remedy="raise ulimit -n"
                    )
                    self.shut(now.mono_ns + ACCEPT_PAUSE_NS)
                    return
                continue  # the peer left between its knock and our answer
            self.admit(sock, address[0], now)
