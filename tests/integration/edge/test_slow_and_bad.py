"""Slow listeners, slow and broken heads, a full edge: each costs only itself."""

import socket
import time
from itertools import pairwise

import pytest
from tests.fakes.grid_messages import message
from tests.integration.edge.edge_house import Client, House, house, until

from rostra.delivery import listener, refusing
from rostra.delivery.cutting import TICK
from rostra.delivery.drivers import connection, handles
from rostra.domain.grid import message_pts
from rostra.domain.limits import REQUEST_HEAD_BYTES_MAX
from rostra.wire.messages import ProgrammeMessage
from rostra.wire.mp4_read import MediaFragment, Mp4Reader

FAT = b"x" * 700


def fat(number: int) -> ProgrammeMessage:
    """A message near the largest that AAC allows, so that buffers fill soon."""
    thin = message(number)
    units = tuple(unit + FAT for unit in thin.aac)
    return ProgrammeMessage(
        thin.space, thin.run, thin.epoch_utc_us, number, units, thin.mp3, thin.notices
    )


def flood(subject: House, count: int) -> None:
    for _ in range(count):
        subject.publish(fat(subject.number))
        subject.number += 1
    last = subject.number - 1
    until(lambda: subject.newest() >= last, f"message {last}")


def parts(client: Client) -> list[MediaFragment]:
    return [box for box in Mp4Reader().feed(client.body()) if isinstance(box, MediaFragment)]


def reaches(number: int, client: Client) -> bool:
    """Whether a push listener has got some message from `number` on."""
    got = parts(client)
    return bool(got) and got[-1].end_pts > message_pts(number)


def flood_and_read(subject: House, count: int, quick: Client) -> None:
    """`flood` tick by tick, while `quick` reads along: who does not read is not quick."""
    for _ in range(count):
        flood(subject, TICK)
        quick.read_until(lambda c: reaches(subject.number - TICK - 1, c), "every tick")


def test_a_slow_listener_skips_and_nobody_else_notices() -> None:
    with house() as subject:
        subject.say()
        flood(subject, 20)
        slow = subject.client(b"GET /live/hall/push.mp4 HTTP/1.1\r\n\r\n", receive_buffer=4_096)
        quick = subject.get("/live/hall/push.mp4")
        subject.listening(2)
        while subject.edge.stats.skips == 0:
            flood_and_read(subject, 1, quick)
        flood_and_read(subject, 4, quick)
        now = subject.number
        slow.read_until(lambda c: c.raw_body() != b"", "its buffer")
        # It reads again: what was half written comes whole, then the newest tick.
        while not reaches(now, slow):
            flood_and_read(subject, 1, quick)
            slow.sock.settimeout(0.05)
            try:
                slow._more()
            except TimeoutError:
                continue
        got = parts(slow)
        gaps = [(a.end_pts, b.base_pts) for a, b in pairwise(got) if a.end_pts != b.base_pts]
        assert gaps, "it has skipped"
        assert all(after > before for before, after in gaps), "never back"
        assert all(a.end_pts == b.base_pts for a, b in pairwise(parts(quick)))


def test_who_is_slow_for_too_long_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "SLOW_CLOSE_NS", 200_000_000)
    with house() as subject:
        subject.say()
        flood(subject, 20)
        subject.client(b"GET /live/hall/push.mp4 HTTP/1.1\r\n\r\n", receive_buffer=4_096)
        subject.listening(1)
        while subject.edge.stats.skips == 0:
            flood(subject, 3)
        until(lambda: subject.edge.stats.slow_closed == 1, "the slow one to be closed")
        assert subject.edge.listeners == 0


def test_who_never_reads_skips_then_is_closed_and_nobody_else_notices(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(listener, "SLOW_CLOSE_NS", 1_000_000_000)
    with house() as subject:
        subject.say()
        flood(subject, 20)
        never = [subject.client(receive_buffer=4_096) for _ in range(3)]
        for client in never:
            client.sock.sendall(b"GET /live/hall/push.mp4 HTTP/1.1\r\n\r\n")
        quick = subject.get("/live/hall/push.mp4")
        subject.listening(4)
        while subject.edge.stats.skips < len(never):
            flood_and_read(subject, 1, quick)
        all_slow_s = time.monotonic()
        assert subject.edge.stats.slow_closed == 0, "the limit has not passed"
        while subject.edge.stats.slow_closed < len(never):
            flood_and_read(subject, 1, quick)
            assert time.monotonic() - all_slow_s < 5
        assert subject.edge.listeners == 1
        assert all(a.end_pts == b.base_pts for a, b in pairwise(parts(quick)))


def test_a_head_too_large_is_refused() -> None:
    with house() as subject:
        head = b"GET / HTTP/1.1\r\nCookie: " + b"x" * REQUEST_HEAD_BYTES_MAX + b"\r\n\r\n"
        client = subject.client(head).read_to_end()
        assert client.status == 431
        assert str(REQUEST_HEAD_BYTES_MAX).encode() in client.raw_body()


def test_a_slow_head_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "HEAD_TIMEOUT_S", 0)
    with house() as subject:
        client = subject.client(b"GET /live/hall/pu").read_to_end()
        assert client.status == 408
        assert b"did not come in time" in client.raw_body()


