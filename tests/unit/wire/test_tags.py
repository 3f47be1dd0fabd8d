"""ADTS, ID3, notices and ICY: exact bytes, and what is refused."""

import pytest

from rostra.domain.errors import MalformedError
from rostra.wire import adts, icy, id3, notices
from rostra.wire.messages import Notice


def test_an_adts_header_says_aac_lc_48k_mono_and_its_length() -> None:
    assert adts.frame(bytes(200))[:7] == bytes.fromhex("fff14c4019fffc")
    assert adts.AdtsReader().feed(adts.frame(b"a") + adts.frame(b"bc")) == [b"a", b"bc"]


def test_adts_of_another_rate_is_refused() -> None:
    other = bytes.fromhex("fff1504019fffc")  # 44.1 kHz
    with pytest.raises(MalformedError, match="no ADTS frame"):
        adts.AdtsReader().feed(other)


def test_adts_shorter_than_its_header_is_refused() -> None:
    with pytest.raises(MalformedError):
        adts.AdtsReader().feed(bytes.fromhex("fff14c4000dffc"))


def test_a_tag_has_synchsafe_sizes() -> None:
    tag = id3.priv("rostra", bytes(300))
    body = 7 + 300
    assert tag[:10] == b"ID3\x04\x00\x00" + bytes([0, 0, (body + 10) >> 7, (body + 10) & 0x7F])
    assert tag[10:20] == b"PRIV" + bytes([0, 0, body >> 7, body & 0x7F, 0, 0])
    assert id3.read_priv(tag) == ("rostra", bytes(300))


@pytest.mark.parametrize(
    ("tag", "says"),
    [
        (b"", "no ID3v2.4 tag"),
        (b"ID3\x03" + id3.priv("r", b"x")[4:], "no ID3v2.4 tag"),
        (id3.priv("r", b"x") + b"x", "says 13 bytes and holds 14"),
        (id3.priv("r", b"x").replace(b"r\0", b"rr"), "no owner"),
        (id3.priv("r", b"x").replace(b"\x0d", b"\x8d"), "synchsafe"),
    ],
)
def test_a_broken_tag_is_named(tag: bytes, says: str) -> None:
    with pytest.raises(MalformedError, match=says):
        id3.read_priv(tag)


def test_a_notice_is_flat_json_and_its_own_fields_win() -> None:
    notice = Notice("caption", 960, {"text": "héllo"})
    assert '{"text":"héllo","kind":"caption","pts":960}'.encode() in notices.payload(notice)
    assert notices.read(notices.payload(notice)) == notice
    liar = Notice("state", 5, {"kind": "caption", "pts": 7})
    assert notices.read(notices.payload(liar)) == Notice("state", 5, {})


@pytest.mark.parametrize(
    ("payload", "says"),
    [
        (id3.priv("other", b"{}"), "belongs to 'other'"),
        (id3.priv("rostra", b"[]"), "not JSON"),
        (id3.priv("rostra", b'{"kind":"a"}'), "lacks"),
        (id3.priv("rostra", b'{"kind":"a","pts":true}'), "lacks"),
        (id3.priv("rostra", b"[" * 8_000), "not JSON"),
        (bytes(notices.PAYLOAD_BYTES_MAX + 1), "exceeds the limit"),
    ],
)
def test_what_is_no_notice_is_named(payload: bytes, says: str) -> None:
    with pytest.raises(MalformedError, match=says):
        notices.read(payload)


def test_a_title_cannot_break_out_of_its_block() -> None:
    block = icy.metadata_block("It's';\nStreamUrl='x")
    assert block[0] * 16 == len(block) - 1
    assert block.count(b"'") == 2
    assert b"\n" not in block


def test_a_title_too_long_is_cut_on_a_character() -> None:
    block = icy.metadata_block("é" * 3_000)
    assert len(block) == 1 + icy.BLOCK_BYTES_MAX
    _, (title,) = icy.IcyReader(metaint=1).feed(b"s" + block)
    assert set(title) == {"é"}


def test_an_empty_block_is_no_title() -> None:
    reader = icy.IcyReader(metaint=4)
    assert reader.feed(b"soun" + icy.EMPTY_BLOCK + b"d") == (b"sound", [])
