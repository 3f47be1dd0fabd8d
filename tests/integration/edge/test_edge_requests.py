"""Requests as the open internet sends them: wrong, half, hostile, too many at once."""

import json
import socket
import time

import pytest
from tests.fakes.grid_messages import loop as hold_loop
from tests.integration.edge.edge_house import Client, House, house, until

from rostra.app.edge_child import Stock
from rostra.delivery.answers import Asset
from rostra.delivery.drivers import connection
from rostra.delivery.pages import HEAD_MARK, STATE_MARK, Template
from rostra.delivery.paths import TARGET_BYTES_MAX

SCRIPT = b"const rostra = 1;" * 100
PAGE = f"<html><head>{HEAD_MARK}</head><body>{STATE_MARK}</body></html>"


def stock() -> Stock:
    script = Asset(SCRIPT, "text/javascript")
    large = Asset(bytes(range(256)) * 2_000, "application/octet-stream")
    return Stock(Template(PAGE), {"app-1.js": script, "large-1.bin": large}, hold_loop())


def answered(subject: House, path: str, method: str = "GET") -> Client:
    return subject.get(path, method=method).answer()


def said(client: Client) -> str:
    body = json.loads(client.raw_body())["error"]
    assert body["status"] == client.status
    return str(body["sentence"])


@pytest.mark.parametrize("name", ["push.mp4", "stream.mp3", "state.json", "master.m3u8"])
def test_an_unknown_space_is_a_sentence(name: str) -> None:
    with house() as subject:
        client = answered(subject, f"/live/nowhere/{name}")
        assert client.status == 404
        assert said(client).startswith("There is no space called nowhere; check the address")


def test_an_unknown_spaces_page_is_a_page_with_the_sentence() -> None:
    with house(stock=stock()) as subject:
        client = answered(subject, "/s/nowhere")
        assert client.status == 404
        assert client.headers()["content-type"] == "text/html; charset=utf-8"
        assert b"There is no space called nowhere" in client.raw_body()


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../app-1.js",
        "/assets/..%2f..%2fetc%2fpasswd",
        "/assets/%2e%2e/%2e%2e/etc/passwd",
        "/assets/..",
        "/assets/.",
        "/assets/",
        "/assets//etc/passwd",
        "/assets/app-1.js/",
        "/assets/app-1.js%00",
        "/assets/..\\..\\etc\\passwd",
        "/../../etc/passwd",
        "/live/../assets/app-1.js",
        "//assets/app-1.js",
        "http://elsewhere/../assets/app-1.js",
    ],
)
def test_no_address_leads_out_of_the_assets(path: str) -> None:
    with house(stock=stock()) as subject:
        client = answered(subject, path)
        assert client.status in {400, 404}
        assert SCRIPT not in client.data
        assert b"root:" not in client.data


def test_an_address_too_long_is_refused() -> None:
    with house() as subject:
        client = answered(subject, "/live/hall/" + "x" * TARGET_BYTES_MAX)
        assert client.status == 414
        assert str(TARGET_BYTES_MAX) in said(client)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE"])
@pytest.mark.parametrize("path", ["/live/hall/push.mp4", "/assets/app-1.js", "/s/hall"])
def test_what_only_reads_says_so(method: str, path: str) -> None:
    with house(stock=stock()) as subject:
        subject.say()
        client = answered(subject, path, method)
        assert client.status == 405
        assert client.headers()["allow"] == "GET, HEAD, OPTIONS"
        assert method.encode() in client.raw_body()
        assert subject.edge.listeners == 0


def test_a_method_that_http_does_not_know_is_refused() -> None:
    with house() as subject:
        client = answered(subject, "/live/hall/push.mp4", "FETCH")
        assert client.status == 400
        assert "not an HTTP/1.1 request" in said(client)


def test_other_origins_may_ask() -> None:
    with house() as subject:
        client = answered(subject, "/live/hall/push.mp4", "OPTIONS")
        assert client.status == 204
        assert client.headers()["access-control-allow-origin"] == "*"
        assert client.raw_body() == b""


