"""Opens an edge's sockets and sets what every listener's connection inherits from them."""

import errno
import resource
import socket
import sys
from typing import Final

from rostra.domain.errors import HouseError

BACKLOG: Final = 4_096
"""Connections that may wait to be accepted: a tick's pass of 100 ms at 10,000 joins a second is
1,000 of them. The kernel cuts it to net.core.somaxconn."""

SEND_BUFFER_BYTES: Final = 32 * 1024
"""What the kernel holds for one listener, about five seconds. Setting it also ends autotuning,
which would hide a slow listener behind megabytes of stale sound."""

UNSENT_BYTES_MAX: Final = 16 * 1024
"""Unsent bytes after which a listener counts as slow: a burst and a tick fit."""

USER_TIMEOUT_MS: Final = 20_000
"""A phone that vanished without a word is noticed when nothing is acknowledged for so long."""

TCP_THIN_LINEAR_TIMEOUTS: Final = 16
"""Linux (tcp(7), include/uapi/linux/tcp.h), not named by Python: with fewer than four packets
under way, which is all that a listener ever has, lost ones are sent again without the doubling of
the time between tries."""

_OPTIONS: Final = (
    ("TCP_NODELAY", 1),
    ("TCP_NOTSENT_LOWAT", UNSENT_BYTES_MAX),
    ("TCP_USER_TIMEOUT", USER_TIMEOUT_MS),
)


def listen(host: str, port: int) -> socket.socket:
    """A non-blocking listening socket; accepted ones inherit its options (Linux, BSD).

    Raises HouseError with the remedy where the port cannot be taken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    server = socket.socket(family, socket.SOCK_STREAM)
    try:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        for name, value in _OPTIONS:
            if hasattr(socket, name):
                server.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
        if sys.platform == "linux":
            server.setsockopt(socket.IPPROTO_TCP, TCP_THIN_LINEAR_TIMEOUTS, 1)
        server.bind((host, port))
        server.listen(BACKLOG)
    except OSError as error:
        server.close()
        remedy = "stop what uses it, or choose another block with --port"
        if error.errno == errno.EACCES:
            remedy = "ports below 1024 need rights; choose a higher one with --port"
        sentence = f"An edge cannot listen on {host}:{port} ({error.strerror}): {remedy}."
        raise HouseError(sentence) from error
    server.setblocking(False)
    return server


def raise_file_limit() -> int:
    """Lift this process's limit on open files as far as it may go; the limit that holds now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
