"""Each kind of bad input: a right answer or a closed connection within a named time, counted."""

import socket
import time
from contextlib import suppress

import pytest
from tests.integration.edge.edge_house import Client, House, house, until
from tests.integration.edge.test_edge_requests import SCRIPT, stock

from rostra.delivery.access import Access
from rostra.delivery.doorkeeper import Doorkeeper
from rostra.delivery.drivers import connection, loop
from rostra.delivery.drivers.requests import BODY_BYTES_MAX, PIPELINED_MAX
from rostra.delivery.paths import TARGET_BYTES_MAX
from rostra.domain.limits import REQUEST_HEAD_BYTES_MAX

ANSWER_S = 2.0
"""Whatever is wrong at once is answered or closed within this, on a machine that is busy."""

SEGMENT = "/live/hall/run1/aac/seg-0.m4s"


def sent(subject: House, what: bytes, pieces: int = 1_000_000) -> Client:
    """A client that has sent as much of `what` as the edge lets it, and has read to the end."""
    began_s = time.monotonic()
    client = subject.client()
    with suppress(ConnectionError):
        for at in range(0, len(what), pieces):
            client.sock.sendall(what[at : at + pieces])
    with suppress(ConnectionError):
        client.read_to_end()
    assert time.monotonic() - began_s < ANSWER_S
    return client


def head(path: str, headers: str = "Host: t\r\n", method: str = "GET") -> bytes:
    return f"{method} {path} HTTP/1.1\r\n{headers}\r\n".encode()


def still_well(subject: House) -> None:
    """Others are served, and nothing of it was a mistake of ours."""
    assert subject.get("/healthz").answer().status == 200
    assert subject.edge.stats.turn_errors == 0


@pytest.mark.parametrize("half", [b"", b"G", b"GET /live/hall/push.mp4 HTTP/1.1\r\nHos"])
def test_half_a_request_and_silence_is_ended_in_the_heads_time(
    half: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "HEAD_TIMEOUT_S", 1)
    with house() as subject:
        began_s = time.monotonic()
        client = subject.client(half).read_to_end()
        assert client.status == 408
        took_s = time.monotonic() - began_s
        assert 1 <= took_s < 1 + loop.SWEEP_NS / 1e9 + ANSWER_S
        assert subject.edge.stats.refused_heads == 1
        still_well(subject)


def test_half_a_body_and_silence_is_ended_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "HEAD_TIMEOUT_S", 1)
    with house() as subject:
        began_s = time.monotonic()
        client = subject.client(head("/live/hall/reactions", "Content-Length: 9\r\n", "POST"))
        assert client.read_to_end().status == 408
        assert time.monotonic() - began_s < 1 + loop.SWEEP_NS / 1e9 + ANSWER_S


