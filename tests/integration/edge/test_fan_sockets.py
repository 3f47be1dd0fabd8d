"""One space's fan on socket pairs: full buffers and dead peers at every step."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress

import pytest
from tests.fakes.grid_messages import message

from rostra.delivery.cutting import TICK, Cutter, Form, Unit
from rostra.delivery.drivers.fanout import Events, Fan
from rostra.delivery.drivers.groups import Listener
from rostra.delivery.drivers.stats import Stats
from rostra.delivery.window import Step, Window


class Stand:
    """A fan with listeners on socket pairs, and what it reported."""

    def __init__(self, stack: ExitStack) -> None:
        self.stats = Stats()
        self.owing: list[Listener] = []
        self.gone: list[Listener] = []
        self.window = Window()
        self._events = Events(self.owing.append, lambda _: None, self._gone)
        self.fan = Fan(Cutter(self.window), self.stats, self._events)
        self._stack = stack
        self.number = 0

    def _gone(self, listener: Listener) -> None:
        self.gone.append(listener)
        self.fan.leave(listener)

    def slow(self, listener: Listener) -> bool:
        return listener in self._events.slow

    def join(self, *, full: bool = False) -> tuple[Listener, socket.socket]:
        """An AAC listener and its other end."""
        ours, theirs = (self._stack.enter_context(closing(end)) for end in socket.socketpair())
        ours.setblocking(False)
        theirs.setblocking(False)
        if full:
            fill(ours)
        listener = Listener(ours, self.fan.group(Form.AAC, chunked=False))
        self.fan.first(listener, b"head;", None, 1)
        return listener, theirs

    def send(self, count: int, now_ns: int = 1) -> None:
        for _ in range(count):
            self.window.put(Step(message(self.number), real=True))
            self.fan.cut(self.number, now_ns)
            self.number += 1


def fill(sock: socket.socket) -> None:
    with suppress(BlockingIOError):
        while True:
            sock.send(b"x" * 4_096)


def read(sock: socket.socket) -> bytes:
    found = b""
    with suppress(BlockingIOError):
        while data := sock.recv(1 << 20):
            found += data
    return found


@pytest.fixture
def stand() -> Iterator[Stand]:
    with ExitStack() as stack:
        yield Stand(stack)


def test_a_dead_peer_costs_only_itself(stand: Stand) -> None:
    joined = [stand.join() for _ in range(2 * TICK)]
    stand.send(TICK)
    dead, end = joined[0]
    end.close()
    stand.send(2 * TICK)
    assert stand.gone == [dead]
    assert stand.fan.open[Form.AAC] == len(joined) - 1
    last = message(stand.number - TICK).aac[-1]
    assert all(last in read(end) for _, end in joined[1:])


def test_a_full_buffer_skips_whole_ticks_and_begins_again_with_the_newest(stand: Stand) -> None:
    listener, end = stand.join()
    stand.send(TICK)
    fill(listener.sock)
    stand.send(4 * TICK, now_ns=2)
    assert stand.slow(listener)
    assert not stand.owing, "nothing is half written"
    read(end)
    stand.send(TICK, now_ns=3)
    assert not stand.slow(listener)
    units = [int(piece.split(b"/")[-1]) for piece in read(end).split(b";") if b"aac/" in piece]
    assert len(units) == 5 * TICK
    assert units == list(range(units[0], units[0] + len(units)))


def test_who_owes_when_it_ends_gets_its_unit_whole(stand: Stand) -> None:
    listener, end = stand.join(full=True)
    stand.fan.end(lambda _form, at: Unit(b"goodbye;", at), now_ns=5)
    stand.fan.pay(listener)
    assert not stand.gone, "it cannot be written yet"
    read(end)
    stand.fan.pay(listener)
    assert read(end) == b"head;"
    assert stand.gone == [listener]


def test_a_peer_that_dies_while_it_owes_is_gone(stand: Stand) -> None:
    listener, end = stand.join(full=True)
    end.close()
    stand.fan.pay(listener)
    assert stand.gone == [listener]
    assert stand.fan.open[Form.AAC] == 0
