"""The edge's named limits, each reached on real sockets."""

import fcntl
import resource
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from itertools import pairwise

import pytest
from tests.fakes.grid_messages import message
from tests.integration.edge.edge_house import Client, House, house, until

from rostra.app import edge_bridge
from rostra.app.edge_child import Stock, assemble
from rostra.delivery.drivers import connection, door, inbox, loop, poller, sockets
from rostra.delivery.drivers.inbox import Inbox
from rostra.delivery.drivers.loop import EdgeLoop
from rostra.delivery.drivers.poller import EpollPoller
from rostra.delivery.drivers.requests import PIPELINED_MAX
from rostra.delivery.drivers.sockets import listen
from rostra.wire.states import EdgeInfo

SIOCOUTQNSD = 0x894B
"""How many bytes a socket holds that were never sent (Linux, tcp(7))."""


@contextmanager
def still_edge() -> Iterator[tuple[EdgeLoop, tuple[str, int]]]:
    """An edge without a thread: a test turns it by hand."""
    server = listen("127.0.0.1", 0)
    edge = assemble(server, EdgeInfo("edge-0", ()), Stock(None, {}, None), 1_000)
    with closing(server):
        try:
            yield edge, server.getsockname()
        finally:
            edge._close()


def test_a_crowd_at_the_door_is_let_in_by_batches() -> None:
    most = door.ACCEPT_BATCH_MAX
    with still_edge() as (edge, address), ExitStack() as stack:
        for _ in range(2 * most + 1):
            stack.enter_context(closing(socket.create_connection(address)))
        found = []
        for _ in range(3):
            edge._turn()
            found.append(edge.connections)
        assert found == [most, 2 * most, 2 * most + 1]


