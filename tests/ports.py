"""Ports for what tests start and restart."""

import contextlib
import random
import socket

LASTING_PORTS = range(31_300, 32_700)
"""Above the blocks of the houses of tests, below the range of passing ports (ip(7))."""


def lasting_port() -> int:
    """A free port that the system gives to nobody else while its server is away."""
    while True:
        port = random.choice(LASTING_PORTS)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port
