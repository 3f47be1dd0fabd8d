"""Writes each tick to its bucket: one send a listener, shared bytes, no polling in between."""

import socket
from collections.abc import Callable
from dataclasses import dataclass, field

from rostra.delivery.cutting import LAST_CHUNK, NOBODY_YET, Cutter, Form, Unit
from rostra.delivery.drivers.stats import Stats
from rostra.delivery.listener import Backlog


class Listener(Backlog):
    """One open stream: a socket, its group, and what it is owed."""

    __slots__ = ("fd", "group", "heard", "last", "send", "slot", "sock")

    def __init__(self, sock: socket.socket, group: "Group") -> None:
        super().__init__(NOBODY_YET)
        self.sock = sock
        self.fd = sock.fileno()
        self.send = sock.send
        self.group = group
        self.slot = -1
        self.heard = 0
        """Bytes that it sent after its request."""
        self.last = False
        """Nothing follows what it is owed: close it then."""


class Group:
    """Listeners that get the same bytes at the same time."""

    __slots__ = ("bucket", "chunked", "fan", "form", "members", "returning")

    def __init__(self, fan: "Fan", form: Form, bucket: int, *, chunked: bool) -> None:
        self.fan = fan
        self.form = form
        self.bucket = bucket
        self.chunked = chunked
        self.members: list[Listener] = []
        """Those that are up to date."""
        self.returning: set[Listener] = set()
        """Those that start, or start again, with the bucket's next cut."""

    def __len__(self) -> int:
        return len(self.members) + len(self.returning)

    def admit(self, listener: Listener) -> None:
        """Make it a member."""
        listener.slot = len(self.members)
        self.members.append(listener)

    def remove(self, listener: Listener) -> None:
        """Take it out, wherever it is; the last member takes its slot."""
        self.returning.discard(listener)
        if listener.slot < 0:
            return
        last = self.members.pop()
        if last is not listener:
            self.members[listener.slot] = last
            last.slot = listener.slot
        listener.slot = -1

    def write(self, data: bytes) -> list[tuple[Listener, int]]:
        """Send `data` to every member.

        Returns those that did not take all: with what they took, or -1 where the connection is
        gone.
        """
        size = len(data)
        short: list[tuple[Listener, int]] = []
        for listener in self.members:
            try:
                sent = listener.send(data)
            except BlockingIOError:
                short.append((listener, 0))
            except OSError:
                short.append((listener, -1))
            else:
                if sent != size:
                    short.append((listener, sent))
        return short


@dataclass
class Events:
    """What the loop must do after a write."""

    owing: Callable[[Listener], None]
    """It has bytes left: wait until it can be written."""
    paid: Callable[[Listener], None]
    """It owes nothing any more: only wait for its end."""
    gone: Callable[[Listener], None]
    """Its connection is closed, or is to be closed."""
    slow: set[Listener] = field(default_factory=set)
    """Those that are behind, for the sweep."""


