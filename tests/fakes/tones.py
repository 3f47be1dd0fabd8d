"""Programme messages that players can decode: a tone that goes on for ever on the grid."""

from functools import cache

import numpy as np
from tests.fakes.grid_messages import EPOCH_US

from rostra.domain.grid import HOLD_LOOP_SAMPLES, SAMPLE_RATE_HZ
from rostra.programme.drivers.encode import AacEncoder, Mp3Encoder
from rostra.programme.limiter import Sound
from rostra.wire.hold import AAC_FRAMES_PER_UNIT, MP3_FRAMES_PER_UNIT, HoldLoop, fill_message
from rostra.wire.messages import ProgrammeMessage

TONE_HZ = 1_000
"""960 whole waves in a loop of 0.96 s: its end runs into its beginning."""


@cache
def tone_loop() -> HoldLoop:
    """A loop of the tone, taken from the middle of what the programme's encoders made."""
    at = np.arange(4 * HOLD_LOOP_SAMPLES) / SAMPLE_RATE_HZ
    sound = (0.1 * np.sin(2 * np.pi * TONE_HZ * at)).astype(np.float32)
    aac, mp3 = AacEncoder().feed(sound), Mp3Encoder().feed(sound)
    return HoldLoop(
        tuple(aac[AAC_FRAMES_PER_UNIT : 2 * AAC_FRAMES_PER_UNIT]),
        tuple(mp3[MP3_FRAMES_PER_UNIT : 2 * MP3_FRAMES_PER_UNIT]),
    )


def tone_message(number: int, run: str = "run1", space: str = "hall") -> ProgrammeMessage:
    """Message `number` of a run in which the studio sends the tone."""
    return fill_message(tone_loop(), space, run, EPOCH_US, number)


def tone_share(pcm: Sound) -> float:
    """How much of the energy lies within 10 Hz of the tone: 1.0 for the tone alone."""
    power = np.abs(np.fft.rfft(pcm * np.hanning(len(pcm)))) ** 2
    hertz = np.fft.rfftfreq(len(pcm), 1 / SAMPLE_RATE_HZ)
    return float(power[abs(hertz - TONE_HZ) < 10].sum() / max(power.sum(), 1e-12))
