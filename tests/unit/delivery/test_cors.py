import pytest

from rostra.delivery.access import OPEN, Access
from rostra.delivery.answers import Answer, Asset
from rostra.delivery.channel import Channel
from rostra.delivery.cors import restricted
from rostra.delivery.cutting import Form
from rostra.delivery.streams import Join, stream_head

LISTED = Access("https://talk.example.org", origins=("https://radio.example",))
ALLOWED = [
    ("https://radio.example", "e0.example.org"),
    ("https://talk.example.org", "e0.example.org"),
    ("http://house.local:8000", "house.local:8001"),
    ("http://[::1]:8000", "[::1]:8001"),
]
REFUSED = [
    ("https://other.example", "e0.example.org"),
    ("https://radio.example.evil.example", "e0.example.org"),
    ("http://radio.example", "e0.example.org"),
    ("null", "null"),
    ("", ""),
    ("https://a\r\nXy", "a\r\nXy"),
]


def said(origin: str, host: str, access: Access = LISTED) -> Answer:
    found = restricted(Asset(b"x", "text/plain").plain, origin, host, access)
    assert isinstance(found, Answer)
    return found


def test_an_open_edge_answers_the_very_same_object() -> None:
    answer = Asset(b"x", "text/plain").plain
    assert restricted(answer, "https://other.example", "h", OPEN) is answer


@pytest.mark.parametrize(("origin", "host"), ALLOWED)
def test_listed_origins_and_the_houses_own_may_read(origin: str, host: str) -> None:
    answer = said(origin, host)
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert answer.headers["Vary"] == "Accept-Encoding, Origin"


@pytest.mark.parametrize(("origin", "host"), REFUSED)
def test_others_may_not_and_caches_keep_them_apart(origin: str, host: str) -> None:
    answer = said(origin, host)
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert answer.headers["Vary"] == "Accept-Encoding, Origin"
    assert said("https://radio.example", "h").headers["Access-Control-Allow-Origin"]


def test_what_is_for_no_other_page_stays_so() -> None:
    page = Answer(200, b"", {"Content-Type": "text/html"})
    assert restricted(page, "https://radio.example", "h", LISTED) is page


@pytest.mark.parametrize("origin", ["https://radio.example", "https://other.example"])
def test_streams_are_restricted_as_files_are(origin: str) -> None:
    join = Join(Channel("hall", "e", None), Form.AAC, chunked=True, head=b"")
    head = stream_head(Form.AAC, "A talk", chunked=True)
    found = restricted(Join(join.channel, Form.AAC, True, head), origin, "h", LISTED)
    assert isinstance(found, Join)
    lines = found.head.split(b"\r\n")
    assert lines.count(b"Vary: Origin") == 1
    allow = [line for line in lines if line.startswith(b"Access-Control-Allow-Origin")]
    listed = origin in LISTED.origins
    assert allow == ([f"Access-Control-Allow-Origin: {origin}".encode()] if listed else [])
    assert found.head.endswith(b"\r\n\r\n")
