"""One range of a file that never changes is served; everything else comes whole."""

import pytest

from rostra.delivery.answers import FOREVER, NEVER, Answer, Asset
from rostra.delivery.ranges import part

BODY = b"0123456789"
FILE = Answer(200, BODY, {"Cache-Control": FOREVER, "ETag": '"v1"'})


@pytest.mark.parametrize(
    ("wanted", "body", "told"),
    [
        ("bytes=0-1", b"01", "bytes 0-1/10"),
        ("bytes=8-", b"89", "bytes 8-9/10"),
        ("bytes=-3", b"789", "bytes 7-9/10"),
        ("bytes=-99", BODY, "bytes 0-9/10"),
        ("bytes=9-99", b"9", "bytes 9-9/10"),
        (" bytes=0-0 ", b"0", "bytes 0-0/10"),
    ],
)
def test_a_range_is_given_with_its_place(wanted: str, body: bytes, told: str) -> None:
    found = part(FILE, wanted)
    assert (found.status, found.body) == (206, body)
    assert found.headers["Content-Range"] == told
    assert found.headers["ETag"] == '"v1"'


@pytest.mark.parametrize("wanted", ["bytes=10-", "bytes=10-12", "bytes=-0"])
def test_a_range_behind_the_end_is_refused_with_the_size(wanted: str) -> None:
    found = part(FILE, wanted, language="es")
    assert found.status == 416
    assert found.headers["Content-Range"] == "bytes */10"
    assert b"10 bytes" in found.body


@pytest.mark.parametrize(
    "wanted",
    [
        *("", "bytes=", "bytes=-", "bytes=5-2", "bytes=0-1,4-5", "lines=0-1", "bytes=a-b"),
        *("bytes=+1-2", f"bytes=0-{'9' * 16}", "bytes=\u0661-\u0662"),
    ],
)
def test_what_is_not_one_range_is_passed_over(wanted: str) -> None:
    assert part(FILE, wanted) is FILE


def test_another_version_comes_whole() -> None:
    assert part(FILE, "bytes=0-1", '"v2"') is FILE
    assert part(FILE, "bytes=0-1", '"v1"').status == 206


def test_what_may_change_comes_whole() -> None:
    playlist = Answer(200, BODY, {"Cache-Control": NEVER})
    assert part(playlist, "bytes=0-1") is playlist


def test_what_is_compressed_comes_whole_and_its_plain_form_in_parts() -> None:
    asset = Asset(b"x" * 5_000, "text/javascript")
    assert part(asset.packed, "bytes=0-1") is asset.packed
    assert part(asset.plain, "bytes=0-1").body == b"xx"
