"""What flows through the house: frames of encoded sound and the notices that travel with them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rostra.domain.grid import AAC_FRAME_SAMPLES, MP3_FRAME_SAMPLES, OPUS_FRAME_SAMPLES


class Codec(StrEnum):
    """The encodings a programme has."""

    AAC = "aac"
    MP3 = "mp3"
    OPUS = "opus"


FRAME_SAMPLES: Final = {
    Codec.AAC: AAC_FRAME_SAMPLES,
    Codec.MP3: MP3_FRAME_SAMPLES,
    Codec.OPUS: OPUS_FRAME_SAMPLES,
}


@dataclass(frozen=True, slots=True)
class Frame:
    """One encoded piece of sound, immutable.

    `pts_samples` counts 48 kHz samples since the run's epoch; `data` is one AAC access unit
    without ADTS header, one whole MP3 frame, or one Opus packet.
    """

    codec: Codec
    pts_samples: int
    data: bytes

    @property
    def duration_samples(self) -> int:
        """How long the frame sounds."""
        return FRAME_SAMPLES[self.codec]
