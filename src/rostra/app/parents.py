"""Processes that end with the one that started them, however that one ends (prctl(2), Linux)."""

import ctypes
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
# Loaded before any fork: a forked child of a process with threads may not load libraries.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

ORDERS: Final = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGUSR1})
"""Signals that a child of ours understands in a way of its own."""


@contextmanager
def orders_wait() -> Iterator[None]:
    """Keep signals waiting around a fork; the child calls `heed_orders` when it has its handlers.

    Until then it has those of its parent, which would swallow what the child was told.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, ORDERS)
    try:
        yield
    finally:
        heed_orders()


def heed_orders() -> None:
    """Let signals come, also those that came meanwhile."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ORDERS)


def die_with(parent: int) -> None:
    """Have the kernel send SIGTERM to this process when `parent` is gone, as it perhaps is already.

    To be called in the child, before it becomes another program. Elsewhere than on Linux it stays.
    """
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(0)
