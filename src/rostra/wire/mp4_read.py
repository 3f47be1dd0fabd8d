"""Reads what `wire.mp4` writes, as it arrives: for headless listeners, probes and tests.

Strict on purpose: one track of AAC or Opus, the boxes of CMAF chunks, a size limit a box.
Whatever breaks that raises, so that a probe never measures something else than it thinks.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from rostra.domain.errors import MalformedError
from rostra.domain.grid import SAMPLE_RATE_HZ
from rostra.domain.limits import AAC_UNIT_BYTES_MAX, OPUS_PACKET_BYTES_MAX
from rostra.domain.media import FRAME_SAMPLES, Codec
from rostra.wire.mp4 import AAC_CONFIG, EMSG_SCHEME, FRAGMENT_UNITS_MAX, OPUS_CONFIG
from rostra.wire.notices import PAYLOAD_BYTES_MAX

BOX_BYTES_MAX: Final = {
    b"ftyp": 128,
    b"styp": 128,
    b"moov": 4_096,
    b"emsg": PAYLOAD_BYTES_MAX + 256,
    b"moof": 1_024,
    b"mdat": 8 + FRAGMENT_UNITS_MAX * max(AAC_UNIT_BYTES_MAX, OPUS_PACKET_BYTES_MAX),
}
"""The boxes at the top and the largest each may be: about four times what the writer needs.

No box is buffered beyond it, so a reader never holds more than one `mdat`, 122 kB.
"""

_HEAD_BYTES: Final = 8
_VERSION_1: Final = 0x0100_0000
"""Of `tfdt` and `emsg`: 64-bit times; no flags."""
_TRUN_SIZES_ONLY: Final = 0x201
"""Flags of the only sample table the writer makes: a data offset, and a size a sample."""


@dataclass(frozen=True, slots=True)
class InitSegment:
    """The track's description: `data` is `ftyp` and `moov` as received."""

    data: bytes
    codec: Codec = Codec.AAC


@dataclass(frozen=True, slots=True)
class Emsg:
    """An event: `payload` is an ID3 tag (`wire.notices.read`)."""

    pts_samples: int
    event_id: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class MediaFragment:
    """AAC access units or Opus packets that start at `base_pts` samples since the run's epoch."""

    sequence: int
    base_pts: int
    units: tuple[bytes, ...]
    codec: Codec = Codec.AAC

    @property
    def end_pts(self) -> int:
        """First sample after this fragment."""
        return self.base_pts + FRAME_SAMPLES[self.codec] * len(self.units)


Item = InitSegment | Emsg | MediaFragment


@dataclass(frozen=True, slots=True)
class _Moof:
    sequence: int
    base_pts: int
    sizes: tuple[int, ...]


def _malformed(what: str) -> MalformedError:
    return MalformedError(f"This is not a stream of ours: {what}.")


