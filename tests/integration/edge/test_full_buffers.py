"""A connection whose buffer is full when a stream begins or ends: owed, and bounded in time."""

import socket
from collections.abc import Iterator

import pytest
from tests.fakes.grid_messages import message

from rostra.delivery.cutting import LAST_CHUNK, Cutter, Form
from rostra.delivery.drivers.fanout import Events, Fan
from rostra.delivery.drivers.groups import Group, Listener
from rostra.delivery.drivers.stats import Stats
from rostra.delivery.listener import SLOW_CLOSE_NS
from rostra.delivery.window import Step, Window

NOW_NS = 7_000_000_000


class Side:
    """A fan of one listener, and the other end of its connection."""

    def __init__(self) -> None:
        window = Window()
        for number in range(9):
            window.put(Step(message(number), real=True))
        self.cutter = Cutter(window)
        self.owing: list[Listener] = []
        self.gone: list[Listener] = []
        events = Events(self.owing.append, lambda _: None, self.gone.append)
        self.fan = Fan(self.cutter, Stats(), events)
        self.group: Group = self.fan.group(Form.AAC, chunked=True)
        ours, self.theirs = socket.socketpair()
        ours.setblocking(False)
        self.listener = Listener(ours, self.group)
        self.stuffed = 0

    def join(self) -> bytes:
        burst = self.fan.start(self.group)
        assert burst is not None
        self.fan.first(self.listener, burst.framed(chunked=True), burst, NOW_NS)
        return burst.framed(chunked=True)

    def stuff(self) -> None:
        """Fill the connection until nothing more goes in."""
        for size in (4_096, 1):
            try:
                while True:
                    self.stuffed += self.listener.sock.send(b"-" * size)
            except BlockingIOError:
                continue

    def read(self, count: int) -> bytes:
        got = b""
        while len(got) < count:
            got += self.theirs.recv(count - len(got))
        return got

    def close(self) -> None:
        self.theirs.close()
        self.listener.sock.close()


@pytest.fixture
def side() -> Iterator[Side]:
    one = Side()
    yield one
    one.close()


def test_who_joins_behind_answers_under_way_gets_its_burst_later(side: Side) -> None:
    side.stuff()
    burst = side.join()
    assert (side.owing, side.gone) == ([side.listener], [])
    assert not side.listener.given_up(NOW_NS + SLOW_CLOSE_NS)
    assert side.listener.given_up(NOW_NS + SLOW_CLOSE_NS + 1)
    side.read(side.stuffed)
    side.fan.pay(side.listener)
    assert side.read(len(burst)) == burst
    assert side.listener in side.group.members, "it has missed nothing"


def test_who_does_not_take_the_end_is_closed_in_its_time(side: Side) -> None:
    burst = side.join()
    side.stuff()
    side.fan.end(side.cutter.rest, NOW_NS)
    assert (side.owing, side.gone) == ([side.listener], [])
    assert not side.listener.given_up(NOW_NS + SLOW_CLOSE_NS)
    assert side.listener.given_up(NOW_NS + SLOW_CLOSE_NS + 1)
    side.read(len(burst) + side.stuffed)
    side.fan.pay(side.listener)
    assert side.gone == [side.listener]
    rest = side.cutter.rest(Form.AAC, side.group.at)
    goodbye = rest.framed(chunked=True) + LAST_CHUNK
    assert side.read(len(goodbye)) == goodbye
