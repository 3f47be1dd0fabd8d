"""Tells which sockets are ready: epoll itself on Linux, `selectors` elsewhere."""

import select
import selectors
from typing import Final, Protocol

READ: Final = 1
WRITE: Final = 2

EVENTS_MAX: Final = 512
"""Events of one turn: what waits longer than that waits for the next turn, and ticks go first."""


class Poller(Protocol):
    """File descriptors and what to wait for."""

    def add(self, fd: int, interest: int) -> None:
        """Begin to watch."""

    def change(self, fd: int, interest: int) -> None:
        """Watch for something else."""

    def remove(self, fd: int) -> None:
        """Stop watching; call it before the descriptor is closed."""

    def wait(self, timeout_s: float, at_most: int | None = None) -> list[tuple[int, int]]:
        """Descriptors that are ready, with what for, `EVENTS_MAX` unless said otherwise."""

    def fileno(self) -> int:
        """The poller's own descriptor, for another poller: readable when one is ready."""

    def close(self) -> None:
        """Release the poller itself."""


class SelectorPoller:
    """Over `selectors`: kqueue on BSD and macOS."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()

    def add(self, fd: int, interest: int) -> None:
        """Begin to watch."""
        self._selector.register(fd, interest)

    def change(self, fd: int, interest: int) -> None:
        """Watch for something else."""
        self._selector.modify(fd, interest)

    def remove(self, fd: int) -> None:
        """Stop watching."""
        self._selector.unregister(fd)

    def wait(self, timeout_s: float, at_most: int | None = None) -> list[tuple[int, int]]:
        """Descriptors that are ready."""
        return [
            (key.fd, mask)
            for key, mask in self._selector.select(timeout_s)[: at_most or EVENTS_MAX]
        ]

    def fileno(self) -> int:
        """The poller's own descriptor."""
        # Every selector that scales (epoll, kqueue, /dev/poll) has one; the base class has not.
        return int(self._selector.fileno())

    def close(self) -> None:
        """Release it."""
        self._selector.close()


class EpollPoller:
    """Over epoll, without an object for each descriptor: listeners cost no memory here."""

    def __init__(self) -> None:
        self._epoll = select.epoll()

    def add(self, fd: int, interest: int) -> None:
        """Begin to watch."""
        self._epoll.register(fd, _MASKS[interest])

    def change(self, fd: int, interest: int) -> None:
        """Watch for something else."""
        self._epoll.modify(fd, _MASKS[interest])

    def remove(self, fd: int) -> None:
        """Stop watching."""
        self._epoll.unregister(fd)

    def wait(self, timeout_s: float, at_most: int | None = None) -> list[tuple[int, int]]:
        """Descriptors that are ready; an error or a hang-up counts as readable."""
        events = self._epoll.poll(timeout_s, at_most or EVENTS_MAX)
        return [
            (fd, (WRITE if mask & select.EPOLLOUT else 0) | (READ if mask & _READABLE else 0))
            for fd, mask in events
        ]

    def fileno(self) -> int:
        """The poller's own descriptor."""
        return self._epoll.fileno()

    def close(self) -> None:
        """Release it."""
        self._epoll.close()


def best() -> Poller:
    """The fastest that this system has."""
    return EpollPoller() if hasattr(select, "epoll") else SelectorPoller()


if hasattr(select, "epoll"):
    _MASKS: Final = (
        0,
        select.EPOLLIN,
        select.EPOLLOUT,
        select.EPOLLIN | select.EPOLLOUT,
    )
    _READABLE: Final = select.EPOLLIN | select.EPOLLHUP | select.EPOLLERR
