"""The listener loop: accepts, reads heads, answers, and hands listeners to the hall's fans."""

import contextlib
import socket
import time
from collections.abc import Callable
from functools import partial
from typing import Final

import structlog

from rostra.delivery.answers import Answer
from rostra.delivery.drivers import handles, poller
from rostra.delivery.drivers.connection import Connection
from rostra.delivery.drivers.door import ACCEPT_BATCH_MAX, Door
from rostra.delivery.drivers.exchange import Exchange
from rostra.delivery.drivers.fanout import Events
from rostra.delivery.drivers.gate import Gate
from rostra.delivery.drivers.governor import Governor
from rostra.delivery.drivers.groups import Listener
from rostra.delivery.drivers.hall import Hall
from rostra.delivery.drivers.handshakes import PAUSE_NS, Handshakes, Tls
from rostra.delivery.drivers.inbox import Inbox
from rostra.delivery.drivers.stats import Stats
from rostra.delivery.elastic import Elastic
from rostra.delivery.holding import RELEASED_A_TURN_MAX
from rostra.delivery.listener import INPUT_BYTES_MAX
from rostra.delivery.service import Now, Service
from rostra.delivery.streams import Join

TURN_NS: Final = 10_000_000
"""How long one turn serves connections before it looks for messages again: a tenth of the
shortest tick. What is left is served first in the next turn, so that nobody is passed over."""

SWEEP_NS: Final = 500_000_000
"""How often deadlines are looked at: a limit in seconds may be half a second late."""

NS_PER_S: Final = 1_000_000_000

COMPLAIN_NS: Final = NS_PER_S
"""A mistake that repeats with each message fills no disk: one line a second, the rest counted."""

Task = Callable[[Hall, Now], None]
_log = structlog.get_logger("edge")


