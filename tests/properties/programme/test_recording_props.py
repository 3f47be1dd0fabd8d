"""Invariant: every whole record is found, whatever is torn, broken or put between them."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.domain.errors import MalformedError
from rostra.programme.recording import (
    FRAME_BYTES,
    MARK,
    PAYLOAD_BYTES_MAX,
    VERSION,
    Head,
    Reader,
    head_record,
    place_of,
    read_head,
    record,
)

payloads = st.lists(st.binary(min_size=1, max_size=60) | st.just(MARK * 4), max_size=8)


def read(data: bytes, cuts: list[int]) -> tuple[list[bytes], Reader]:
    """All that is found when the bytes come in pieces."""
    reader, found, begin = Reader(), [], 0
    for end in [*sorted(cut % (len(data) + 1) for cut in cuts), len(data)]:
        found += reader.feed(data[begin:end])
        begin = end
    found += reader.finish()
    return [one.payload for one in found], reader


@given(payloads, st.lists(st.integers(0, 1 << 16), max_size=6))
def test_what_is_written_is_read_however_it_comes(said: list[bytes], cuts: list[int]) -> None:
    data = b"".join(map(record, said))
    found, reader = read(data, cuts)
    assert found == said
    assert (reader.end, reader.damaged) == (len(data), 0)


@given(payloads, st.binary(min_size=1, max_size=60), st.data())
def test_a_torn_end_is_found_and_cut_off(
    said: list[bytes], last: bytes, data: st.DataObject
) -> None:
    whole, torn = b"".join(map(record, said)), record(last)
    left = data.draw(st.integers(0, len(torn) - 1))
    found, reader = read(whole + torn[:left], [])
    assert found == said
    assert (reader.end, reader.damaged) == (len(whole), left)


@given(payloads, payloads, st.binary(max_size=100))
def test_what_lies_between_costs_no_record(
    before: list[bytes], after: list[bytes], between: bytes
) -> None:
    data = b"".join(map(record, before)) + between + b"".join(map(record, after))
    found, _ = read(data, [])
    assert found[: len(before)] == before
    assert found[len(found) - len(after) :] == after


@given(payloads.filter(bool), st.data())
def test_a_changed_byte_costs_one_record_at_most(said: list[bytes], data: st.DataObject) -> None:
    whole = bytearray(b"".join(map(record, said)))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    found, reader = read(bytes(whole), [])
    assert len(found) >= len(said) - 1
    assert all(one in said for one in found)
    assert reader.damaged > 0


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=4))
def test_any_bytes_are_read_to_their_end(data: bytes, cuts: list[int]) -> None:
    found, reader = read(data, cuts)
    assert reader.damaged == len(data) - sum(FRAME_BYTES + len(one) for one in found)


@given(st.binary(max_size=100))
def test_heads_and_places_are_whole_or_refused(data: bytes) -> None:
    for reading in (read_head, place_of):
        with contextlib.suppress(MalformedError):
            assert reading(data).space


def test_a_head_is_read_again_and_a_later_version_refused() -> None:
    head = Head("hall", "run1", 1_723_500_000_000_000)
    [found], _ = read(head_record(head), [])
    assert read_head(found) == head
    later = Head("hall", "run1", 0, VERSION + 1)
    with pytest.raises(MalformedError, match="version"):
        read_head(head_record(later)[FRAME_BYTES:])


def test_a_record_has_a_largest_size() -> None:
    assert read(record(bytes(PAYLOAD_BYTES_MAX)), [])[0] == [bytes(PAYLOAD_BYTES_MAX)]
    for wrong in (b"", bytes(PAYLOAD_BYTES_MAX + 1)):
        with pytest.raises(ValueError, match="bytes"):
            record(wrong)
    long = MARK + (PAYLOAD_BYTES_MAX + 1).to_bytes(4, "big") + bytes(4)
    assert read(long + record(b"next"), [])[0] == [b"next"]