@pytest.mark.parametrize(
    "path",
    [
        "/s/hall",
        "/assets/app-1.js",
        "/live/hall/master.m3u8",
        "/live/hall/run1/aac/audio.m3u8",
        "/live/hall/run1/aac/seg-0.m4s",
        "/live/edges.json",
        "/nothing",
    ],
)
def test_head_has_the_headers_of_get_and_no_body(path: str) -> None:
    with house(stock=stock()) as subject:
        subject.say()
        subject.send(20)
        whole = answered(subject, path)
        # The next answer on the same connection comes right behind the head.
        asked = f"HEAD {path} HTTP/1.1\r\nHost: test\r\n\r\nGET /healthz HTTP/1.1\r\n\r\n"
        both = subject.client(asked.encode())
        both.read_until(lambda c: c.data.endswith(b"\r\n\r\nok\n"), "the next answer")
        assert (both.status, both.headers()) == (whole.status, whole.headers())
        assert int(whole.headers()["content-length"]) == len(whole.raw_body()) > 0
        assert both.raw_body().startswith(b"HTTP/1.1 200 OK")


def test_a_head_that_dribbles_is_closed_in_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "HEAD_TIMEOUT_S", 1)
    with house() as subject:
        client = subject.client()
        began_s = time.monotonic()
        client.sock.settimeout(0.05)
        for sign in b"GET /" + b"x" * 1_000:
            client.sock.sendall(bytes([sign]))
            try:
                client._more()
            except TimeoutError:
                continue
            break
        assert client.status == 408
        assert 1 <= time.monotonic() - began_s < 3, "a byte now and then buys no time"


def test_requests_sent_ahead_are_all_answered_however_slowly_they_are_read() -> None:
    with house(stock=stock()) as subject:
        large, small = "/assets/large-1.bin", "/healthz"
        heads = [f"GET {path} HTTP/1.1\r\nHost: t\r\n" for path in (large, small, large)]
        last = f"GET {small} HTTP/1.1\r\nConnection: close\r\n\r\n"
        client = subject.client(receive_buffer=4_096)
        client.sock.sendall(("\r\n".join(heads) + "\r\n" + last).encode())
        client.read_to_end()
        assert client.data.count(b"200 OK") == 4
        assert client.data.count(bytes(range(256)) * 2_000) == 2
        assert client.data.endswith(b"\r\n\r\nok\n")


def test_who_closes_its_half_after_asking_gets_the_whole_answer() -> None:
    with house(stock=stock()) as subject:
        client = subject.client(receive_buffer=4_096)
        client.sock.sendall(b"GET /assets/large-1.bin HTTP/1.1\r\nHost: t\r\n\r\n")
        client.sock.shutdown(socket.SHUT_WR)
        client.read_to_end()
        assert client.raw_body() == bytes(range(256)) * 2_000
        until(lambda: subject.edge.connections == 0, "the connection to be forgotten")


def test_who_closes_its_half_before_asking_is_forgotten() -> None:
    with house() as subject:
        client = subject.client(b"GET /live/hall/pu")
        until(lambda: subject.edge.connections == 1, "the connection")
        client.sock.shutdown(socket.SHUT_WR)
        client.read_to_end()
        assert client.data == b""
        assert subject.edge.connections == 0


def test_a_listener_that_closes_its_half_has_left() -> None:
    with house() as subject:
        subject.say()
        subject.send(20)
        client = subject.get("/live/hall/stream.aac")
        subject.listening(1)
        client.sock.shutdown(socket.SHUT_WR)
        client.read_to_end()
        assert client.raw_body() != b""
        subject.listening(0)


def test_who_does_not_take_an_answer_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "ANSWER_TIMEOUT_S", 0)
    with house(stock=stock()) as subject:
        client = subject.client(receive_buffer=2_048)
        client.sock.sendall(b"GET /assets/large-1.bin HTTP/1.1\r\nHost: t\r\n\r\n")
        until(lambda: subject.edge.stats.requests == 1, "the request")
        until(lambda: subject.edge.connections == 0, "the connection to be given up")
