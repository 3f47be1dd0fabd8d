"""The speech of the network gate, and its packets."""

from pathlib import Path

import numpy as np
from benchmarks.listening import RATE, Samples

from rostra.stage.drivers.opus import Encoder
from rostra.stage.drivers.soundfile import blocks

BLOCK = RATE // 50
FILES = ("speech.opus", "speech_b.opus")
FOLDER = Path(__file__).parent.parent / "tests" / "data"


def speech(seconds: int) -> Samples:
    """Two voices in turn, as often as it takes."""
    pieces = [block for name in FILES for block in blocks(FOLDER / name)]
    once = np.concatenate(pieces)
    return np.tile(once, seconds * RATE // len(once) + 1)[: seconds * RATE]


def coded(sound: Samples) -> list[bytes]:
    """Packets of 20 ms, as the studio and headless speakers send them."""
    encoder = Encoder()
    return [encoder.encode(sound[start : start + BLOCK]) for start in range(0, len(sound), BLOCK)]
