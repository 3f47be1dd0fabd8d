"""Handshakes: some a turn, in time, resumed at any process; plain HTTP from elsewhere refused."""

import contextlib
import os
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.fakes.authority import NAME, Authority
from tests.integration.edge.edge_house import until
from tests.integration.edge.tls_house import closed, tls_house, with_certificate

from rostra.delivery.drivers import handshakes, tls
from rostra.delivery.drivers.door import ACCEPT_BATCH_MAX
from rostra.delivery.drivers.handshakes import PATIENCE_NS, STEPS_MAX, Handshakes, Tls
from rostra.delivery.drivers.sockets import BACKLOG
from rostra.delivery.drivers.tls import EMPTY_READS_MAX, TlsSocket
from rostra.delivery.service import Now

FAR = "203.0.113.9"
NOW = Now(1, 1)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def secure(tmp_path: Path, authority: Authority) -> Tls:
    return with_certificate(tmp_path, authority)


class Desk:
    """Handshakes without a loop: who was admitted is kept."""

    def __init__(self, how: Tls) -> None:
        self.admitted: list[socket.socket] = []
        self.gone: list[int] = []
        self.subject = Handshakes(
            how, lambda sock, _address, _now: self.admitted.append(sock), self.gone.append
        )
        self.theirs: list[socket.socket] = []

    def connect(self, address: str = FAR, now: Now = NOW) -> socket.socket:
        """A new connection from `address`; the client's end of it."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            client = socket.create_connection(server.getsockname(), 5)
            ours, _ = server.accept()
        self.theirs.append(client)
        self.subject.begin(ours, address, now)
        return client

    def hello(self, trust: ssl.SSLContext) -> ssl.SSLObject:
        """A client that has said hello and waits."""
        client = self.connect()
        into, out = ssl.MemoryBIO(), ssl.MemoryBIO()
        theirs = trust.wrap_bio(into, out, server_hostname=NAME)
        with pytest.raises(ssl.SSLWantReadError):
            theirs.do_handshake()
        client.sendall(out.read())
        return theirs

    def pair(self, trust: ssl.SSLContext) -> tuple[ssl.SSLSocket, TlsSocket]:
        """Both ends of a connection whose handshake is done."""
        client = self.connect()
        client.setblocking(False)
        theirs = trust.wrap_socket(client, server_hostname=NAME, do_handshake_on_connect=False)
        self.theirs[-1] = theirs
        before = len(self.admitted)
        while len(self.admitted) == before:
            with contextlib.suppress(ssl.SSLWantReadError):
                theirs.do_handshake()
            self.subject.turn(NOW)
        ours = self.admitted[-1]
        assert isinstance(ours, TlsSocket)
        return theirs, ours


@pytest.fixture
def desk(secure: Tls) -> Iterator[Desk]:
    made = Desk(secure)
    yield made
    made.subject.close()
    for sock in (*made.theirs, *made.admitted):
        sock.close()


def answered(desk: Desk) -> int:
    """Handshakes whose first step is done."""
    return sum(one.tls is not None for one in desk.subject.under_way.values())


def test_one_turn_takes_so_many_steps_and_the_next_the_others(
    desk: Desk, authority: Authority
) -> None:
    trust = authority.client()
    for _ in range(STEPS_MAX + 3):
        desk.hello(trust)
    desk.subject.turn(NOW)
    assert answered(desk) == STEPS_MAX
    desk.subject.turn(NOW)
    assert answered(desk) == STEPS_MAX + 3


def test_newcomers_wait_unless_somebody_takes_long(
    desk: Desk, secure: Tls, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert STEPS_MAX < handshakes.HANDSHAKES_MAX < BACKLOG, "a turn is a part, the rest can wait"
    monkeypatch.setattr(handshakes, "HANDSHAKES_MAX", 2)
    first = desk.connect()
    assert desk.subject.room(NOW) == 1
    desk.connect()
    assert desk.subject.room(NOW) == 0
    later = Now(NOW.mono_ns + PATIENCE_NS + 1, 1)
    assert desk.subject.room(later) == 2
    assert closed(first)
    assert secure.crowded == 2


def test_silent_peers_are_never_more_than_the_limit(
    desk: Desk, secure: Tls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handshakes, "HANDSHAKES_MAX", 4)
    most = []
    for tenth in range(50):
        now = Now(NOW.mono_ns + tenth * PATIENCE_NS // 10, 1)
        for _ in range(min(3, desk.subject.room(now))):
            desk.connect(now=now)
        most.append(len(desk.subject.under_way))
    assert max(most) == 4
    assert secure.crowded >= 8, "and the old make room for the new"


def test_a_crowd_beyond_our_pace_waits_at_the_door(desk: Desk, authority: Authority) -> None:
    trust = authority.client()
    for _ in range(STEPS_MAX + 1):
        desk.hello(trust)
    desk.subject.turn(NOW)
    assert desk.subject.room(NOW) == 1
    desk.subject.turn(NOW)
    assert desk.subject.room(NOW) == ACCEPT_BATCH_MAX


def test_one_that_made_room_in_a_turn_is_not_gone_on_with(desk: Desk, secure: Tls) -> None:
    for _ in range(2):
        desk.connect("127.0.0.1").sendall(b"GET")

    def admit(sock: socket.socket, _address: str, _now: Now) -> None:
        desk.admitted.append(sock)
        for fd in list(desk.subject.under_way):
            desk.subject.make_room(fd)

    desk.subject.admit = admit
    desk.subject.turn(NOW)
    assert len(desk.admitted) == 1
    assert not desk.subject.under_way
    assert (secure.crowded, len(desk.gone)) == (1, 1)


def test_a_full_house_of_handshakes_lets_all_in_by_and_by(
    secure: Tls, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handshakes, "HANDSHAKES_MAX", 2)
    with tls_house(secure, authority) as subject:
        taken = subject.house.edge._handshakes
        assert taken is not None
        silent = [subject.raw() for _ in range(2)]
        until(lambda: len(taken.under_way) == 2, "two that say nothing")
        with socket.create_connection(subject.house.address, 0.3) as waiting:
            waiting.sendall(b"GET /live/edges.json HTTP/1.1\r\nHost: test\r\n\r\n")
            with pytest.raises(TimeoutError):
                waiting.recv(1)
            for one in silent:
                one.sock.close()
            waiting.settimeout(5)
            assert waiting.recv(12) == b"HTTP/1.1 200", "it was kept in the kernel's queue"
        assert all(subject.get("/live/edges.json").answer().status == 200 for _ in range(4))


def test_plain_http_from_elsewhere_is_told_to_come_by_https(desk: Desk, secure: Tls) -> None:
    client = desk.connect()
    client.sendall(b"GET /live/edges.json HTTP/1.1\r\nHost: test\r\n\r\n")
    desk.subject.turn(NOW)
    answer = client.recv(4_096)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"https://" in answer
    assert closed(client)
    assert (desk.admitted, secure.plain) == ([], 1)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.0.1", "::1", "::ffff:127.0.0.1"])
def test_plain_http_of_this_machine_is_the_front_door(desk: Desk, address: str) -> None:
    desk.connect(address).sendall(b"GET / HTTP/1.1\r\n\r\n")
    desk.subject.turn(NOW)
    assert desk.admitted[0].recv(3) == b"GET"


def test_who_leaves_before_a_word_is_forgotten(desk: Desk, secure: Tls) -> None:
    desk.connect().close()
    desk.subject.turn(NOW)
    assert not desk.subject.under_way
    assert (secure.failed, len(desk.gone)) == (1, 1)


def test_a_full_socket_is_owed_the_same_bytes_until_they_are_out(
    desk: Desk, authority: Authority
) -> None:
    theirs, ours = desk.pair(authority.client())
    sent = b""
    data = os.urandom(10_000)
    while True:
        taken = ours.send(data)
        sent += data[:taken]
        if taken < len(data):
            break
    assert taken == len(data) - 1, "all but the byte that makes the caller come back"
    with pytest.raises(BlockingIOError):
        ours.send(data[taken:])
    got = b""
    while len(got) < len(sent) + 1:
        try:
            got += theirs.recv(65_536)
        except ssl.SSLWantReadError:
            try:
                assert ours.send(data[taken:]) == 1
            except BlockingIOError:
                continue
            sent += data[taken:]
            break
    while len(got) < len(sent):
        got += theirs.recv(65_536)
    assert got == sent
    assert ours.send(b"more") == 4


def test_one_byte_into_a_full_socket_is_taken_and_comes_first(
    desk: Desk, authority: Authority
) -> None:
    theirs, ours = desk.pair(authority.client())
    count = 0
    while ours.send(b"x") == 1 and ours._held is None:
        count += 1
    count += 1
    with pytest.raises(BlockingIOError):
        ours.send(b"y")
    got = b""
    while b"y" not in got:
        try:
            got += theirs.recv(65_536)
        except ssl.SSLWantReadError:
            try:
                ours.send(b"y")
            except BlockingIOError:
                continue
    assert got == b"x" * count + b"y"


def test_more_than_a_record_is_taken_in_pieces_and_nothing_is_nothing(
    desk: Desk, authority: Authority
) -> None:
    _theirs, ours = desk.pair(authority.client())
    assert ours.send(bytes(tls.RECORD_BYTES_MAX + 1)) == tls.RECORD_BYTES_MAX
    assert ours.send(b"") == 0


def test_what_no_poller_sees_is_named(desk: Desk, authority: Authority) -> None:
    theirs, ours = desk.pair(authority.client())
    theirs.send(b"0123456789")
    assert ours.recv(4) == b"0123"
    assert desk.subject.take_unread() == {ours.fileno()}
    assert desk.subject.take_unread() == set()
    assert ours.recv(100) == b"456789"
    assert desk.subject.take_unread() == set()


def test_records_without_data_are_not_read_for_ever(desk: Desk, authority: Authority) -> None:
    theirs, ours = desk.pair(authority.client())
    for _ in range(EMPTY_READS_MAX):
        with pytest.raises(BlockingIOError):
            ours.recv(10)
    theirs.send(b"data")
    assert ours.recv(10) == b"data", "which starts the count anew"
    for _ in range(EMPTY_READS_MAX):
        with pytest.raises(BlockingIOError):
            ours.recv(10)
    with pytest.raises(OSError, match="records without data"):
        ours.recv(10)


def test_the_end_is_an_end_with_a_goodbye_and_without_one(desk: Desk, authority: Authority) -> None:
    theirs, ours = desk.pair(authority.client())
    ours.shutdown(socket.SHUT_WR)
    assert theirs.recv(10) == b"", "a goodbye in TLS: nothing was cut off"
    theirs, ours = desk.pair(authority.client())
    socket.socket.shutdown(theirs, socket.SHUT_WR)
    assert ours.recv(10) == b"", "a ragged end"


def serve_one(how: Tls) -> tuple[int, int]:
    """Fork a process that serves one connection and ends; its port and number."""
    server = socket.create_server(("127.0.0.1", 0))
    port = server.getsockname()[1]
    pid = os.fork()
    if pid == 0:
        with server.accept()[0] as sock, how.context.wrap_socket(sock, server_side=True) as secure:
            secure.settimeout(5)
            secure.recv(10)
            secure.send(b"done")
        os._exit(0)
    server.close()
    return port, pid


def test_a_session_resumes_at_another_process_and_at_one_that_was_started_again(
    secure: Tls, authority: Authority
) -> None:
    trust = authority.client()
    session: ssl.SSLSession | None = None
    for resumed in (False, True, True):  # the first edge, another, and one started again
        port, pid = serve_one(secure)
        with socket.create_connection(("127.0.0.1", port), 5) as sock:
            theirs = trust.wrap_socket(sock, server_hostname=NAME, session=session)
            theirs.send(b"hello")
            assert theirs.recv(10) == b"done"
            assert theirs.session_reused is resumed
            session = theirs.session
            theirs.close()
        assert os.waitpid(pid, 0)[1] == 0
