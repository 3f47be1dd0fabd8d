"""A speaker whose network stalls disturbs nobody else, to the sample."""

import numpy as np

from rostra.stage.drivers.opus import Encoder
from rostra.stage.drivers.voice import Voice
from rostra.stage.levels import Block
from rostra.stage.mixer import Mixer

BLOCK_US = 20_000
BLOCKS = 250
STALL = range(60, 160)


def spoken(hertz: float) -> list[bytes]:
    encoder = Encoder()
    times = np.arange(BLOCKS * 960) / 48_000
    sound = (0.2 * np.sin(2 * np.pi * hertz * times)).astype(np.float32)
    return [encoder.encode(sound[start : start + 960]) for start in range(0, len(sound), 960)]


def evening(*, stalled: bool) -> tuple[list[Block], list[Block]]:
    """What Anna sends, as decoded; and what Carl hears without himself."""
    voices = {"anna": Voice(), "bert": Voice(), "carl": Voice()}
    packets = {name: spoken(300.0 + 200 * index) for index, name in enumerate(voices)}
    mixer = Mixer()
    anna, carl = [], []
    for block in range(BLOCKS):
        now_us = block * BLOCK_US
        for name, voice in voices.items():
            held = stalled and name == "bert" and block in STALL
            burst = STALL if stalled and name == "bert" and block == STALL.stop else ()
            for number in (*burst, *(() if held else (block,))):
                voice.feed(number, number * 960, packets[name][number], now_us)
        sounds = {name: voice.block(now_us, wanted=True) for name, voice in voices.items()}
        anna.append(sounds["anna"])
        carl.append(mixer.mix(sounds, frozenset()).minus["carl"])
    return anna, carl


def test_others_are_heard_the_same_and_the_stalled_one_comes_back() -> None:
    calm_anna, calm_carl = evening(stalled=False)
    anna, carl = evening(stalled=True)
    np.testing.assert_array_equal(np.concatenate(anna), np.concatenate(calm_anna))
    silent = STALL.start + 20
    np.testing.assert_allclose(carl[silent], anna[silent], atol=1e-6)
    after = STALL.stop + 20
    quiet = float(np.abs(carl[after] - anna[after]).max())
    assert quiet > 0.1
    assert np.abs(calm_carl[after]).max() > 0.2
