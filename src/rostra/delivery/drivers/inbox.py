"""Hands things from the backbone's thread to the listener loop, bounded, with a wake-up."""

import contextlib
import socket
import threading
from collections import deque
from typing import Final, Generic, TypeVar

INBOX_MAX: Final = 8_192
"""A minute of fourteen programmes, as the backbone's own queue; beyond it the oldest is lost."""

WAKES_AT_ONCE: Final = 4_096
"""Wake-up bytes read in one call."""

T = TypeVar("T")


class Inbox(Generic[T]):
    """A queue with one reader, whose `fileno` is readable while something waits."""

    def __init__(self, most: int = INBOX_MAX) -> None:
        self.lost = 0
        self._most = most
        self._items: deque[T] = deque()
        self._closing = threading.RLock()
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)

    def fileno(self) -> int:
        """What the loop watches."""
        return self._reader.fileno()

    def put(self, item: T) -> None:
        """Add from any thread, without waiting."""
        self._items.append(item)
        if len(self._items) > self._most:
            with contextlib.suppress(IndexError):  # the reader was faster
                self._items.popleft()
                self.lost += 1
        self.wake()

    def wake(self) -> None:
        """Make the reader look, from any thread or signal handler; nothing once it has closed."""
        # Full: a wake-up is already under way. The lock keeps the byte out of a socket that
        # takes the number of a closed one, and lets a signal handler interrupt its own thread.
        with self._closing, contextlib.suppress(BlockingIOError):
            if self._writer.fileno() >= 0:
                self._writer.send(b"\0")

    def drain(self) -> list[T]:
        """Everything that waits, oldest first."""
        with contextlib.suppress(BlockingIOError):
            while self._reader.recv(WAKES_AT_ONCE):
                pass
        items: list[T] = []
        while self._items:
            items.append(self._items.popleft())
        return items

    def close(self) -> None:
        """Release the pair; from then on what is put waits for nobody."""
        with self._closing:
            self._reader.close()
            self._writer.close()