@pytest.mark.parametrize("lines", [1, 2_000])
def test_64_kb_of_headers_are_431(lines: int) -> None:
    with house() as subject:
        line = "X-%d: " + "x" * (65_536 // lines - 12) + "\r\n"
        client = sent(subject, head("/", "".join(line % n for n in range(lines))), 8_192)
        assert client.status == 431
        assert str(REQUEST_HEAD_BYTES_MAX).encode() in client.raw_body()
        assert subject.edge.stats.refused_heads == 1
        still_well(subject)


def test_a_million_query_arguments_are_414_after_the_first_two_thousand_bytes() -> None:
    with house() as subject:
        query = "&".join(f"a{n}={n}" for n in range(1_000_000))
        client = sent(subject, head(f"/live/hall/push.mp4?{query}"), 4_096)
        assert client.status == 414
        assert str(TARGET_BYTES_MAX).encode() in client.raw_body()
        still_well(subject)


def test_many_query_arguments_within_the_limit_cost_what_one_does() -> None:
    with house() as subject:
        subject.say()
        subject.send(20)
        query = "&".join(["ticket"] * ((TARGET_BYTES_MAX - 40) // 7))
        subject.get(f"/live/hall/push.mp4?{query}")
        subject.listening(1)


@pytest.mark.parametrize(
    "garbage",
    [b"\0" * 9_000, b"\r\n" * 3_000, b"{]" * 3_000, b"\x16\x03\x01\x02\0\x01\0" + b"t" * 99],
)
def test_garbage_behind_a_request_ends_the_connection(garbage: bytes) -> None:
    with house() as subject:
        client = sent(subject, head("/healthz") + garbage + b"\r\n\r\nGET\r\n\r\n")
        assert client.status in {200, 400, 431}
        assert client.data.count(b"HTTP/1.1 200 OK") <= 1
        still_well(subject)


def test_more_requests_ahead_than_are_kept_are_refused_and_counted() -> None:
    with house() as subject:
        client = sent(subject, head("/healthz") * (PIPELINED_MAX * 20))
        assert client.status in {200, 400}
        until(lambda: subject.edge.stats.refused_heads == 1, "the refusal to be counted")
        still_well(subject)


@pytest.mark.parametrize("line", [b"GET /live/hall/push.mp4\r\n", b"GET /\r\n\r\n", b"GET\r\n"])
def test_http_0_9_is_400(line: bytes) -> None:
    with house() as subject:
        assert sent(subject, line).status == 400
        still_well(subject)


@pytest.mark.parametrize("version", ["HTTP/2.0", "HTTP/1.2", "HTTP/9.9", "HTCPCP/1.0"])
def test_another_protocol_is_400(version: str) -> None:
    with house() as subject:
        assert sent(subject, f"GET /healthz {version}\r\n\r\n".encode()).status == 400
        still_well(subject)


@pytest.mark.parametrize("host", ["evil.example", "192.0.2.7:8001", "[::1]:8001", ""])
def test_an_edge_serves_whatever_name_it_is_reached_by(host: str) -> None:
    with house() as subject:
        subject.say()
        assert subject.client(head("/healthz", f"Host: {host}\r\n")).answer().status == 200


def test_a_wrong_host_does_not_get_into_the_page_of_a_house_with_an_address() -> None:
    with house(stock=stock(), access=Access("https://talk.example.org")) as subject:
        subject.say()
        page = subject.client(head("/s/hall", "Host: evil.example\r\n")).answer()
        assert page.status == 200
        assert b"https://talk.example.org/s/hall" in page.raw_body()
        assert b"evil.example" not in page.raw_body()


@pytest.mark.parametrize("host", ['"><script>alert(1)</script>', "a/b", "a b", "a@b"])
def test_a_host_that_is_none_does_not_get_into_any_page(host: str) -> None:
    with house(stock=stock()) as subject:
        subject.say()
        page = subject.client(head("/s/hall", f"Host: {host}\r\n")).answer()
        assert page.status in {200, 400}
        assert host.encode() not in page.raw_body()


def test_two_hosts_are_400() -> None:
    with house() as subject:
        client = sent(subject, head("/healthz", "Host: a.example\r\nHost: b.example\r\n"))
        assert client.status == 400
        assert subject.edge.stats.refused_heads == 1


@pytest.mark.parametrize("stream", ["push.mp4", "stream.aac", "stream.mp3"])
def test_safaris_first_question_to_a_stream_is_answered_with_sound(stream: str) -> None:
    with house() as subject:
        subject.say()
        subject.send(20)
        client = subject.get(f"/live/hall/{stream}", "Range: bytes=0-1\r\n")
        client.read_until(lambda c: len(c.body()) > 2, "sound")
        assert client.status == 200
        assert "accept-ranges" not in client.headers()
        assert "content-range" not in client.headers()


def test_safaris_first_question_to_a_file_is_answered_with_two_bytes() -> None:
    with house(stock=stock()) as subject:
        subject.say()
        subject.send(40)
        whole = subject.get(SEGMENT).answer()
        two = subject.get(SEGMENT, "Range: bytes=0-1\r\n").answer()
        assert two.status == 206
        assert two.raw_body() == whole.raw_body()[:2]
        size = len(whole.raw_body())
        assert two.headers()["content-range"] == f"bytes 0-1/{size}"
        rest = subject.get(SEGMENT, "Range: bytes=2-\r\n").answer()
        assert two.raw_body() + rest.raw_body() == whole.raw_body()
        beyond = subject.get(SEGMENT, f"Range: bytes={size}-\r\n").answer()
        assert beyond.status == 416
        script = subject.get("/assets/app-1.js", "Range: bytes=0-1\r\n").answer()
        assert script.raw_body() == SCRIPT[:2]


@pytest.mark.parametrize("path", ["/live/hall/master.m3u8", "/live/hall/state.json", "/s/hall"])
def test_what_changes_comes_whole(path: str) -> None:
    with house(stock=stock()) as subject:
        subject.say()
        subject.send(20)
        assert subject.get(path, "Range: bytes=0-1\r\n").answer().status == 200


@pytest.mark.parametrize("stream", ["push.mp4", "stream.aac", "stream.mp3"])
def test_head_of_a_stream_is_its_head_and_makes_no_listener(stream: str) -> None:
    with house() as subject:
        subject.say()
        subject.send(20)
        client = sent(subject, head(f"/live/hall/{stream}", method="HEAD"))
        assert client.status == 200
        assert client.raw_body() == b""
        assert client.headers()["content-type"].startswith("audio/")
        assert subject.edge.stats.joined == 0


def test_a_body_on_get_is_read_and_forgotten() -> None:
    with house() as subject:
        body = b"x" * BODY_BYTES_MAX
        length = f"Content-Length: {len(body)}\r\n"
        last = head("/live/edges.json", "Connection: close\r\n")
        client = sent(subject, head("/healthz", length) + body + last)
        assert client.data.count(b"HTTP/1.1 200 OK") == 2
        assert client.data.endswith(b"]}")
        still_well(subject)


@pytest.mark.parametrize("length", [str(BODY_BYTES_MAX + 1), "99999999999"])
def test_a_body_too_large_on_get_is_413(length: str) -> None:
    with house() as subject:
        asked = head("/healthz", f"Content-Length: {length}\r\n")
        client = sent(subject, asked + b"x" * (BODY_BYTES_MAX + 1))
        assert client.status == 413
        still_well(subject)


def test_a_chunked_body_without_end_is_413() -> None:
    with house() as subject:
        chunk = b"400\r\n" + b"x" * 1_024 + b"\r\n"
        asked = head("/healthz", "Transfer-Encoding: chunked\r\n")
        assert sent(subject, asked + chunk * 100).status == 413
        still_well(subject)


def test_two_lengths_of_one_body_are_400() -> None:
    with house() as subject:
        both = "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n"
        client = sent(subject, head("/healthz", both) + b"0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n")
        assert client.status == 400
        assert client.data.count(b"HTTP/1.1 400") == 1
        assert b"404" not in client.data


@pytest.mark.parametrize(
    "session", ["../../etc/passwd", "%00", "x" * 1_000, "a&l=b&l=c", "'; DROP TABLE", "<script>"]
)
@pytest.mark.parametrize("path", ["push.mp4", "master.m3u8", "run1/aac/audio.m3u8"])
def test_a_forged_session_id_is_no_reason_not_to_play(session: str, path: str) -> None:
    with house() as subject:
        subject.say()
        subject.send(40)
        session = session.replace(" ", "%20")
        client = subject.get(f"/live/hall/{path}?l={session}")
        client.read_until(lambda c: b"\r\n\r\n" in c.data, "a head")
        assert client.status == 200
        assert session.encode() not in client.data
        still_well(subject)


def test_a_reaction_in_a_house_with_tickets_needs_one() -> None:
    access = Access(doorkeeper=Doorkeeper(b"k" * 32, required=True))
    with house(access=access) as subject:
        subject.say()
        body = b'{"reaction": "clap", "listener": "one-and-the-same"}'
        asked = head("/live/hall/reactions", f"Content-Length: {len(body)}\r\n", "POST") + body
        assert subject.client(asked).answer().status == 403


def test_who_resets_in_the_middle_of_anything_costs_only_itself() -> None:
    with house() as subject:
        subject.say()
        subject.send(20)
        for asked in (b"", b"GET /he", head("/live/hall/push.mp4"), head("/healthz") * 9):
            client = subject.client(asked)
            client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            client.sock.close()
        still_well(subject)
        until(lambda: subject.edge.connections == 1, "all but the last to be forgotten")