def _boxes(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at < len(body):
        if len(body) - at < _HEAD_BYTES:
            what = "a box ends inside its head"
            raise _malformed(what)
        size, kind = struct.unpack_from(">I4s", body, at)
        if not _HEAD_BYTES <= size <= len(body) - at:
            what = f"a {kind!r} box of {size} bytes does not fit where it stands"
            raise _malformed(what)
        yield kind, body[at + _HEAD_BYTES : at + size]
        at += size


def _child(body: bytes, *path: bytes) -> bytes:
    for step in path:
        found = [inside for kind, inside in _boxes(body) if kind == step]
        if len(found) != 1:
            what = f"{len(found)} {step!r} boxes where one belongs"
            raise _malformed(what)
        body = found[0]
    return body


def _fields(form: str, body: bytes, name: str) -> tuple[int, ...]:
    try:
        return struct.unpack_from(form, body)
    except struct.error as error:
        what = f"its {name} box is too short"
        raise _malformed(what) from error


def _codec(body: bytes) -> Codec:
    media = _child(body, b"trak", b"mdia")
    timescale = _fields(">12xI", _child(media, b"mdhd"), "mdhd")[0]
    if timescale != SAMPLE_RATE_HZ:
        what = f"its timescale is {timescale} and not {SAMPLE_RATE_HZ}"
        raise _malformed(what)
    described = _child(media, b"minf", b"stbl", b"stsd")
    if b"dOps" + OPUS_CONFIG in described:
        return Codec.OPUS
    if b"mp4a" in described and AAC_CONFIG in described:
        return Codec.AAC
    what = "its track is neither AAC-LC nor Opus, 48 kHz, one channel"
    raise _malformed(what)


def _moof(body: bytes) -> _Moof:
    traf = _child(body, b"traf")
    sequence = _fields(">4xI", _child(body, b"mfhd"), "mfhd")[0]
    version, base_pts = _fields(">IQ", _child(traf, b"tfdt"), "tfdt")
    trun = _child(traf, b"trun")
    flags, count, offset = _fields(">III", trun, "trun")
    if version != _VERSION_1 or flags != _TRUN_SIZES_ONLY:
        what = f"tfdt version {version >> 24}, trun flags {flags:#x}"
        raise _malformed(what)
    if not 1 <= count <= FRAGMENT_UNITS_MAX or len(trun) != 12 + 4 * count:
        what = f"a fragment of {count} units in a trun of {len(trun)} bytes"
        raise _malformed(what)
    if offset != len(body) + 2 * _HEAD_BYTES:
        what = f"sound at offset {offset} does not follow its moof"
        raise _malformed(what)
    return _Moof(sequence, base_pts, _fields(f">12x{count}I", trun, "trun"))


def _emsg(body: bytes) -> Emsg:
    head = ">IIQII"
    version, timescale, pts, _, event_id = _fields(head, body, "emsg")
    scheme, _, rest = body[struct.calcsize(head) :].partition(b"\0")
    value, end, payload = rest.partition(b"\0")
    if version != _VERSION_1 or timescale != SAMPLE_RATE_HZ:
        what = f"emsg version {version >> 24}, timescale {timescale}"
        raise _malformed(what)
    if scheme != EMSG_SCHEME.encode() or value or not end:
        what = f"an event of scheme {scheme[:60]!r}"
        raise _malformed(what)
    return Emsg(pts, event_id, payload)


class Mp4Reader:
    """Takes a stream in any chunks and returns its pieces; after an error it takes no more.

    `codec` is what fragments hold until an initialisation says it.
    """

    def __init__(self, codec: Codec = Codec.AAC) -> None:
        self._codec = codec
        self._pending = bytearray()
        self._ftyp = b""
        self._moof: _Moof | None = None
        self._broken: MalformedError | None = None
        self._take: dict[bytes, Callable[[bytes], Item | None]] = {
            b"ftyp": self._take_ftyp,
            b"styp": lambda _body: None,
            b"moov": self._take_moov,
            b"emsg": _emsg,
            b"moof": self._take_moof,
            b"mdat": self._take_mdat,
        }

    def feed(self, data: bytes) -> list[Item]:
        """Take some bytes and return what they complete.

        Raises MalformedError at the first byte that cannot belong to a stream of ours, and
        at every call after that.
        """
        if self._broken:
            raise self._broken
        try:
            return self._fed(data)
        except MalformedError as error:
            self._broken = error
            self._pending.clear()
            raise

    def _fed(self, data: bytes) -> list[Item]:
        self._pending += data
        items: list[Item] = []
        at = 0
        while (size := self._box_bytes(at)) and size <= len(self._pending) - at:
            kind = bytes(self._pending[at + 4 : at + _HEAD_BYTES])
            item = self._take[kind](bytes(self._pending[at + _HEAD_BYTES : at + size]))
            if item:
                items.append(item)
            at += size
        del self._pending[:at]
        return items

    def _box_bytes(self, at: int) -> int:
        """Size of the box that starts at `at`; 0 while its head is incomplete."""
        if len(self._pending) - at < _HEAD_BYTES:
            return 0
        size, kind = struct.unpack_from(">I4s", self._pending, at)
        if not _HEAD_BYTES <= size <= BOX_BYTES_MAX.get(kind, 0):
            what = f"a {kind!r} box of {size} bytes"
            raise _malformed(what)
        if (self._moof is None) == (kind == b"mdat"):
            what = f"a {kind!r} box out of order"
            raise _malformed(what)
        return int(size)

    def _take_ftyp(self, body: bytes) -> None:
        self._ftyp = struct.pack(">I4s", _HEAD_BYTES + len(body), b"ftyp") + body

    def _take_moov(self, body: bytes) -> InitSegment:
        self._codec = _codec(body)
        head = struct.pack(">I4s", _HEAD_BYTES + len(body), b"moov")
        return InitSegment(self._ftyp + head + body, self._codec)

    def _take_moof(self, body: bytes) -> None:
        self._moof = _moof(body)

    def _take_mdat(self, body: bytes) -> MediaFragment:
        moof = self._moof
        self._moof = None
        if moof is None or sum(moof.sizes) != len(body):
            what = "sizes of its units do not add up to its sound"
            raise _malformed(what)
        units, at = [], 0
        for size in moof.sizes:
            units.append(body[at : at + size])
            at += size
        return MediaFragment(moof.sequence, moof.base_pts, tuple(units), self._codec)