class EdgeLoop:
    """One thread, one poller, every connection of an edge.

    `inbox` takes `(task, arrived_ns)` from other threads; tasks run between turns.
    """

    def __init__(
        self,
        server: socket.socket,
        hall: Callable[[Stats, Events], Hall],
        service: Callable[[Hall], Service],
        listeners_max: int,
        elastic: Elastic,
    ) -> None:
        self.stats = Stats()
        self.inbox: Inbox[tuple[Task, int]] = Inbox()
        self.turned_ns = time.monotonic_ns()
        """When the loop last turned: its pulse for `/healthz`."""
        self._events = Events(self._owing, self._paid, self._drop)
        self.hall = hall(self.stats, self._events)
        self.service = service(self.hall)
        self._places = handles.granted(listeners_max)
        self.governor = Governor(self.hall, self.stats, elastic, self._places.listeners)
        self._poller = poller.best()
        self.tls: Tls | None = None
        self._handshakes: Handshakes | None = None
        self._door = Door(server, self._poller, self._admit)
        self.gate = Gate(self.service.access, self._make_room)
        self._exchange = Exchange(self.service, self.stats, self._poller, self._join, self._drop)
        self._poller.add(self.inbox.fileno(), poller.READ)
        self._peers: dict[int, Connection | Listener] = {}
        self._waiting: dict[int, Connection] = {}
        self._sweep_ns = 0
        self._complained_ns = -COMPLAIN_NS
        self._slow_told = 0
        self._unserved: list[tuple[int, int]] = []
        self._more_ripe = False
        self._released = 0
        """Version of the hall for which it was last looked who can be answered."""
        self._stop = False

    @property
    def listeners(self) -> int:
        """Open streams."""
        return len(self._peers) - len(self._waiting)

    @property
    def held(self) -> int:
        """Requests that wait for a part."""
        return len(self._exchange.holds)

    @property
    def connections(self) -> int:
        """Open connections, streams included."""
        return len(self._peers)

    def run(self) -> None:
        """Turn until `stop`; then close every connection."""
        try:
            while not self._stop:
                self._turn()
        finally:
            self._close()

    def keep_door_shut(self, at_most_ns: int) -> None:
        """Accept nobody until `open_door`, or for so long; to be called before `run`."""
        self._door.shut(time.monotonic_ns() + at_most_ns)

    def open_door(self) -> None:
        """Accept whoever waits; from the loop's own thread."""
        self._door.open()

    def speak(self, tls: Tls) -> None:
        """Take TLS at the door; to be called before `run`."""
        self.tls = tls
        self._handshakes = Handshakes(tls, self._enter, self._unknock, self.service.access.plain)
        self._poller.add(self._handshakes.fileno(), poller.READ)
        self._door.admit = partial(self._begin, self._handshakes)
        self.gate.in_words = False

    def stop(self) -> None:
        """End `run`, from any thread or a signal handler."""
        self._stop = True
        self.inbox.wake()

    def _now(self) -> Now:
        return Now(time.monotonic_ns(), time.time_ns() // 1_000)

    def _turn(self) -> None:
        ready, self._unserved = self._unserved or self._wait(), []
        now = self._now()
        self.turned_ns = now.mono_ns
        self._tasks(now)
        self._connections(ready, now)
        if self._handshakes and self._handshakes.unread:
            for fd in self._handshakes.take_unread():
                self._ready(fd, poller.READ, now)
        now = self._now()
        if now.mono_ns >= (self.hall.wake_ns() or self._sweep_ns):
            self.hall.tend_all(now)
            self.stats.busy_s += (time.monotonic_ns() - now.mono_ns) / NS_PER_S
        self._release(now)
        self._door.sweep(now)
        if now.mono_ns >= self._sweep_ns:
            self._sweep(now)

    def _wait(self) -> list[tuple[int, int]]:
        timeout_ns = max(0, self._wake_ns() - time.monotonic_ns())
        return self._poller.wait(timeout_ns / NS_PER_S)

    def _connections(self, ready: list[tuple[int, int]], now: Now) -> None:
        """Serve those that are ready, for `TURN_NS` at most."""
        until_ns = time.monotonic_ns() + TURN_NS
        for index, (fd, mask) in enumerate(ready, start=1):
            self._ready(fd, mask, now)
            if time.monotonic_ns() > until_ns:
                self._unserved = ready[index:]
                return

    def _release(self, now: Now) -> None:
        """Answer requests that waited for what has gone out in this turn."""
        if self._released == self.hall.version and not self._more_ripe:
            return
        self._released = self.hall.version
        peers = self._exchange.ripe()
        for peer in peers:
            self._guarded(peer, partial(self._exchange.release, peer, now), now)
        self._more_ripe = len(peers) == RELEASED_A_TURN_MAX

    def _wake_ns(self) -> int:
        if self._handshakes and self._handshakes.unread:
            return 0
        wake_ns = 0 if self._more_ripe else self.hall.wake_ns()
        soon_ns = min(self._sweep_ns, self._door.opens_ns)
        return soon_ns if wake_ns is None else min(wake_ns, soon_ns)

    def _tasks(self, now: Now) -> None:
        for task, arrived_ns in self.inbox.drain():
            began_ns = time.monotonic_ns()
            self._task(task, now)
            ended_ns = time.monotonic_ns()
            self.stats.passes.add((ended_ns - began_ns) / NS_PER_S)
            self.stats.busy_s += (ended_ns - began_ns) / NS_PER_S
            self.stats.late.add((ended_ns - arrived_ns) / NS_PER_S)

    def _task(self, task: Task, now: Now) -> None:
        try:
            task(self.hall, now)
        except Exception:  # noqa: BLE001 - logged and counted; the listeners of others go on
            self._mistake("a task of the backbone failed by a mistake of ours", now)

    def _mistake(self, words: str, now: Now) -> None:
        """Count it; say it, with its traceback, at most once in `COMPLAIN_NS`."""
        self.stats.turn_errors += 1
        if now.mono_ns - self._complained_ns >= COMPLAIN_NS:
            self._complained_ns = now.mono_ns
            _log.exception(words, since_start=self.stats.turn_errors)

    def _ready(self, fd: int, mask: int, now: Now) -> None:
        peer = self._peers.get(fd)
        if peer is None:
            self._newcomers(fd, now)
        elif isinstance(peer, Listener):
            self._guarded(peer, partial(self._listener_ready, peer, mask), now)
        else:
            self._guarded(peer, partial(self._converse, peer, now), now)

    def _newcomers(self, fd: int, now: Now) -> None:
        try:
            if fd == self._door.fileno():
                self._accept(now)
            elif self._handshakes and fd == self._handshakes.fileno():
                self._handshakes.turn(now)
        except Exception:  # noqa: BLE001 - logged and counted; who listens goes on
            self._mistake("a newcomer was given up by a mistake of ours", now)

    def _converse(self, peer: Connection, now: Now) -> None:
        self._exchange.ready(peer, now)
        if self._waiting.get(peer.fd) is peer:
            self.gate.note(peer)

    def _unknock(self, number: int) -> None:
        self.gate.left(number, self.turned_ns)

    def _accept(self, now: Now) -> None:
        room = self._handshakes.room(now) if self._handshakes else ACCEPT_BATCH_MAX
        if room:
            self._door.accept(now, room)
        else:
            self._door.shut(now.mono_ns + PAUSE_NS)

    def _guarded(self, peer: Connection | Listener, step: Callable[[], None], now: Now) -> None:
        """Do one step of a connection: whatever goes wrong ends that connection alone."""
        try:
            step()
        except OSError:
            self._drop(self._peers.get(peer.fd, peer))  # by now perhaps a listener
        except Exception:  # noqa: BLE001 - logged and counted
            self._mistake("a connection was closed by a mistake of ours", now)
            self._drop(self._peers.get(peer.fd, peer))

    def _admit(self, sock: socket.socket, address: str, now: Now) -> None:
        if self._knock(sock, address, now):
            self._enter(sock, address, now)

    def _begin(self, handshakes: Handshakes, sock: socket.socket, address: str, now: Now) -> None:
        # Budgets come first: a handshake is the dearest thing that a stranger can ask for.
        if self._knock(sock, address, now):
            handshakes.begin(sock, address, now)
            self.gate.begin(sock.fileno())

    def _knock(self, sock: socket.socket, address: str, now: Now) -> bool:
        sock.setblocking(False)
        taken = len(self._peers) + (len(self._handshakes.under_way) if self._handshakes else 0)
        full = taken >= self._places.connections
        return self.gate.knock(sock, address, now, full=full)

    def _enter(self, sock: socket.socket, address: str, now: Now) -> None:
        peer = Connection(sock, now.mono_ns, address, self.service.access.proxies)
        self.gate.hurry(peer, now)
        self._peers[peer.fd] = self._waiting[peer.fd] = peer
        self._poller.add(peer.fd, poller.READ)
        self._ready(peer.fd, poller.READ, now)

    def _join(self, peer: Connection, join: Join, now: Now) -> None:
        refused = None if self.gate.reserve(peer, join) else self._refused(peer, join, now)
        if refused is not None:
            self._exchange.say(peer, refused, now)
            return
        fan = self.hall.fan(join.channel)
        group = fan.group(join.form, chunked=join.chunked)
        listener = Listener(peer.sock, group)
        del self._waiting[peer.fd]
        self._peers[peer.fd] = listener
        peer.reader.close()
        self.stats.joined += 1
        self.service.joined(join)
        unit = fan.start(group, burst=self.governor.burst)
        fan.first(listener, join.first(unit), unit, now.mono_ns)

    def _refused(self, peer: Connection, join: Join, now: Now) -> Answer | None:
        """Why a stream cannot begin, or None; reserved ones take no place of the others.

        Budgets come first: whoever is beyond one must not use up a place in the queue.
        """
        over = self.gate.join(peer, join, now)
        listeners = self.listeners - self.gate.reserved
        return self.governor.refusal(join, listeners, now) if over is None else over

    def _make_room(self, number: int, words: bytes) -> None:
        """End a connection whose head is not whole, for one that came later."""
        peer = self._peers.get(number)
        if isinstance(peer, Connection):
            with contextlib.suppress(OSError):
                if not peer.then_close:  # it has not been told yet
                    peer.sock.send(words)
            self._drop(peer)
        elif self._handshakes:
            self._handshakes.make_room(number)

    def _listener_ready(self, listener: Listener, mask: int) -> None:
        if mask & poller.WRITE:
            listener.group.fan.pay(listener)
        if not mask & poller.READ or listener.fd not in self._peers:
            return
        try:
            data = listener.sock.recv(INPUT_BYTES_MAX)
        except BlockingIOError:
            return
        listener.heard += len(data)
        if not data or listener.heard > INPUT_BYTES_MAX:
            self._drop(listener)

    def _owing(self, listener: Listener) -> None:
        self._poller.change(listener.fd, poller.READ | poller.WRITE)

    def _paid(self, listener: Listener) -> None:
        self._poller.change(listener.fd, poller.READ)

    def _drop(self, peer: Connection | Listener) -> None:
        if self._peers.get(peer.fd) is not peer:  # dropped already, its number perhaps another's
            return
        del self._peers[peer.fd]
        self._waiting.pop(peer.fd, None)
        if isinstance(peer, Connection):
            self._exchange.holds.remove(peer)
            peer.reader.close()
        place = self.gate.left(peer.fd, self.turned_ns)
        if isinstance(peer, Listener):
            self.stats.left += 1
            if place:
                self.governor.left(self._now())
            self._events.slow.discard(peer)
            peer.group.fan.leave(peer)
        self._poller.remove(peer.fd)
        peer.sock.close()

    def _sweep(self, now: Now) -> None:
        self._sweep_ns = now.mono_ns + SWEEP_NS
        if self._handshakes:
            self._handshakes.sweep(now)
        for listener in [one for one in self._events.slow if one.given_up(now.mono_ns)]:
            self.stats.slow_closed += 1
            self._drop(listener)
        self._tell_slow()
        self.governor.look(self.listeners, now)
        for peer in [one for one in self._waiting.values() if now.mono_ns > one.deadline_ns]:
            self._guarded(peer, partial(self._overdue, peer, now), now)

    def _overdue(self, peer: Connection, now: Now) -> None:
        self._exchange.overdue(peer, now)
        if self._waiting.get(peer.fd) is peer:
            self.gate.note(peer)  # it has been told, and counts as unfinished no more

    def _tell_slow(self) -> None:
        """One line a sweep at most, however many were too slow."""
        closed = self.stats.slow_closed - self._slow_told
        if closed:
            self._slow_told = self.stats.slow_closed
            _log.warning("listeners were closed because they took nothing for too long", n=closed)

    def _close(self) -> None:
        for peer in list(self._peers.values()):
            self._drop(peer)
        if self._handshakes:
            self._handshakes.close()
        self._poller.close()
        self.inbox.close()
