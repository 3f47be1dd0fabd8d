"""The programme's three encoders: AAC-LC, MP3 and Opus by PyAV, frame by frame on the run's grid.

AAC access unit i decodes to the samples i x 1,024 of the run: the encoder's 1,024 samples of
priming are dropped here. MP3 frame i decodes to what lies one frame (24 ms) before i x 1,152:
so MP3, whose listeners hold seconds in their buffers, never makes AAC wait. The AAC encoder
gives a unit when two more are fed (42.7 ms). Opus packet i decodes to the samples i x 960 of the
run, without any pre-skip: the first 312 samples, by which libopus runs behind, are never fed
(exact to 0.1 ms: its coder for speech resamples). It gives a packet 6.5 ms after its end, so that
a message's last packet is there before its last AAC unit.
"""

from fractions import Fraction
from typing import Final

import av
import numpy as np

from rostra.domain.errors import HouseError
from rostra.domain.grid import (
    AAC_FRAME_SAMPLES,
    MP3_FRAME_SAMPLES,
    OPUS_FRAME_SAMPLES,
    SAMPLE_RATE_HZ,
)
from rostra.programme.limiter import Sound

AAC_BIT_RATE: Final = 48_000
MP3_BIT_RATE: Final = 64_000
OPUS_BIT_RATE: Final = 32_000

AAC_CONFIG: Final = b"\x11\x88"
"""AudioSpecificConfig of every unit: AAC-LC, 48 kHz, mono (ISO/IEC 14496-3)."""

AAC_PRIMING_FRAMES: Final = 1
"""The first unit holds the encoder's priming, 1,024 samples, and is dropped."""

AAC_AHEAD_SAMPLES: Final = 2_048
"""Fed beyond a unit's end before the encoder gives it."""

MP3_ENCODER_DELAY_SAMPLES: Final = 1_105
"""LAME's 576 and a decoder's 529 samples."""

MP3_LATE_SAMPLES: Final = MP3_FRAME_SAMPLES
"""How far an MP3 frame's sound lies behind its pts; the rest of it is fed as silence first."""

OPUS_AHEAD_SAMPLES: Final = 312
"""How far libopus decodes behind what it was fed: 2.5 ms of overlap and 4 ms that let its two
coders agree (`OPUS_GET_LOOKAHEAD` of the application "audio"). Fed beyond a packet's end."""

OPUS_OPTIONS: Final = {"application": "audio", "frame_duration": "20", "vbr": "constrained"}
"""Constrained variable rate: speech takes 27 kbit/s of the 32, and no second more than 32."""


class _Encoder:
    """One PyAV codec that is fed blocks of any length and gives whole frames' bytes."""

    def __init__(self, context: av.AudioCodecContext, frame_samples: int) -> None:
        self._format = context.format.name
        self._frame_samples = frame_samples
        self._rest: Sound = np.zeros(0, np.float32)
        self._fed = 0
        self._context = context

    def feed(self, block: Sound) -> list[bytes]:
        """Take samples, float32 mono at 48 kHz; return the frames that became complete."""
        rest = np.concatenate((self._rest, block))
        whole = len(rest) - len(rest) % self._frame_samples
        self._rest = rest[whole:]
        frames: list[bytes] = []
        for start in range(0, whole, self._frame_samples):
            frames += self._encode(rest[start : start + self._frame_samples])
        return frames

    def _encode(self, samples: Sound) -> list[bytes]:
        frame = av.AudioFrame.from_ndarray(
            samples[np.newaxis, :], format=self._format, layout="mono"
        )
        frame.sample_rate = SAMPLE_RATE_HZ
        frame.pts = self._fed
        self._fed += self._frame_samples
        try:
            return [bytes(packet) for packet in self._context.encode(frame)]
        except av.FFmpegError as error:
            sentence = f"The encoder {self._context.name} failed: {error}."
            raise HouseError(sentence) from error


class AacEncoder(_Encoder):
    """AAC-LC, 48 kbit/s, mono: access units without ADTS header, aligned with their pts."""

    def __init__(self) -> None:
        super().__init__(_opened("aac", AAC_BIT_RATE, {"flags": "+bitexact"}), AAC_FRAME_SAMPLES)
        self._priming = AAC_PRIMING_FRAMES

    def feed(self, block: Sound) -> list[bytes]:
        """Take samples; return access units, the priming left out."""
        frames = super().feed(block)
        dropped = min(self._priming, len(frames))
        self._priming -= dropped
        return frames[dropped:]


class Mp3Encoder(_Encoder):
    """MP3, 64 kbit/s, mono, bit reservoir off: frames of 192 bytes, each decodable by itself."""

    def __init__(self) -> None:
        options = {"reservoir": "0", "compression_level": "5"}
        super().__init__(_opened("libmp3lame", MP3_BIT_RATE, options), MP3_FRAME_SAMPLES)
        self.feed(np.zeros(MP3_LATE_SAMPLES - MP3_ENCODER_DELAY_SAMPLES, np.float32))


class OpusEncoder(_Encoder):
    """Opus, 32 kbit/s, mono: packets of 20 ms, aligned with their pts."""

    def __init__(self) -> None:
        super().__init__(_opened("libopus", OPUS_BIT_RATE, OPUS_OPTIONS, "flt"), OPUS_FRAME_SAMPLES)
        self._unfed = OPUS_AHEAD_SAMPLES

    def feed(self, block: Sound) -> list[bytes]:
        """Take samples; return packets, the first of which is that of the first sample."""
        dropped = min(self._unfed, len(block))
        self._unfed -= dropped
        return super().feed(block[dropped:])


def _opened(
    name: str, bit_rate: int, options: dict[str, str], sample_format: str = "fltp"
) -> av.AudioCodecContext:
    """An open encoder, mono at 48 kHz; HouseError if this machine's PyAV has none."""
    try:
        context = av.CodecContext.create(name, "w")
        if not isinstance(context, av.AudioCodecContext):
            sentence = f"{name} is no encoder of sound in this PyAV. Reinstall the package av."
            raise HouseError(sentence)
        context.sample_rate = SAMPLE_RATE_HZ
        context.layout = "mono"
        context.format = sample_format
        context.bit_rate = bit_rate
        context.time_base = Fraction(1, SAMPLE_RATE_HZ)
        context.options = options
        context.open()
    except (av.FFmpegError, ValueError) as error:
        sentence = f"The encoder {name} does not start: {error}. Reinstall the package av."
        raise HouseError(sentence) from error
    return context
