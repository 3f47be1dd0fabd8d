"""Encodes hold loops and brings the default one that the wheel ships.

`python -m rostra.programme.drivers.loops` writes `hold_default.bin` anew.
"""

from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final

import numpy as np

from rostra.domain.errors import HouseError, MalformedError
from rostra.domain.grid import HOLD_LOOP_SAMPLES
from rostra.domain.media import FRAME_SAMPLES, Codec
from rostra.programme.drivers.decode import UnitDecoder
from rostra.programme.drivers.encode import AacEncoder, Mp3Encoder, OpusEncoder
from rostra.programme.limiter import Sound
from rostra.programme.tune import tune
from rostra.wire.hold import HOLD_UNITS_MAX, HoldLoop, pack_hold, read_hold

_FILE: Final = "hold_default.bin"


def encode_loop(pcm: Sound) -> HoldLoop:
    """Encode sound as a loop: three times in a row, of which the middle is taken.

    So the first frame has heard the end and the last one the beginning, and the seam is like
    any other frame bound. `pcm` is float32 mono at 48 kHz, a multiple of 46,080 samples;
    HouseError if it is not.
    """
    if len(pcm) % HOLD_LOOP_SAMPLES or not 1 <= len(pcm) // HOLD_LOOP_SAMPLES <= HOLD_UNITS_MAX:
        sentence = f"Hold audio of {len(pcm)} samples is no multiple of 46,080 up to a minute."
        raise HouseError(sentence)
    thrice = np.tile(pcm.astype(np.float32), 3)
    aac = _middle(AacEncoder().feed(thrice), len(pcm) // FRAME_SAMPLES[Codec.AAC])
    mp3 = _middle(Mp3Encoder().feed(thrice), len(pcm) // FRAME_SAMPLES[Codec.MP3])
    opus = _middle(OpusEncoder().feed(thrice), len(pcm) // FRAME_SAMPLES[Codec.OPUS])
    return HoldLoop(aac, mp3, opus)


def _middle(frames: list[bytes], count: int) -> tuple[bytes, ...]:
    return tuple(frames[count : 2 * count])


@cache
def default_hold() -> HoldLoop:
    """The hold loop that comes with the house; HouseError if its file is missing or damaged."""
    try:
        return read_hold(resources.files("rostra.programme").joinpath(_FILE).read_bytes())
    except (OSError, MalformedError) as error:
        sentence = f"The default hold loop cannot be read ({error}). Install rostra again."
        raise HouseError(sentence) from error


@cache
def default_hold_pcm() -> Sound:
    """The same loop as sound, for the studio's own hold audio and crossfades; read-only."""
    try:
        return loop_pcm(default_hold())
    except MalformedError as error:
        sentence = "The default hold loop does not decode. Install rostra and av again."
        raise HouseError(sentence) from error


def loop_pcm(loop: HoldLoop) -> Sound:
    """A loop as sound, read-only; MalformedError if its AAC does not decode.

    Decoded from the second round, whose first frame has its left overlap.
    """
    decoder = UnitDecoder()
    pieces = [decoder.feed(unit) for unit in loop.aac * 2]
    pcm = np.concatenate(pieces)[loop.duration_samples :]
    if decoder.errors or len(pcm) != loop.duration_samples or not np.isfinite(pcm).all():
        sentence = "The AAC frames of this hold loop do not decode. Encode it again."
        raise MalformedError(sentence)
    pcm.setflags(write=False)
    return pcm


@cache
def silence_hold() -> HoldLoop:
    """A loop of 0.96 s of silence."""
    return encode_loop(np.zeros(HOLD_LOOP_SAMPLES, np.float32))


def write_default(path: Path) -> int:
    """Encode the default loop into a file; return its size in bytes."""
    return path.write_bytes(pack_hold(encode_loop(tune())))


if __name__ == "__main__":
    write_default(Path(__file__).parent.parent / _FILE)
