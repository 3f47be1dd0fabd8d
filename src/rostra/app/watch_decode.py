"""Decodes a segment of HLS for a probe, where it is in a format that this house makes itself."""

from typing import Final

import numpy as np

from rostra.domain.errors import MalformedError
from rostra.domain.media import Codec
from rostra.programme.drivers.decode import UnitDecoder
from rostra.watch.drivers.probe_steps import FailedError
from rostra.watch.hearing import SILENCE_PEAK
from rostra.wire.adts import AdtsReader
from rostra.wire.mp4_read import InitSegment, MediaFragment, Mp4Reader

_MP4: Final = b"ftyp"
_BOX_NAME: Final = slice(4, 8)
_ADTS: Final = b"\xff\xf1"


def loudness(init: bytes, segment: bytes) -> float | None:
    """The loudest sample of a segment, 0 where all of it is digital silence.

    None for a format that this house does not make, which is not judged. FailedError when our
    own decoder refuses all of it.
    """
    units = _units(init, segment)
    if units is None:
        return None
    codec, pieces = units
    decoder = UnitDecoder(codec)
    sound = [decoder.feed(piece) for piece in pieces]
    heard = np.concatenate(sound) if sound else np.zeros(0, np.float32)
    if not len(heard):
        words = "The newest segment has no sound that can be decoded."
        raise FailedError(words)
    peak = float(np.max(np.abs(heard)))
    return peak if peak >= SILENCE_PEAK else 0.0


def _units(init: bytes, segment: bytes) -> tuple[Codec, list[bytes]] | None:
    try:
        if init[_BOX_NAME] == _MP4:
            return _of_mp4(init, segment)
        if segment.startswith(_ADTS):
            return Codec.AAC, AdtsReader().feed(segment)
    except MalformedError:
        return None
    return None


def _of_mp4(init: bytes, segment: bytes) -> tuple[Codec, list[bytes]] | None:
    begun = Mp4Reader().feed(init)
    codec = next((one.codec for one in begun if isinstance(one, InitSegment)), None)
    if codec is None:
        return None
    items = Mp4Reader(codec).feed(segment)
    fragments = (one for one in items if isinstance(one, MediaFragment))
    return codec, [unit for one in fragments for unit in one.units]
