"""Listeners by TLS: the same bytes as plain ones, whole units for slow ones, an end in order."""

from itertools import pairwise
from pathlib import Path

import pytest
from tests.fakes.authority import Authority
from tests.integration.edge.edge_house import Client, until
from tests.integration.edge.test_slow_and_bad import flood, parts, reaches
from tests.integration.edge.tls_house import TlsHouse, tls_house, with_certificate

from rostra.delivery.access import Access
from rostra.delivery.budgets import Limits
from rostra.delivery.cutting import TICK
from rostra.delivery.drivers import gate, handshakes, tls
from rostra.domain.limits import REQUEST_HEAD_BYTES_MAX
from rostra.domain.space import State


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


def test_a_stream_over_tls_is_the_plain_one_byte_for_byte(
    tmp_path: Path, authority: Authority
) -> None:
    with tls_house(with_certificate(tmp_path, authority), authority) as subject:
        subject.house.say()
        subject.house.send(20)
        # The front door's way: plain, from this machine, to the same port.
        plain = subject.house.get("/live/hall/push.mp4")
        subject.house.listening(1)
        secure = [subject.get("/live/hall/push.mp4") for _ in range(TICK)]
        subject.house.listening(1 + TICK)
        subject.house.send(30)
        subject.house.say(State.ENDED)
        plain.read_to_end()
        same = [one.read_to_end().data == plain.data for one in secure]
        assert any(same), "each bucket of the tick has one, the plain one's too"
        assert all(one.finished() for one in secure)
        assert secure[0].secure.version() == "TLSv1.3"
        assert secure[0].secure.selected_alpn_protocol() == "http/1.1"
        assert subject.tls.full == TICK


def test_who_makes_room_after_a_refusal_takes_nobody_with_it(
    tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "NARROW_MAX", 2)
    access = Access(proxies=(), limits=Limits(connections_per_address=1))
    with tls_house(with_certificate(tmp_path, authority), authority, access) as subject:
        house = subject.house
        house.say()
        house.send(20)
        listener = subject.get("/live/hall/push.mp4")
        house.listening(1)
        for _ in range(6):
            refused = subject.get("/live/edges.json")
            assert refused.answer().status == 429, "told, and still there for the farewell"
        house.send(6)
        assert reaches(23, listener.read_until(lambda c: reaches(23, c), "message 23"))
        assert house.edge.listeners == 1


def test_a_slow_listener_finishes_its_unit_skips_and_comes_back(
    tmp_path: Path, authority: Authority
) -> None:
    with tls_house(with_certificate(tmp_path, authority), authority) as subject:
        house = subject.house
        house.say()
        flood(house, 20)
        slow = subject.get("/live/hall/push.mp4", receive_buffer=4_096)
        house.listening(1)
        while house.edge.stats.skips == 0:
            flood(house, TICK)
        flood(house, 6 * TICK)
        now = house.number
        # OpenSSL would end the connection at a record that is not what was begun.
        read_on(subject, slow, now)
        got = parts(slow)
        gaps = [(a.end_pts, b.base_pts) for a, b in pairwise(got) if a.end_pts != b.base_pts]
        assert gaps, "it has skipped"
        assert all(after > before for before, after in gaps), "never back"


def read_on(subject: TlsHouse, slow: Client, number: int) -> None:
    """Read whatever is there while the programme goes on, until message `number`."""
    slow.sock.settimeout(0.05)
    while not reaches(number, slow):
        flood(subject.house, TICK)
        try:
            slow._more()
        except TimeoutError:
            continue


def test_a_goodbye_waits_for_what_a_slow_listener_is_owed(
    tmp_path: Path, authority: Authority
) -> None:
    with tls_house(with_certificate(tmp_path, authority), authority) as subject:
        house = subject.house
        house.say()
        flood(house, 20)
        slow = subject.get("/live/hall/push.mp4", receive_buffer=4_096)
        house.listening(1)
        while house.edge.stats.skips == 0:
            flood(house, TICK)
        house.say(State.ENDED)
        slow.read_to_end()
        assert slow.finished(), "its last chunk came behind a whole unit"


def test_many_requests_in_one_record_are_all_answered(tmp_path: Path, authority: Authority) -> None:
    with tls_house(with_certificate(tmp_path, authority), authority) as subject:
        wide = f"X-Wide: {'x' * (REQUEST_HEAD_BYTES_MAX // 2)}\r\n"
        first = subject.get("/live/edges.json", wide).answer()
        size = len(first.data)
        one = f"GET /live/edges.json HTTP/1.1\r\nHost: test\r\n{wide}\r\n".encode()
        assert len(one) * 3 <= tls.RECORD_BYTES_MAX * 2
        first.sock.sendall(one * 3)
        first.read_until(lambda c: len(c.data) == size * 4, "three more answers")


def test_plain_http_and_silence_cost_a_word_or_a_time_out(
    tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handshakes, "HANDSHAKE_TIMEOUT_NS", 300_000_000)
    with tls_house(with_certificate(tmp_path, authority), authority) as subject:
        subject.raw().read_to_end()  # says nothing
        subject.raw(b"\x16\x03\x01\x02\x00\x01").read_to_end()  # a hello that never ends
        assert subject.tls.late == 2
        subject.raw(b"\x16\x03\x01\x00\x05hello").read_to_end()
        until(lambda: subject.tls.failed == 1, "a hello that is none")
