"""One connection until it becomes a listener: heads in, small answers out, deadlines."""

import socket
from collections import deque
from typing import Final

from rostra.delivery.budgets import Over
from rostra.delivery.drivers.requests import RequestReader
from rostra.delivery.service import Request
from rostra.delivery.sources import LOOPBACK, Proxies

NS_PER_S: Final = 1_000_000_000

HEAD_TIMEOUT_S: Final = 10
"""A request head comes in one or two packets; ten seconds forgive a very bad mobile network."""

KEEPALIVE_S: Final = 30
"""An HLS player comes back every two seconds; a page fetches its files at once."""

ANSWER_TIMEOUT_S: Final = 30
"""A small file that is not taken within this time is not wanted: 100 kB at 27 kbit/s."""

LINGER_S: Final = 2
"""How long a peer may take to close after the last answer."""

IGNORED_BYTES_MAX: Final = 64 * 1024
"""What a peer may still send after the last answer; it is thrown away."""


class Connection:
    """A socket in its request phase."""

    __slots__ = (
        "_ignored",
        "asked",
        "deadline_ns",
        "fd",
        "idle",
        "out",
        "over",
        "reader",
        "sock",
        "then_close",
    )

    def __init__(
        self, sock: socket.socket, now_ns: int, address: str = "", proxies: Proxies = LOOPBACK
    ) -> None:
        self.sock = sock
        self.fd = sock.fileno()
        self.reader = RequestReader(address, proxies)
        self.asked: deque[Request] = deque()
        """Requests sent ahead, to be answered in order; the reader bounds them."""
        self.out: memoryview | None = None
        self.over: Over | None = None
        """The budget that it is beyond: only its head is read, in case it has a reserved ticket."""
        self.then_close = False
        """The last answer has been given, or is about to be."""
        self._ignored = 0
        self.idle = False
        """It has been answered and has not begun another request."""
        self.deadline_ns = now_ns + HEAD_TIMEOUT_S * NS_PER_S

    def begun(self, now_ns: int) -> None:
        """Bytes of a request came; the first of them start its clock."""
        if self.idle:
            self.idle = False
            self.deadline_ns = now_ns + HEAD_TIMEOUT_S * NS_PER_S

    def answered(self, now_ns: int) -> None:
        """Everything has been written; the next request may take its time."""
        self.idle = True
        self.deadline_ns = now_ns + KEEPALIVE_S * NS_PER_S

    @property
    def room(self) -> int:
        """How much to read at most."""
        return IGNORED_BYTES_MAX if self.then_close else self.reader.room

    def farewell(self, now_ns: int) -> None:
        """Everything is said: close our side, and wait a little for the peer to close its own.

        Closing at once would reset the connection while the peer still sends, and could take
        the answer back out of its hands (RFC 9112, section 9.6).
        """
        self.sock.shutdown(socket.SHUT_WR)
        self.deadline_ns = now_ns + LINGER_S * NS_PER_S

    def enough(self, count: int) -> bool:
        """`count` bytes came after the last answer; True when the peer does not stop."""
        self._ignored += count
        return self._ignored > IGNORED_BYTES_MAX

    def push(self, data: bytes, now_ns: int) -> int:
        """Write an answer or as much as goes; bytes sent, the rest stays in `out`.

        Raises OSError when the connection is gone.
        """
        try:
            sent = self.sock.send(data)
        except BlockingIOError:
            sent = 0
        if sent < len(data):
            self.out = memoryview(data)[sent:]
            self.deadline_ns = now_ns + ANSWER_TIMEOUT_S * NS_PER_S
        return sent

    def flush(self) -> bool:
        """Write more of `out`; True when nothing is left. Raises OSError as `push`."""
        if self.out is None:
            return True
        try:
            rest = self.out[self.sock.send(self.out) :]
        except BlockingIOError:
            return False
        self.out = rest if len(rest) else None
        return self.out is None
