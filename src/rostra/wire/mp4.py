"""Writes fragmented MP4: the initialisation, one fragment a tick, and the notices between them.

Boxes follow ISO/IEC 14496-12, brands and limits CMAF (ISO/IEC 23000-19), the track's description
14496-14 and 14496-1 for AAC-LC, and for Opus "Encapsulation of Opus in ISO Base Media File
Format" 1.0.0. One track at 48 kHz mono; the timescale is the grid's sample.

Both encodings are fed so that no priming is left in them: unit i is the sound of its own samples.
Hence there is no edit list and Opus has a pre-skip of 0, at variance with that paper, which wants
80 ms and an edit that takes them away: Chromium drops the pre-skip at each start and each seek
and ignores the edit, so that every joiner would lose sound. So the brand `Opus` is not declared.
"""

import struct
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from rostra.domain.errors import HouseError
from rostra.domain.grid import OPUS_FRAME_SAMPLES, SAMPLE_RATE_HZ, SEGMENT_SAMPLES
from rostra.domain.limits import AAC_UNIT_BYTES_MAX
from rostra.domain.media import FRAME_SAMPLES, Codec

AAC_CONFIG: Final = bytes.fromhex("1188")
"""AudioSpecificConfig (ISO/IEC 14496-3): AAC-LC, 48 kHz, one channel."""

AAC_CODEC: Final = "mp4a.40.2"
"""The same as players ask for it (RFC 6381)."""

OPUS_CODEC: Final = "opus"
"""As the registration of `Opus` in MP4 has it; Safari also takes `Opus`."""

OPUS_CONFIG: Final = struct.pack(">BBHIhB", 0, 1, 0, SAMPLE_RATE_HZ, 0, 0)
"""`dOps`: version 0, one channel, no pre-skip, 48 kHz, no gain, mapping family 0."""

OPUS_ROLL: Final = -4
"""Packets that a decoder needs before its sound is right: 80 ms (section 4.3.6.2)."""

FRAGMENT_UNITS_MAX: Final = SEGMENT_SAMPLES // OPUS_FRAME_SAMPLES
"""Units of one fragment: an HLS segment of 96 Opus packets is the longest thing cut."""

EMSG_SCHEME: Final = "https://aomedia.org/emsg/ID3"
"""Says that an event's payload is an ID3v2.4 tag (AOM: ID3 timed metadata in CMAF)."""

_TRACK: Final = 1
_BITS_PER_S: Final = 48_000
_SYNC_SAMPLE: Final = 0x0200_0000
"""Sample flags: depends on no other sample, may be started at."""
_UNITY_MATRIX: Final = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x4000_0000)
_EMSG_HEAD: Final = struct.Struct(">I4sIIQII")
_EMSG_TEXT: Final = EMSG_SCHEME.encode() + b"\0\0"


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def _full(kind: bytes, flags: int, *parts: bytes) -> bytes:
    return _box(kind, struct.pack(">I", flags), *parts)


def _descriptor(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">BB", tag, len(body)) + body


def _esds() -> bytes:
    specific = _descriptor(0x05, AAC_CONFIG)
    rates = struct.pack(">II", _BITS_PER_S, _BITS_PER_S)
    # Object type 0x40 is MPEG-4 audio; 0x15 an audio stream, upwards no; then a 24-bit buffer.
    buffer = AAC_UNIT_BYTES_MAX.to_bytes(3, "big")
    decoder = _descriptor(0x04, b"\x40\x15" + buffer + rates, specific)
    return _full(b"esds", 0, _descriptor(0x03, b"\0\0\0", decoder, _descriptor(0x06, b"\x02")))


def _entry(codec: Codec) -> bytes:
    # Six reserved bytes, data reference 1, eight reserved, one channel of 16 bits, 16.16 rate.
    entry = struct.pack(">6xH8xHHIHH", 1, 1, 16, 0, SAMPLE_RATE_HZ, 0)
    if codec is Codec.OPUS:
        return _box(b"Opus", entry, _box(b"dOps", OPUS_CONFIG))
    return _box(b"mp4a", entry, _esds())


def _groups(codec: Codec) -> bytes:
    # The paper wants the roll group described here, and named here and in each fragment.
    if codec is not Codec.OPUS:
        return b""
    described = struct.pack(">4sIIh", b"roll", 2, 1, OPUS_ROLL)
    return _full(b"sgpd", 0x0100_0000, described) + _full(b"sbgp", 0, b"roll", bytes(4))


def _sample_table(codec: Codec) -> bytes:
    empty = struct.pack(">I", 0)
    return _box(
        b"stbl",
        _full(b"stsd", 0, struct.pack(">I", 1), _entry(codec)),
        _full(b"stts", 0, empty),
        _full(b"stsc", 0, empty),
        _full(b"stsz", 0, empty, empty),
        _full(b"stco", 0, empty),
        _groups(codec),
    )