class Fan:
    """All listeners of one space at this edge."""

    def __init__(self, cutter: Cutter, stats: Stats, events: Events) -> None:
        self._cutter = cutter
        self._stats = stats
        self._events = events
        self._groups: dict[tuple[Form, bool], list[Group]] = {}
        self._owing: set[Listener] = set()
        self.open = dict.fromkeys(Form, 0)
        """Open connections by form."""

    def group(self, form: Form, *, chunked: bool) -> Group:
        """The bucket with the fewest listeners, so that no write is larger than another."""
        groups = self._groups.get((form, chunked))
        if groups is None:
            buckets = range(self._cutter.tick_messages)
            groups = [Group(self, form, bucket, chunked=chunked) for bucket in buckets]
            self._groups[form, chunked] = groups
        return min(groups, key=len)

    def cut(self, number: int, now_ns: int) -> None:
        """Message `number` has gone out: write to the bucket that is due."""
        bucket = self._cutter.bucket(number)
        for (form, chunked), groups in self._groups.items():
            group = groups[bucket]
            returning = list(group.returning)
            if group.members:
                unit = self._cutter.tick(form, number)
                self._to_members(group, unit, unit.framed(chunked=chunked), now_ns)
            for listener in returning:
                self._to_one(listener, self._cutter.resume(form, listener.at, number), now_ns)

    def broken(self, at: int, now_ns: int, *, new_run: bool) -> None:
        """The numbers leap: ICY listeners must find their place; a new run ends push.

        `at` is the number that was to follow. A player of push cannot go back in pts; its
        client connects anew and gets the new run from its beginning.
        """
        for (form, _), groups in self._groups.items():
            for group in groups:
                if form is Form.ICY:
                    # Its bucket has heard up to its own last cut, not up to the last message.
                    heard = at - (at - 1 - group.bucket) % self._cutter.tick_messages
                    for listener in list(group.members):
                        group.remove(listener)
                        listener.at = heard
                        group.returning.add(listener)
                elif form is Form.PUSH and new_run:
                    self._finish(group, Unit(b"", at), now_ns)

    def end(self, farewell: Callable[[Form, int], Unit], now_ns: int) -> None:
        """The space is over: the last messages, the last chunk, and goodbye.

        `farewell(form, at)` packages what follows message `at`.
        """
        for (form, _), groups in self._groups.items():
            for group in groups:
                cut = self._cutter.last_cut(group.bucket)
                unit = farewell(form, NOBODY_YET if cut < 0 else cut + 1)
                self._finish(group, unit, now_ns)

    def first(self, listener: Listener, data: bytes, unit: Unit | None, now_ns: int) -> None:
        """Write a joiner's head and burst; from then on it is in its group."""
        self.open[listener.group.form] += 1
        try:
            sent = listener.send(data)
        except BlockingIOError:  # earlier answers on this connection are still under way
            sent = 0
        except OSError:
            self._events.gone(listener)
            return
        self._stats.bytes_sent += sent
        if unit is not None:
            listener.at = unit.at
        if sent != len(data):
            self._owe(listener, memoryview(data)[sent:], now_ns)
        elif unit is None:
            listener.group.returning.add(listener)
        else:
            listener.group.admit(listener)

    def close(self) -> None:
        """Close every stream where it is."""
        for groups in self._groups.values():
            for group in groups:
                for listener in [*group.members, *group.returning]:
                    self._events.gone(listener)
        for listener in list(self._owing):
            self._events.gone(listener)

    def leave(self, listener: Listener) -> None:
        """Forget a listener whose connection is closed."""
        self.open[listener.group.form] -= 1
        self._owing.discard(listener)
        listener.group.remove(listener)

    def pay(self, listener: Listener) -> None:
        """A listener that owed can be written again: finish the unit, then the newest tick."""
        if listener.rest is None:
            return
        try:
            sent = listener.send(listener.rest)
        except BlockingIOError:
            return
        except OSError:
            self._events.gone(listener)
            return
        self._stats.bytes_sent += sent
        if listener.paid(sent):
            self._owing.discard(listener)
            if listener.last:
                self._events.gone(listener)
            else:
                self._events.paid(listener)
                listener.group.returning.add(listener)

    def _to_members(self, group: Group, unit: Unit, data: bytes, now_ns: int) -> None:
        if not data:
            return
        members = len(group.members)
        short = group.write(data)
        self._stats.writes += members
        self._stats.bytes_sent += len(data) * (members - len(short))
        before = unit.at - self._cutter.tick_messages
        for listener, sent in short:
            listener.at = before
            self._short(listener, data, sent, unit.at, now_ns)

    def _to_one(self, listener: Listener, unit: Unit | None, now_ns: int) -> None:
        if unit is not None and unit.plain:
            self._send(listener, unit.framed(chunked=listener.group.chunked), unit.at, now_ns)

    def _send(self, listener: Listener, data: bytes, at: int, now_ns: int) -> None:
        try:
            sent = listener.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            sent = -1
        self._stats.writes += 1
        if sent != len(data):
            self._short(listener, data, sent, at, now_ns)
            return
        self._stats.bytes_sent += sent
        listener.caught_up(at)
        self._events.slow.discard(listener)
        listener.group.returning.discard(listener)
        listener.group.admit(listener)

    def _short(self, listener: Listener, data: bytes, sent: int, at: int, now_ns: int) -> None:
        """Not everything went out: half a unit is owed, a whole one is skipped."""
        if sent < 0:
            self._events.gone(listener)
            return
        self._stats.bytes_sent += sent
        listener.group.remove(listener)
        if sent:
            listener.at = at
            self._owe(listener, memoryview(data)[sent:], now_ns)
        else:
            self._stats.skips += 1
            listener.behind(now_ns)
            self._events.slow.add(listener)
            listener.group.returning.add(listener)

    def _owe(self, listener: Listener, rest: memoryview, now_ns: int) -> None:
        self._stats.skips += 1
        listener.owe(rest, now_ns)
        self._owing.add(listener)
        self._events.slow.add(listener)
        self._events.owing(listener)

    def _finish(self, group: Group, unit: Unit, now_ns: int) -> None:
        """Close a group's streams; one that owes finishes its unit first."""
        end = LAST_CHUNK if group.chunked else b""
        goodbye = unit.framed(chunked=group.chunked) + end
        for listener in [*group.members, *group.returning]:
            group.remove(listener)
            self._goodbye(listener, goodbye, now_ns)
        for listener in [one for one in self._owing if one.group is group]:
            listener.last = True
            listener.rest = memoryview(bytes(listener.rest or b"") + end)

    def _goodbye(self, listener: Listener, data: bytes, now_ns: int) -> None:
        listener.last = True
        try:
            sent = listener.send(data) if data else 0
        except BlockingIOError:
            sent = 0
        except OSError:
            sent = len(data)
        if sent == len(data):
            self._events.gone(listener)
        else:
            self._owe(listener, memoryview(data)[sent:], now_ns)
