"""Listeners of one space, and the groups of them that get the same bytes at the same time."""

import socket
from typing import Protocol

from rostra.delivery.cutting import NOBODY_YET, Form
from rostra.delivery.listener import Backlog


class Keeper(Protocol):
    """Whoever keeps the groups of one space."""

    def pay(self, listener: "Listener") -> None:
        """It can be written again."""

    def leave(self, listener: "Listener") -> None:
        """Its connection is closed."""


class Listener(Backlog):
    """One open stream: a socket, its group, and what it is owed."""

    __slots__ = ("fd", "group", "heard", "last", "slot", "sock")

    def __init__(self, sock: socket.socket, group: "Group") -> None:
        super().__init__(NOBODY_YET)
        self.sock = sock
        self.fd = sock.fileno()
        self.group = group
        self.slot = -1
        self.heard = 0
        """Bytes that it sent after its request."""
        self.last = False
        """Nothing follows what it is owed: close it then."""


class Group:
    """Listeners that are written after the same messages.

    `at` is the number of the message that follows what its members have.
    """

    __slots__ = ("at", "bucket", "chunked", "fan", "form", "members", "returning", "socks")

    def __init__(self, fan: Keeper, form: Form, bucket: int, at: int, *, chunked: bool) -> None:
        self.fan = fan
        self.form = form
        self.bucket = bucket
        self.at = at
        self.chunked = chunked
        self.members: list[Listener] = []
        """Those that are up to date."""
        self.socks: list[socket.socket] = []
        """Their sockets, in the same order: a pass over thousands touches nothing else, and what it
        costs beside the kernel is mostly waiting for memory."""
        self.returning: set[Listener] = set()
        """Those that start, or start again, with the bucket's next cut."""

    def __len__(self) -> int:
        return len(self.members) + len(self.returning)

    def admit(self, listener: Listener) -> None:
        """Make it a member."""
        listener.group = self
        listener.slot = len(self.members)
        self.members.append(listener)
        self.socks.append(listener.sock)

    def remove(self, listener: Listener) -> None:
        """Take it out, wherever it is; the last member takes its slot."""
        self.returning.discard(listener)
        if listener.slot < 0:
            return
        last, sock = self.members.pop(), self.socks.pop()
        if last is not listener:
            self.members[listener.slot] = last
            self.socks[listener.slot] = sock
            last.slot = listener.slot
        listener.slot = -1

    def write(self, data: bytes) -> list[tuple[Listener, int]]:
        """Send `data` to every member.

        Returns those that did not take all: with what they took, or -1 where the connection is
        gone.
        """
        size = len(data)
        short: list[tuple[Listener, int]] = []
        for slot, sock in enumerate(self.socks):
            try:
                sent = sock.send(data)
            except BlockingIOError:
                short.append((self.members[slot], 0))
            except OSError:
                short.append((self.members[slot], -1))
            else:
                if sent != size:
                    short.append((self.members[slot], sent))
        return short

    def split(self, ways: int, tick: int) -> list["Group"]:
        """Share its listeners out over `ways` buckets, `tick` messages apart; itself the first.

        Who owes bytes stays with it.
        """
        others = [
            Group(self.fan, self.form, self.bucket + way * tick, self.at, chunked=self.chunked)
            for way in range(1, ways)
        ]
        groups = [self, *others]
        members, returning = self.members, list(self.returning)
        self.members, self.socks, self.returning = [], [], set()
        for index, listener in enumerate(members):
            groups[index % ways].admit(listener)
        for index, listener in enumerate(returning):
            listener.group = groups[index % ways]
            listener.group.returning.add(listener)
        return groups

    def absorb(self, other: "Group") -> None:
        """Take over the listeners of a group that is written at the same time."""
        for listener in other.members:
            self.admit(listener)
        for listener in other.returning:
            listener.group = self
        self.returning |= other.returning
        other.members, other.socks, other.returning = [], [], set()
