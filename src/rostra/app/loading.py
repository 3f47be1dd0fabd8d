"""Ctrl-C while modules load."""

import contextlib
import os
import signal
from collections.abc import Iterator
from types import FrameType


@contextlib.contextmanager
def ends_at_once() -> Iterator[None]:
    """Let SIGINT end the process within this block, with a word and exit code 1.

    For the main thread, around imports: a `KeyboardInterrupt` that meets a destructor, or a C
    module that clears errors as it loads, is lost, and the process would go on.
    """
    before = signal.signal(signal.SIGINT, _end)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _end(_number: int, _frame: FrameType | None) -> None:
    os.write(2, b"Stopped.\n")
    os._exit(1)
