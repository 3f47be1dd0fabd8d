"""fMP4 as written: the fields a player reads, byte for byte."""

import struct
from collections.abc import Callable

import pytest

from rostra.domain.errors import HouseError, MalformedError
from rostra.domain.limits import AAC_UNIT_BYTES_MAX, OPUS_PACKET_BYTES_MAX
from rostra.domain.media import Codec
from rostra.wire import mp4
from rostra.wire.mp4_read import BOX_BYTES_MAX, Emsg, InitSegment, MediaFragment, Mp4Reader

UNITS = tuple(bytes([n]) * (100 + n) for n in range(15))


def test_the_initialisation_names_brand_track_and_codec() -> None:
    init = mp4.init_segment()
    assert init[4:8] == b"ftyp"
    assert b"cmfc" in init[:64]
    assert b"\x05\x02" + mp4.AAC_CONFIG in init
    trex = init.index(b"trex")
    assert struct.unpack_from(">4I", init, trex + 8) == (1, 1, 1_024, 0)


def test_a_fragment_carries_64_bits_of_time_and_every_unit() -> None:
    base = 5_120 * 10**9
    data = mp4.fragment(7, base, UNITS)
    assert struct.unpack_from(">Q", data, data.index(b"tfdt") + 8)[0] == base
    offset = struct.unpack_from(">I", data, data.index(b"trun") + 12)[0]
    assert data[offset:] == b"".join(UNITS)
    assert Mp4Reader().feed(data) == [MediaFragment(7, base, UNITS)]


def test_opus_is_described_as_its_paper_has_it() -> None:
    init = mp4.opus_init_segment()
    entry = init.index(b"Opus")
    assert struct.unpack_from(">6xH8xHHIHH", init, entry + 4) == (1, 1, 16, 0, 48_000, 0)
    described = struct.unpack_from(">I4sBBHIhB", init, entry + 32)
    assert described == (19, b"dOps", 0, 1, 0, 48_000, 0, 0)
    roll = init.index(b"sgpd")
    assert struct.unpack_from(">I4sIIh", init, roll + 4) == (0x0100_0000, b"roll", 2, 1, -4)
    assert struct.unpack_from(">I4sI", init, init.index(b"sbgp") + 4) == (0, b"roll", 0)
    assert struct.unpack_from(">4I", init, init.index(b"trex") + 8) == (1, 1, 960, 0)
    assert b"elst" not in init


def test_a_fragment_of_opus_names_the_roll_group_of_every_packet() -> None:
    data = mp4.fragment(7, 5_760, UNITS, Codec.OPUS)
    place = data.index(b"sbgp")
    assert struct.unpack_from(">I4sIII", data, place + 4) == (0, b"roll", 1, len(UNITS), 1)
    offset = struct.unpack_from(">I", data, data.index(b"trun") + 12)[0]
    assert data[offset:] == b"".join(UNITS)
    init, part = Mp4Reader().feed(mp4.opus_init_segment() + data)
    assert init == InitSegment(mp4.opus_init_segment(), Codec.OPUS)
    assert part == MediaFragment(7, 5_760, UNITS, Codec.OPUS)
    assert part.end_pts == 5_760 + len(UNITS) * 960
    assert Mp4Reader(Codec.OPUS).feed(data) == [part]


def test_the_largest_fragment_of_opus_passes_the_reader() -> None:
    units = (bytes(OPUS_PACKET_BYTES_MAX),) * mp4.FRAGMENT_UNITS_MAX
    (item,) = Mp4Reader(Codec.OPUS).feed(mp4.fragment(0, 0, units, Codec.OPUS))
    assert item == MediaFragment(0, 0, units, Codec.OPUS)


def test_a_fragment_ends_where_the_next_begins() -> None:
    assert MediaFragment(0, 15_360, UNITS).end_pts == 15_360 + 15 * 1_024


@pytest.mark.parametrize("count", [0, mp4.FRAGMENT_UNITS_MAX + 1])
def test_a_fragment_is_one_unit_to_one_segment(count: int) -> None:
    with pytest.raises(HouseError, match=f"{count} units"):
        mp4.fragment(0, 0, [b"unit"] * count)


def test_the_largest_fragment_passes_the_reader() -> None:
    units = (bytes(AAC_UNIT_BYTES_MAX),) * mp4.FRAGMENT_UNITS_MAX
    (item,) = Mp4Reader().feed(mp4.fragment(2**32 + 5, 0, units))
    assert item == MediaFragment(5, 0, units)


def test_the_reader_sees_init_events_and_sound_in_order() -> None:
    stream = mp4.init_segment() + mp4.emsg(960, 3, b"tag") + mp4.fragment(0, 0, UNITS)
    assert Mp4Reader().feed(stream) == [
        InitSegment(mp4.init_segment()),
        Emsg(960, 3, b"tag"),
        MediaFragment(0, 0, UNITS),
    ]


@pytest.mark.parametrize("kind", sorted(BOX_BYTES_MAX))
def test_a_box_past_its_limit_is_refused_at_its_head(kind: bytes) -> None:
    head = struct.pack(">I4s", BOX_BYTES_MAX[kind] + 1, kind)
    reader = Mp4Reader()
    if kind == b"mdat":
        reader.feed(mp4.fragment(0, 0, UNITS)[: -8 - sum(map(len, UNITS))])
    with pytest.raises(MalformedError, match=str(BOX_BYTES_MAX[kind] + 1)):
        reader.feed(head)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda data: data.replace(b"mdat", b"free"), "free"),
        (lambda data: data[len(data) - sum(map(len, UNITS)) - 8 :], "out of order"),
        (lambda data: data.replace(b"tfdt\x01", b"tfdt\x00"), "tfdt version 0"),
        (lambda data: data.replace(b"trun\x00\x00\x02", b"trun\x00\x00\x03"), "trun flags"),
        (lambda data: data.replace(b"mfhd", b"mfhx"), "0 b'mfhd' boxes"),
        (lambda data: data[:-1].replace(b"traf", b"tra"), "not a stream"),
        (lambda data: b"\x00\x00\x00\x01" + data[4:], "1 bytes"),
        (lambda data: mp4.init_segment().replace(b"\x11\x88", b"\x12\x10") + data, "AAC"),
        (lambda data: mp4.opus_init_segment().replace(b"dOps\0\1", b"dOps\0\2") + data, "Opus"),
        (lambda data: mp4.emsg(0, 0, data).replace(b"aomedia", b"example"), "example"),
    ],
)
def test_what_breaks_the_format_is_named(change: Callable[[bytes], bytes], says: str) -> None:
    with pytest.raises(MalformedError, match=says):
        Mp4Reader().feed(change(mp4.fragment(0, 0, UNITS)))


def test_a_broken_stream_stays_broken() -> None:
    reader = Mp4Reader()
    with pytest.raises(MalformedError):
        reader.feed(b"HTTP/1.1 200 OK\r\n")
    with pytest.raises(MalformedError):
        reader.feed(mp4.init_segment())