def test_a_silent_connection_is_refused_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "HEAD_TIMEOUT_S", 0)
    with house() as subject:
        assert subject.client().read_to_end().status == 408


def test_an_idle_connection_is_closed_without_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "KEEPALIVE_S", 0)
    with house() as subject:
        client = subject.get("/healthz").read_to_end()
        assert client.status == 200
        assert client.data.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize(
    "garbage", [b"\x16\x03\x01\x02\x00\x01", b"HELO there\r\n\r\n", b"\0" * 99]
)
def test_garbage_is_refused(garbage: bytes) -> None:
    with house() as subject:
        assert subject.client(garbage).read_to_end().status == 400


def test_a_full_edge_says_when_to_come_back_and_keeps_whom_it_has() -> None:
    with house(listeners_max=2) as subject:
        subject.say()
        subject.send(20)
        clients = [subject.get("/live/hall/push.mp4") for _ in range(2)]
        subject.listening(2)
        refused = subject.get("/live/hall/push.mp4").read_to_end()
        assert refused.status == 503
        wait = int(refused.headers()["retry-after"])
        assert refusing.RETRY_MIN_S <= wait <= refusing.RETRY_MAX_S
        assert subject.edge.stats.refused_full == 1
        assert subject.get("/live/hall/state.json").answer().status == 200
        subject.send(6)
        for client in clients:
            client.read_until(lambda c: reaches(22, c), "message 22")


def test_beyond_its_spare_connections_it_says_so_at_the_door(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(handles, "SPARE_CONNECTIONS", 1)
    monkeypatch.setattr(refusing, "NARROW_PER_S", 1)
    with house(listeners_max=1) as subject:
        for _ in range(2):
            subject.client()
        until(lambda: subject.edge.connections == 2, "two connections")
        subject.client()
        assert subject.client().read_to_end().status == 503, "the first one's head is waited for"


def test_a_listener_that_talks_too_much_is_closed() -> None:
    with house() as subject:
        subject.say()
        subject.send(20)
        client = subject.get("/live/hall/push.mp4")
        subject.listening(1)
        client.sock.sendall(b"x" * (listener.INPUT_BYTES_MAX + 1))
        subject.listening(0)


def test_who_hangs_up_is_forgotten_at_once() -> None:
    with house() as subject:
        subject.say()
        subject.send(20)
        client = subject.get("/live/hall/push.mp4")
        subject.listening(1)
        client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.sock.close()
        subject.listening(0)
        assert subject.edge.connections == 0


def test_one_connection_serves_many_files() -> None:
    with house() as subject:
        subject.say()
        subject.send(20)
        client = subject.client()
        for _ in range(3):
            client.data = b""
            client.sock.sendall(b"GET /live/hall/state.json HTTP/1.1\r\nHost: t\r\n\r\n")
            assert client.answer().headers()["connection"] == "keep-alive"
        client.data = b""
        client.sock.sendall(b"GET /healthz HTTP/1.1\r\n\r\nGET /live/edges.json HTTP/1.1\r\n\r\n")
        client.read_until(lambda c: b"edge-0" in c.data, "the second answer")
        assert client.data.count(b"200 OK") == 2


def test_a_large_answer_waits_for_a_slow_reader() -> None:
    with house() as subject:
        subject.say()
        subject.send(40)
        client = Client(subject.address, receive_buffer=2_048)
        subject.clients.append(client)
        asked = b"GET /live/hall/run1/aac/init.mp4 HTTP/1.1\r\n\r\n" * 10
        client.sock.sendall(asked)
        client.read_until(lambda c: c.data.count(b"200 OK") == 10, "ten answers")
