"""Writes each tick to its bucket: one send a listener, shared bytes, no polling in between."""

from collections.abc import Callable
from dataclasses import dataclass, field

from rostra.delivery.cutting import LAST_CHUNK, NOBODY_YET, PUSH_FORMS, Cutter, Form, Unit
from rostra.delivery.drivers.groups import Group, Listener
from rostra.delivery.drivers.stats import Stats


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

    @property
    def owing(self) -> int:
        """Listeners that have not taken all that was written to them."""
        return len(self._owing)

    def group(self, form: Form, *, chunked: bool) -> Group:
        """The bucket with the fewest listeners, so that no write is larger than another."""
        groups = self._groups.get((form, chunked))
        if groups is None:
            cuts = map(self._cutter.last_cut, range(self._cutter.tick_messages))
            groups = [
                Group(self, form, bucket, NOBODY_YET if cut < 0 else cut + 1, chunked=chunked)
                for bucket, cut in enumerate(cuts)
            ]
            self._groups[form, chunked] = groups
        return min(groups, key=len)

    def start(self, group: Group, *, burst: bool = True) -> Unit | None:
        """What a joiner of `group` gets at once; None where it must wait for the next cut.

        Without `burst` it begins with the next write; ICY's count of bytes needs one.
        """
        if group.at == NOBODY_YET:
            return None
        if burst or group.form is Form.ICY:
            return self._cutter.burst(group.form, group.at - 1)
        return Unit(b"", group.at)

    def cut(self, number: int, now_ns: int) -> None:
        """Message `number` has gone out: write to the bucket that is due."""
        bucket = self._cutter.bucket(number)
        for groups in self._groups.values():
            due = [group for group in groups if group.bucket == bucket]
            for group in due:
                self._cut(group, number, now_ns)
            # After a shorter tick began, several groups have one bucket, each with its own
            # last cut; once written, they are one.
            for group in due[1:]:
                self._merge(due[0], group)
                groups.remove(group)

    def retick(self, tick: int) -> None:
        """From the next message on the tick is `tick` messages.

        Buckets are split or merged so that everybody goes on from its own last cut: what is
        written next joins it, whatever the change. Ticks divide one another.
        """
        before, self._cutter.tick_messages = self._cutter.tick_messages, tick
        self._cutter.coming_messages = 0
        for groups in self._groups.values():
            if tick > before:
                ways = tick // before
                groups[:] = [part for group in groups for part in group.split(ways, before)]
            for group in groups:
                group.bucket %= tick

    def leap(self, at: int, number: int, now_ns: int, *, new_run: bool) -> None:
        """The numbers leap from `at`, which was to follow, to `number`.

        Everybody first gets what it lacks of what came before; then ICY listeners must find
        their place, and a new run ends push: a player of push cannot go back in pts; its client
        connects anew and gets the new run from its beginning.
        """
        for (form, _), groups in self._groups.items():
            for group in groups:
                if group.members and group.at < at:
                    self._cut(group, at - 1, now_ns)
                if form in PUSH_FORMS and new_run:
                    self._finish(group, Unit(b"", at), now_ns)
                elif form is Form.ICY:
                    self._find_place(group, at)
                group.at = number

    def end(self, farewell: Callable[[Form, int], Unit], now_ns: int) -> None:
        """The space is over: the last messages, the last chunk, and goodbye.

        `farewell(form, at)` packages what follows message `at`.
        """
        for (form, _), groups in self._groups.items():
            for group in groups:
                self._finish(group, farewell(form, group.at), now_ns)

    def finish(self, form: Form, now_ns: int) -> None:
        """End the streams of one form, for its sound ends: clients connect anew for another."""
        for (its, _), groups in self._groups.items():
            for group in groups if its is form else ():
                self._finish(group, self._cutter.rest(form, group.at), now_ns)

    def first(self, listener: Listener, data: bytes, unit: Unit | None, now_ns: int) -> None:
        """Write a joiner's head and burst; from then on it is in its group."""
        self.open[listener.group.form] += 1
        try:
            sent = listener.sock.send(data)
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
        """A listener that owed can be written again: finish the unit, then go on, or skip ahead."""
        if listener.rest is None:
            return
        try:
            sent = listener.sock.send(listener.rest)
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
                return
            self._events.paid(listener)
            if listener.at == listener.group.at:  # it missed nothing meanwhile
                listener.caught_up(listener.at)
                self._events.slow.discard(listener)
                listener.group.admit(listener)
            else:
                listener.group.returning.add(listener)

    def _cut(self, group: Group, number: int, now_ns: int) -> None:
        """Give a group everything up to message `number`."""
        returning = list(group.returning)
        if group.members:
            unit = self._cutter.unit(group.form, group.at, number)
            self._to_members(group, unit, now_ns)
        group.at = number + 1
        for listener in returning:
            unit_back = self._cutter.resume(group.form, listener.at, number)
            self._to_one(listener, unit_back, now_ns)

    def _merge(self, group: Group, other: Group) -> None:
        group.absorb(other)
        for listener in self._owing:
            if listener.group is other:
                listener.group = group

    @staticmethod
    def _find_place(group: Group, at: int) -> None:
        for listener in list(group.members):
            group.remove(listener)
            listener.at = at
            group.returning.add(listener)

    def _to_members(self, group: Group, unit: Unit, now_ns: int) -> None:
        data = unit.framed(chunked=group.chunked)
        if not data:
            return
        members = len(group.members)
        short = group.write(data)
        self._stats.writes += members
        self._stats.bytes_sent += len(data) * (members - len(short))
        for listener, sent in short:
            listener.at = group.at
            self._short(listener, data, sent, unit.at, now_ns)

    def _to_one(self, listener: Listener, unit: Unit | None, now_ns: int) -> None:
        if unit is not None and unit.plain:
            self._send(listener, unit.framed(chunked=listener.group.chunked), unit.at, now_ns)

    def _send(self, listener: Listener, data: bytes, at: int, now_ns: int) -> None:
        try:
            sent = listener.sock.send(data)
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
        for listener in [one for one in self._owing if one.group is group and not one.last]:
            listener.last = True
            listener.rest = memoryview(bytes(listener.rest or b"") + end)

    def _goodbye(self, listener: Listener, data: bytes, now_ns: int) -> None:
        listener.last = True
        try:
            sent = listener.sock.send(data) if data else 0
        except BlockingIOError:
            sent = 0
        except OSError:
            sent = len(data)
        if sent == len(data):
            self._events.gone(listener)
        else:
            self._owe(listener, memoryview(data)[sent:], now_ns)
