"""Processes that end with the one that started them, however that one ends (prctl(2), Linux)."""

import ctypes
import os
import signal
import sys
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
# Loaded before any fork: a forked child of a process with threads may not load libraries.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with(parent: int) -> None:
    """Have the kernel send SIGTERM to this process when `parent` is gone, as it perhaps is already.

    To be called in the child, before it becomes another program. Elsewhere than on Linux it stays.
    """
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(0)