def _track(codec: Codec) -> bytes:
    table = _sample_table(codec)
    reference = _full(b"dref", 0, struct.pack(">I", 1), _full(b"url ", 1))
    media = _box(
        b"mdia",
        _full(b"mdhd", 0, struct.pack(">4I2H", 0, 0, SAMPLE_RATE_HZ, 0, 0x55C4, 0)),
        _full(b"hdlr", 0, struct.pack(">I4s12x", 0, b"soun"), b"rostra\0"),
        _box(b"minf", _full(b"smhd", 0, bytes(4)), _box(b"dinf", reference), table),
    )
    head = struct.pack(">5I8x4H", 0, 0, _TRACK, 0, 0, 0, 0, 0x0100, 0)
    return _box(b"trak", _full(b"tkhd", 7, head, _UNITY_MATRIX, bytes(8)), media)


def _init(codec: Codec) -> bytes:
    head = struct.pack(">4IIH10x", 0, 0, SAMPLE_RATE_HZ, 0, 0x10000, 0x0100)
    defaults = struct.pack(">5I", _TRACK, 1, FRAME_SAMPLES[codec], 0, _SYNC_SAMPLE)
    return _box(b"ftyp", b"iso5", struct.pack(">I", 0), b"iso5iso6mp41cmfc") + _box(
        b"moov",
        _full(b"mvhd", 0, head, _UNITY_MATRIX, bytes(24), struct.pack(">I", _TRACK + 1)),
        _track(codec),
        _box(b"mvex", _full(b"trex", 0, defaults)),
    )


_INITS: Final = {codec: _init(codec) for codec in (Codec.AAC, Codec.OPUS)}


def init_segment() -> bytes:
    """`ftyp` and `moov` of AAC: the same bytes for every space, run and edge."""
    return _INITS[Codec.AAC]


def opus_init_segment() -> bytes:
    """`ftyp` and `moov` of Opus: the same bytes for every space, run and edge."""
    return _INITS[Codec.OPUS]


@lru_cache(maxsize=2 * FRAGMENT_UNITS_MAX)
def _layout(count: int, group: int) -> struct.Struct:
    # moof(mfhd, traf(tfhd, tfdt, [sbgp,] trun)) and the head of mdat, for this many units.
    form = f">I4s I4sII I4s I4sII I4sIQ {group}s I4sIII{count}I I4s"
    return struct.Struct(form.replace(" ", ""))


@lru_cache(maxsize=FRAGMENT_UNITS_MAX)
def _roll(count: int) -> bytes:
    # All units of this fragment need the roll group described in the initialisation.
    return _full(b"sbgp", 0, struct.pack(">4s3I", b"roll", 1, count, 1))


def fragment(
    sequence: int, base_pts: int, units: Sequence[bytes], codec: Codec = Codec.AAC
) -> bytes:
    """One `moof` and `mdat` that starts at `base_pts` samples since the run's epoch.

    Args:
        sequence: Rising number of the fragment, kept to 32 bits.
        base_pts: First sample, 64 bits (`tfdt` version 1).
        units: 1 to 96 AAC access units without ADTS headers, 1,024 samples each, or Opus
            packets of 960.
        codec: Which of the two they are.

    Raises:
        HouseError: `units` is empty or longer than a segment.
    """
    count = len(units)
    if not 1 <= count <= FRAGMENT_UNITS_MAX:
        sentence = f"A fragment of {count} units was asked for; 1 to {FRAGMENT_UNITS_MAX} fit."
        raise HouseError(sentence)
    sizes = [len(unit) for unit in units]
    group = _roll(count) if codec is Codec.OPUS else b""
    trun = 20 + 4 * count
    traf = 44 + len(group) + trun
    moof = 24 + traf
    head = _layout(count, len(group)).pack(
        *(moof, b"moof", 16, b"mfhd", 0, sequence & 0xFFFF_FFFF, traf, b"traf"),
        *(16, b"tfhd", 0x02_0000, _TRACK),  # offsets count from this moof
        *(20, b"tfdt", 0x0100_0000, base_pts),
        group,
        *(trun, b"trun", 0x201, count, moof + 8, *sizes),  # a data offset, then each size
        *(8 + sum(sizes), b"mdat"),
    )
    return head + b"".join(units)


def emsg(pts_samples: int, event_id: int, payload: bytes) -> bytes:
    """One event box, version 1 (ISO/IEC 23009-1, 5.10.3.3), to stand before a `moof`.

    `payload` is an ID3 tag (`wire.notices.payload`); `event_id` tells repeats from news.
    """
    size = _EMSG_HEAD.size + len(_EMSG_TEXT) + len(payload)
    head = _EMSG_HEAD.pack(
        *(size, b"emsg", 0x0100_0000, SAMPLE_RATE_HZ, pts_samples, 0, event_id & 0xFFFF_FFFF)
    )
    return head + _EMSG_TEXT + payload
