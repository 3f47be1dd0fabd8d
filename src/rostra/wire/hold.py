"""The encoded hold loop: what an edge plays on the same connections when messages stop.

A loop is a multiple of 46,080 samples long, whole frames in every codec, encoded by the
programme's own encoders from repeated sound so that its end runs into its beginning. It lies on
the run's grid: frame i of a run is frame i modulo the loop's length, so that the studio's own
hold audio and an edge's filling are one piece of music.
"""

import hashlib
from typing import Final

import msgspec

from rostra.domain.errors import MalformedError
from rostra.domain.grid import (
    AAC_FRAME_SAMPLES,
    AAC_FRAMES_PER_MESSAGE,
    HOLD_LOOP_SAMPLES,
    MP3_FRAME_SAMPLES,
    OPUS_FRAME_SAMPLES,
    mp3_frames_of,
    opus_frames_of,
)
from rostra.domain.limits import AAC_UNIT_BYTES_MAX, OPUS_PACKET_BYTES_MAX
from rostra.wire.messages import ProgrammeMessage

AAC_FRAMES_PER_UNIT: Final = HOLD_LOOP_SAMPLES // AAC_FRAME_SAMPLES
MP3_FRAMES_PER_UNIT: Final = HOLD_LOOP_SAMPLES // MP3_FRAME_SAMPLES
OPUS_FRAMES_PER_UNIT: Final = HOLD_LOOP_SAMPLES // OPUS_FRAME_SAMPLES

HOLD_UNITS_MAX: Final = 64
"""61 s: longer music belongs to the hold programme and not into every edge's memory."""

MP3_FRAME_BYTES: Final = 192
"""64 kbit/s at 48 kHz: every frame has the same size, which ICY's bounds rest on."""

HOLD_BYTES_MAX: Final = 2 * 1024 * 1024
"""A minute at 48 + 64 + 32 kbit/s is 1.1 MB; AAC frames and Opus packets vary."""


class HoldLoop(msgspec.Struct, frozen=True, array_like=True):
    """One loop: `aac` access units without ADTS header, `mp3` whole frames, all from pts 0.

    `opus` has packets of 960 samples; none in a loop that was made without.
    """

    aac: tuple[bytes, ...]
    mp3: tuple[bytes, ...]
    opus: tuple[bytes, ...] = ()

    @property
    def duration_samples(self) -> int:
        """How long the loop is, at 48 kHz."""
        return len(self.aac) * AAC_FRAME_SAMPLES


_DECODER: Final = msgspec.msgpack.Decoder(HoldLoop)


def pack_hold(loop: HoldLoop) -> bytes:
    """Encode a loop for the object store or a file."""
    return msgspec.msgpack.encode(loop)


def hold_name(packed: bytes) -> str:
    """The object's name, from the SHA-256 of its bytes: equal loops have equal names."""
    return f"hold-{hashlib.sha256(packed).hexdigest()}"


def read_hold(packed: bytes) -> HoldLoop:
    """Decode a loop; MalformedError says what is wrong with it."""
    if len(packed) > HOLD_BYTES_MAX:
        sentence = f"A hold loop of {len(packed)} bytes exceeds the limit of {HOLD_BYTES_MAX}."
        raise MalformedError(sentence, status=413)
    try:
        loop = _DECODER.decode(packed)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        sentence = f"This is not a hold loop: {error}."
        raise MalformedError(sentence) from error
    _check(loop)
    return loop


def _check(loop: HoldLoop) -> None:
    units, rest = divmod(len(loop.aac), AAC_FRAMES_PER_UNIT)
    if rest or not 1 <= units <= HOLD_UNITS_MAX or len(loop.mp3) != units * MP3_FRAMES_PER_UNIT:
        sentence = (
            f"A hold loop of {len(loop.aac)} AAC and {len(loop.mp3)} MP3 frames is off the grid: "
            f"it needs 45 and 40 for each 0.96 s, up to {HOLD_UNITS_MAX} times."
        )
        raise MalformedError(sentence)
    if not all(1 <= len(unit) <= AAC_UNIT_BYTES_MAX for unit in loop.aac):
        sentence = f"A hold loop's AAC frames must have 1 to {AAC_UNIT_BYTES_MAX} bytes."
        raise MalformedError(sentence)
    if not all(len(frame) == MP3_FRAME_BYTES for frame in loop.mp3):
        sentence = f"A hold loop's MP3 frames must have {MP3_FRAME_BYTES} bytes each."
        raise MalformedError(sentence)
    _check_opus(loop, units)


def _check_opus(loop: HoldLoop, units: int) -> None:
    if loop.opus and len(loop.opus) != units * OPUS_FRAMES_PER_UNIT:
        sentence = (
            f"A hold loop of {len(loop.opus)} Opus packets is off the grid: "
            f"it needs none, or 48 for each 0.96 s."
        )
        raise MalformedError(sentence)
    if not all(1 <= len(packet) <= OPUS_PACKET_BYTES_MAX for packet in loop.opus):
        sentence = f"A hold loop's Opus packets must have 1 to {OPUS_PACKET_BYTES_MAX} bytes."
        raise MalformedError(sentence)


def fill_message(
    loop: HoldLoop, space: str, run: str, epoch_utc_us: int, number: int
) -> ProgrammeMessage:
    """Make message `number` of a run from the loop alone, without notices."""
    first = number * AAC_FRAMES_PER_MESSAGE
    units = range(first, first + AAC_FRAMES_PER_MESSAGE)
    packets = opus_frames_of(number) if loop.opus else ()
    return ProgrammeMessage(
        space=space,
        run=run,
        epoch_utc_us=epoch_utc_us,
        number=number,
        aac=tuple(loop.aac[i % len(loop.aac)] for i in units),
        mp3=tuple(loop.mp3[i % len(loop.mp3)] for i in mp3_frames_of(number)),
        opus=tuple(loop.opus[i % len(loop.opus)] for i in packets),
    )
