"""Whatever bytes come in whatever pieces: requests within the limits, or one PeerError."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.delivery.drivers.requests import PIPELINED_MAX, RequestReader
from rostra.delivery.service import Request
from rostra.domain.errors import PeerError
from rostra.domain.limits import REQUEST_HEAD_BYTES_MAX

GOOD = b"GET /live/hall/push.mp4?x=1 HTTP/1.1\r\nHost: h:1\r\nIcy-MetaData: 1\r\nCookie: s\r\n\r\n"


def feed(data: bytes, cuts: list[int]) -> list[Request]:
    """Give `data` in pieces, never more than there is room for, as the loop does."""
    reader = RequestReader()
    requests: list[Request] = []
    at = 0
    sizes = iter(cuts)
    while at < len(data):
        size = max(1, min(reader.room, next(sizes, len(data))))
        requests += reader.feed(data[at : at + size])
        at += size
    return requests


def outcome(data: bytes, cuts: list[int]) -> int:
    """200, or the status of the refusal."""
    try:
        feed(data, cuts)
    except PeerError as error:
        return error.status
    return 200


@given(st.lists(st.integers(1, 40)))
def test_a_head_reads_the_same_however_it_is_cut(cuts: list[int]) -> None:
    (request,) = feed(GOOD, cuts)
    assert request.target == b"/live/hall/push.mp4?x=1"
    assert request.headers == {"host": "h:1", "icy-metadata": "1"}
    assert request.chunked


@given(st.integers(0, 3), st.integers(0, len(GOOD) - 1), st.lists(st.integers(1, 40)))
def test_a_reader_knows_whether_a_request_is_under_way(
    whole: int, more: int, cuts: list[int]
) -> None:
    reader = RequestReader()
    data, sizes = GOOD * whole + GOOD[:more], iter(cuts)
    while data:
        size = next(sizes, len(data))
        reader.feed(data[:size])
        data = data[size:]
    assert reader.unfinished == (more > 0 or whole == 0)


@given(st.binary(max_size=3_000), st.lists(st.integers(1, 400)))
def test_garbage_is_refused_or_waited_for(data: bytes, cuts: list[int]) -> None:
    assert outcome(data, cuts) in {200, 400, 413, 414, 431}


@given(st.integers(-40, 40), st.lists(st.integers(1, 3_000), max_size=6))
def test_the_limit_is_a_limit(around: int, cuts: list[int]) -> None:
    size = REQUEST_HEAD_BYTES_MAX + around
    head = b"GET / HTTP/1.1\r\nX: "
    data = head + b"x" * (size - len(head) - 4) + b"\r\n\r\n"
    if around <= 0:
        assert len(feed(data, cuts)) == 1
    else:
        with pytest.raises(PeerError) as caught:
            feed(data, cuts)
        assert caught.value.status == 431


def test_too_many_requests_ahead_are_refused() -> None:
    short = b"GET / HTTP/1.1\r\n\r\n"
    assert len(feed(short * PIPELINED_MAX, [])) == PIPELINED_MAX
    with pytest.raises(PeerError, match="before their answers"):
        RequestReader().feed(short * (PIPELINED_MAX + 1))


def test_a_body_that_nobody_asked_for_is_bounded() -> None:
    head = b"POST /live/hall/hands HTTP/1.1\r\nContent-Length: 5000\r\n\r\n"
    with pytest.raises(PeerError) as caught:
        feed(head + b"x" * 5_000, [])
    assert caught.value.status == 413


def test_an_upgrade_is_answered_as_if_it_had_not_been_asked_for() -> None:
    asked = b"GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    (request,) = RequestReader().feed(asked + b"GET / HTTP/1.1\r\n\r\n")
    assert not request.keep


def test_http_1_0_is_told_apart_and_closes() -> None:
    (request,) = RequestReader().feed(b"GET / HTTP/1.0\r\n\r\n")
    assert not request.chunked
    assert not request.keep


def test_each_request_says_for_itself_whether_the_connection_stays() -> None:
    last = b"GET /b HTTP/1.1\r\nConnection: close\r\n\r\n"
    requests = RequestReader().feed(b"GET /a HTTP/1.1\r\n\r\n" + last)
    assert [request.keep for request in requests] == [True, False]
