"""Trailers of a chunked request are no headers (RFC 9110, 6.5.1)."""

import pytest

from rostra.delivery.drivers.requests import RequestReader
from rostra.delivery.service import Request

CHUNKED = (
    b"POST /x HTTP/1.1\r\nHost: h\r\n%sTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n%s\r\n"
)
FORWARDED = b"X-Forwarded-For: 203.0.113.7\r\n"
FORGED = b"X-Forwarded-For: 198.51.100.1\r\n"


def read(data: bytes) -> list[Request]:
    return RequestReader("127.0.0.1").feed(data)


@pytest.mark.parametrize(
    "trailer", [FORGED, b"Host: elsewhere\r\n", b"User-Agent: x\r\n", b"Origin: http://x\r\n"]
)
def test_a_trailer_changes_nothing(trailer: bytes) -> None:
    (plain,) = read(CHUNKED % (FORWARDED, b""))
    (tailed,) = read(CHUNKED % (FORWARDED, trailer))
    assert tailed == plain
    assert (tailed.source, tailed.body) == ("203.0.113.7", b"ok")
    (alone,) = read(CHUNKED % (b"", trailer))
    assert alone.source == "127.0.0.1"


def test_the_next_request_has_its_headers() -> None:
    first, second = read(CHUNKED % (FORWARDED, FORGED) + CHUNKED % (FORGED, FORWARDED))
    assert (first.source, second.source) == ("203.0.113.7", "198.51.100.1")
