"""The howl guard: who is believed to howl, who is told, and who is left alone."""

import numpy as np

from rostra.stage.howl import SHARED_FOR_BLOCKS, HowlGuard
from rostra.stage.howl_guard import DEEP_DB
from rostra.stage.levels import Block

DELAY_BLOCKS = 6


def bursts(seed: int, blocks: int) -> Block:
    """Noise in syllables, which no two seeds share."""
    rng = np.random.default_rng(seed)
    sound = 0.1 * rng.standard_normal((blocks, 960)) * rng.uniform(0.05, 1.0, size=(blocks, 1))
    return sound.astype(np.float32)


def evening(guard: HowlGuard, echo: float, blocks: int = 100) -> list[tuple[int, str, bool]]:
    """Anna speaks; Bert's microphone hears the mix again, after 120 ms, times `echo`."""
    anna, bert = bursts(1, blocks), 0.1 * bursts(2, blocks)
    sent = [np.zeros(960, dtype=np.float32)] * DELAY_BLOCKS
    flips = []
    for number in range(blocks):
        late = echo * sent[-DELAY_BLOCKS]
        mix = guard.heard("anna", anna[number]) + guard.heard("bert", bert[number] + late)
        guard.mixed(mix)
        sent.append(mix)
        flips += [(number, *flip) for flip in guard.flips()]
    return flips


def test_who_sends_the_mix_again_is_turned_down_within_half_a_second_of_the_first_echo() -> None:
    guard = HowlGuard()
    ((block, who, howls),) = evening(guard, 0.7)
    assert (who, howls) == ("bert", True)
    assert block < DELAY_BLOCKS + 25
    assert guard.gain("bert") < 0.3
    assert guard.gain("anna") == 1.0


def test_what_an_echo_canceller_leaves_is_no_howl() -> None:
    guard = HowlGuard()
    assert evening(guard, 0.03) == []
    assert guard.gain("bert") == 1.0


def test_a_tone_that_grows_steadily_is_turned_down_and_its_neighbour_with_the_same_tone() -> None:
    guard = HowlGuard()
    times = np.arange(100 * 960) / 48_000
    tone = (1e-3 * 10 ** (1.5 * times) * np.sin(2 * np.pi * 1_200 * times)).astype(np.float32)
    steady = (0.05 * np.sin(2 * np.pi * 1_200 * times)).astype(np.float32)
    told: list[tuple[str, bool]] = []
    for start in range(0, 60 * 960, 960):
        mix = guard.heard("anna", tone[start : start + 960])
        guard.mixed(mix + guard.heard("bert", steady[start : start + 960]))
        told += guard.flips()
    assert told == [("anna", True), ("bert", True)]
    assert guard.gain("anna") <= 10 ** (DEEP_DB / 20) + 1e-9


def test_a_steady_tone_alone_is_left_alone() -> None:
    guard = HowlGuard()
    times = np.arange((SHARED_FOR_BLOCKS + 50) * 960) / 48_000
    tone = (0.1 * np.sin(2 * np.pi * 1_200 * times)).astype(np.float32)
    for block in tone.reshape(-1, 960):
        guard.mixed(guard.heard("anna", block))
    assert guard.flips() == ()


def test_who_left_is_forgotten() -> None:
    guard = HowlGuard()
    evening(guard, 0.7)
    assert guard.gain("bert") < 1.0
    guard.keep({"anna"})
    assert guard.gain("bert") == 1.0
    block = bursts(3, 1)[0]
    assert guard.heard("bert", block) is block
    guard.forget("nobody")


def test_silence_is_passed_on_as_it_is() -> None:
    guard = HowlGuard()
    silence = np.zeros(960, dtype=np.float32)
    assert all(guard.heard("anna", silence) is silence for _ in range(20))