@contextmanager
def no_handles_left() -> Iterator[None]:
    """This process can open nothing more for the length of a block."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with ExitStack() as stack:
        highest = stack.enter_context(closing(socket.socket())).fileno()
        resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 8, hard))
        stack.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        with suppress(OSError):
            while True:
                stack.enter_context(closing(socket.socket()))
        yield


def test_without_file_handles_the_door_is_left_alone_until_there_are_some() -> None:
    with still_edge() as (edge, address), closing(socket.create_connection(address)) as client:
        with no_handles_left():
            edge._turn()
            assert edge._wake_ns() == edge._door.opens_ns, "no sweep is waited for"
            began_ns = time.monotonic_ns()
            edge._turn()
            assert time.monotonic_ns() - began_ns > door.ACCEPT_PAUSE_NS // 2, "it does not spin"
            assert edge.connections == 0
        client.sendall(b"GET /healthz HTTP/1.1\r\n\r\n")
        for _ in range(10):
            edge._turn()
            if edge.stats.requests:
                break
        assert client.recv(1_000).startswith(b"HTTP/1.1 200 OK"), "who waited is let in"


def test_one_turn_looks_at_so_many_events_and_the_next_at_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(poller, "EVENTS_MAX", 8)
    watcher = EpollPoller()
    with closing(watcher), ExitStack() as stack:
        waiting = set()
        for _ in range(2 * poller.EVENTS_MAX):
            ours, theirs = (stack.enter_context(closing(end)) for end in socket.socketpair())
            watcher.add(ours.fileno(), poller.READ)
            theirs.send(b"x")
            waiting.add(ours.fileno())
        turns = [{fd for fd, _ in watcher.wait(0)} for _ in range(2)]
        assert [len(turn) for turn in turns] == [poller.EVENTS_MAX] * 2
        assert turns[0] | turns[1] == waiting, "nobody is passed over twice"


def test_a_full_inbox_loses_the_oldest_and_counts_it() -> None:
    box: Inbox[int] = Inbox()
    with closing(box):
        for number in range(inbox.INBOX_MAX + 3):
            box.put(number)
        assert box.lost == 3
        assert box.drain() == list(range(3, inbox.INBOX_MAX + 3))
        assert box.drain() == []


def test_a_wake_up_after_the_end_reaches_no_stranger() -> None:
    box: Inbox[int] = Inbox()
    box.close()
    pair = socket.socketpair()  # it takes the numbers that the box has let go
    with pair[0], pair[1]:
        box.put(1)
        for end in pair:
            end.setblocking(False)
            with pytest.raises(BlockingIOError):
                end.recv(1)


def test_half_a_head_that_is_reset_at_its_deadline_ends_nobody_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(poller, "EVENTS_MAX", 1)  # the resets of the others are not seen in time
    with still_edge() as (edge, address), ExitStack() as stack:
        clients = [stack.enter_context(closing(socket.create_connection(address))) for _ in "abc"]
        for client in clients:
            client.sendall(b"GET /he")
        while [p.reader._head for p in edge._waiting.values()] != [len(b"GET /he")] * len(clients):
            edge._turn()
        for client in clients:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()
        for peer in edge._waiting.values():
            peer.deadline_ns = 0
        edge._sweep_ns = 0
        edge._turn()
        assert edge.connections == 0
        assert edge.stats.turn_errors == 0


def test_a_listener_counts_as_slow_when_so_much_waits_unsent() -> None:
    server = listen("127.0.0.1", 0)
    with closing(server), closing(socket.socket()) as peer, ExitStack() as stack:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        peer.connect(server.getsockname())
        sock = stack.enter_context(closing(server.accept()[0]))
        sock.setblocking(False)
        piece, sent = b"x" * 1_000, 0
        with suppress(BlockingIOError):
            while sent < 100 * sockets.UNSENT_BYTES_MAX:
                sent += sock.send(piece)
        raw = fcntl.ioctl(sock.fileno(), SIOCOUTQNSD, b"\0" * 4)
        unsent = struct.unpack("i", raw)[0]
        assert sockets.UNSENT_BYTES_MAX <= unsent <= sockets.UNSENT_BYTES_MAX + len(piece)
        assert unsent <= sent < 100 * sockets.UNSENT_BYTES_MAX


def test_who_does_not_stop_talking_after_the_last_answer_is_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection, "LINGER_S", 3_600)
    with house() as subject:
        client = subject.client(b"HELO there\r\n\r\n")
        client.read_until(lambda c: b"400 Bad Request" in c.data, "the refusal")
        client.sock.sendall(b"x" * (connection.IGNORED_BYTES_MAX - 1_000))
        client.sock.settimeout(0.05)
        with suppress(ConnectionError):
            for _ in range(1_000):
                client.sock.sendall(b"x" * 1_000)
        until(lambda: subject.edge.connections == 0, "the talker to be closed")


def heard(client: Client, space: str, number: int) -> bool:
    return f"{space}/aac/{number * 5 + 4};".encode() in client.data


def tell(subject: House, spaces: tuple[str, ...], number: int) -> None:
    for space in spaces:
        subject.publish(message(number, run=space, space=space))


def test_beyond_the_feeds_the_oldest_is_taken_up_anew_and_nothing_is_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(edge_bridge, "FEEDS_MAX", 2)
    with house() as subject:
        spaces = ("hall", "east", "west")
        subject.say()
        for number in range(20):
            tell(subject, spaces, number)
        until(lambda: all(subject.newest(s) == 19 for s in spaces), "message 19 of each")
        client = subject.get("/live/hall/stream.aac")
        subject.listening(1)
        for number in range(20, 26):
            tell(subject, spaces, number)
        client.read_until(lambda c: heard(c, "hall", 23), "message 23")
        units = [int(piece.split(b";")[0]) for piece in client.body().split(b"hall/aac/")[1:]]
        assert units == list(range(units[0], units[-1] + 1)), "nothing twice, nothing lost"
        assert len(subject.bridge._feeds) == edge_bridge.FEEDS_MAX


def test_too_many_requests_at_once_are_refused() -> None:
    with house() as subject:
        request = b"GET /healthz HTTP/1.1\r\n\r\n"
        client = subject.client(request * PIPELINED_MAX)
        client.read_until(lambda c: c.data.count(b"200 OK") == PIPELINED_MAX, "every answer")
        refused = subject.client(request * (PIPELINED_MAX + 1)).read_to_end()
        assert refused.status == 400
        assert str(PIPELINED_MAX).encode() in refused.raw_body()


def test_what_a_listener_inherits_from_the_socket_that_accepted_it() -> None:
    with still_edge() as (edge, address), closing(socket.create_connection(address)) as client:
        client.sendall(b"GET /")
        while not edge.connections:
            edge._turn()
        (peer,) = edge._peers.values()
        options = {
            name: peer.sock.getsockopt(socket.IPPROTO_TCP, number)
            for name, number in (
                ("nodelay", socket.TCP_NODELAY),
                ("unsent", socket.TCP_NOTSENT_LOWAT),
                ("dead", socket.TCP_USER_TIMEOUT),
                ("thin", sockets.TCP_THIN_LINEAR_TIMEOUTS),
            )
        }
        assert options == {
            "nodelay": 1,
            "unsent": sockets.UNSENT_BYTES_MAX,
            "dead": sockets.USER_TIMEOUT_MS,
            "thin": 1,
        }
        buffer = peer.sock.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
        assert buffer == 2 * sockets.SEND_BUFFER_BYTES, "the kernel counts its own needs too"


def test_a_turn_that_took_long_looks_for_messages_before_it_serves_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with still_edge() as (edge, address), ExitStack() as stack:
        clients = [
            stack.enter_context(closing(socket.create_connection(address))) for _ in range(5)
        ]
        while edge.connections < len(clients):
            edge._turn()
        monkeypatch.setattr(loop, "TURN_NS", 0)
        for client in clients:
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n")
        served, messages = [], []
        while edge.stats.requests < len(clients):
            edge.inbox.put((lambda _hall, _now: messages.append(1), time.monotonic_ns()))
            edge._turn()
            served.append(edge.stats.requests)
        assert [after - before for before, after in pairwise([0, *served])].count(1) == len(clients)
        assert len(messages) == len(served), "a message waits for one connection at most"
        assert all(b"200 OK" in client.recv(1_024) for client in clients)
