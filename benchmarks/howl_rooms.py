"""Rooms that howl, from a seed: loudspeaker, walls, microphone, and the house between them.

A loop is: microphone → guard → the house's mix → so many ms → a loudspeaker that bends what is
loud → the room's impulse response → the microphone. Nothing is random but what the seed gives.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from rostra.domain.grid import MIX_BLOCK_SAMPLES, SAMPLE_RATE_HZ
from rostra.stage.howl import HowlGuard
from rostra.stage.levels import Block

Sound = npt.NDArray[np.float32]
Gains = npt.NDArray[np.float64]

PIECES_MAX = 30
"""600 ms of a room, in blocks: the tail of a living room is 60 dB down by then."""
SPECTRUM = 2 * MIX_BLOCK_SAMPLES
RESONANT_SHARE = 0.3
"""Rooms whose loudspeaker rings at one frequency, as a phone on a table does."""


@dataclass(frozen=True)
class Loop:
    """One way from the mix back into one microphone."""

    response: Sound
    """Impulse response, loudspeaker to microphone; its largest gain is the loop's."""
    delay_samples: int
    """What house and devices take, from the mix to the loudspeaker."""
    drive: float = 1.0
    """How far the loudspeaker is driven into its bend."""

    @property
    def gain_db(self) -> float:
        """The open loop's gain at its worst frequency."""
        return float(20 * np.log10(spectrum(self.response).max()))


@dataclass(frozen=True)
class Room:
    """A seeded case: who sends what, and which of them hear the mix again."""

    seed: int
    kind: str
    voices: dict[str, Sound]
    loops: dict[str, Loop]

    @property
    def blocks(self) -> int:
        """How long it is."""
        return min(map(len, self.voices.values())) // MIX_BLOCK_SAMPLES


@dataclass
class Played:
    """What came of a room: the mix, and each guarded source's gain at its worst frequency."""

    mix: Sound
    raw: dict[str, Sound]
    open_gain: Gains
    """By block: the largest gain of a loop that was found, the guard's included, as a factor."""
    flips: list[tuple[int, str, bool]] = field(default_factory=list)
    ducked: dict[str, list[int]] = field(default_factory=dict)
    """Blocks in which a source was turned down, by source."""


def spectrum(response: Sound) -> Gains:
    """Magnitude of an impulse response on a fine grid."""
    return np.abs(np.fft.rfft(response, 1 << 16)).astype(np.float64)


def response(rng: np.random.Generator, gain_db: float) -> Sound:
    """A room between a loudspeaker and a microphone, scaled to this gain at its worst frequency.

    A direct path, a dozen early reflections, an exponential tail; the loudspeaker passes 200 Hz
    to between 6 and 14 kHz, and some ring.
    """
    rt60_s = rng.uniform(0.15, 0.6)
    length = int(min(rt60_s, 0.55) * SAMPLE_RATE_HZ)
    times = np.arange(length) / SAMPLE_RATE_HZ
    tail = rng.standard_normal(length) * np.exp(-6.9 * times / rt60_s)
    tail[: int(0.005 * SAMPLE_RATE_HZ)] = 0
    tail *= 10 ** (rng.uniform(-8, 4) / 20) / np.sqrt(np.sum(tail**2))
    taps = tail
    direct = int(rng.uniform(0.0005, 0.006) * SAMPLE_RATE_HZ)
    taps[direct] += 1.0
    for _ in range(12):
        at = direct + int(rng.uniform(0.001, 0.03) * SAMPLE_RATE_HZ)
        taps[at] += rng.choice((-1, 1)) * rng.uniform(0.1, 0.5)
    shaped = _loudspeaker(rng, np.fft.rfft(taps, 1 << 16))
    bent = np.fft.irfft(shaped)[:length]
    bent *= 10 ** (gain_db / 20) / np.abs(np.fft.rfft(bent, 1 << 16)).max()
    return bent.astype(np.float32)


def _loudspeaker(
    rng: np.random.Generator, bins: npt.NDArray[np.complex128]
) -> npt.NDArray[np.complex128]:
    hertz = np.fft.rfftfreq(1 << 16, 1 / SAMPLE_RATE_HZ)
    s = 1j * hertz
    low, high = rng.uniform(120, 400), rng.uniform(6_000, 14_000)
    shape = (s / (s + low)) ** 2 * (high / (s + high)) ** 2
    if rng.random() < RESONANT_SHARE:
        at, q = rng.uniform(400, 3_500), rng.uniform(4, 15)
        ring = s * at / q / (at**2 - hertz**2 + s * at / q)
        shape = shape * (1 + rng.uniform(2, 8) * ring)
    shaped: npt.NDArray[np.complex128] = bins * shape
    return shaped


class _Echo:
    """A loop's way from the mix to the microphone, block by block (partitioned convolution)."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        pieces = -(-len(loop.response) // MIX_BLOCK_SAMPLES)
        padded = np.zeros(pieces * MIX_BLOCK_SAMPLES, dtype=np.float32)
        padded[: len(loop.response)] = loop.response
        self._filters = np.fft.rfft(padded.reshape(pieces, -1), SPECTRUM)
        self._played = np.zeros((pieces, SPECTRUM // 2 + 1), dtype=np.complex64)
        self._past = np.zeros(loop.delay_samples + MIX_BLOCK_SAMPLES, dtype=np.float32)
        self._before = np.zeros(MIX_BLOCK_SAMPLES, dtype=np.float32)

    def heard(self) -> Block:
        """What reaches the microphone during the next block."""
        start = len(self._past) - self._loop.delay_samples
        sound = self._past[start : start + MIX_BLOCK_SAMPLES]
        drive = self._loop.drive
        sound = np.tanh(sound * drive) / drive
        pair = np.concatenate((self._before, sound))
        self._before = sound
        self._played = np.roll(self._played, 1, axis=0)
        self._played[0] = np.fft.rfft(pair)
        out = np.fft.irfft(np.einsum("ij,ij->j", self._played, self._filters), SPECTRUM)
        echo: Block = out[MIX_BLOCK_SAMPLES:].astype(np.float32)
        return echo

    def mixed(self, block: Block) -> None:
        """Take what the house sends out now."""
        self._past = np.concatenate((self._past[MIX_BLOCK_SAMPLES:], block))


def play(room: Room, *, guarded: bool = True, closed: bool = True) -> Played:
    """Play a room through the house; with the guard or without; with its loops or without."""
    guard = HowlGuard()
    echoes = {name: _Echo(loop) for name, loop in room.loops.items()} if closed else {}
    worst = {name: float(spectrum(loop.response).max()) for name, loop in room.loops.items()}
    mixes: list[Block] = []
    raw: dict[str, list[Block]] = {name: [] for name in room.voices}
    played = Played(np.zeros(0, np.float32), {}, np.zeros(room.blocks))
    for number in range(room.blocks):
        at = slice(number * MIX_BLOCK_SAMPLES, (number + 1) * MIX_BLOCK_SAMPLES)
        mix = np.zeros(MIX_BLOCK_SAMPLES, dtype=np.float32)
        for name, voice in room.voices.items():
            block = voice[at]
            if name in echoes:
                block = block + echoes[name].heard()
            block = np.clip(block, -1.0, 1.0).astype(np.float32)
            raw[name].append(block)
            mix = mix + (guard.heard(name, block) if guarded else block)
            if guard.gain(name) < 1.0:
                played.ducked.setdefault(name, []).append(number)
            if name in played.ducked:
                left = worst.get(name, 0.0) * guard.gain(name)
                played.open_gain[number] = max(played.open_gain[number], left)
        guard.mixed(mix)
        played.flips += [(number, name, howls) for name, howls in guard.flips()]
        for echo in echoes.values():
            echo.mixed(mix)
        mixes.append(mix)
    played.mix = np.concatenate(mixes)
    played.raw = {name: np.concatenate(blocks) for name, blocks in raw.items()}
    return played


def spoken(pieces: Sequence[Sound], rng: np.random.Generator, samples: int) -> Sound:
    """A stretch of somebody's speech from a random place, as loud as a random voice."""
    sound = pieces[int(rng.integers(len(pieces)))]
    start = int(rng.integers(len(sound)))
    turned = np.resize(np.roll(sound, -start), samples)
    return (turned * 10 ** (rng.uniform(-10, 2) / 20)).astype(np.float32)


def hiss(rng: np.random.Generator, samples: int, dbfs: float) -> Sound:
    """A microphone's and a room's noise."""
    return (rng.standard_normal(samples) * 10 ** (dbfs / 20)).astype(np.float32)


def howling(seed: int, pieces: Sequence[Sound], music: Sequence[Sound], seconds: int) -> Room:
    """A room with a loop that howls: two devices in it, or a loudspeaker with the programme."""
    rng = np.random.default_rng([1, seed])
    samples = seconds * SAMPLE_RATE_HZ
    noise = rng.uniform(-75, -55)
    content = ("speech", "speech", "music", "noise")[seed % 4]
    kind = ("two devices", "loudspeaker")[seed // 4 % 2]
    gain_db = rng.uniform(1.0, 6.0)
    loops = {"near": _loop(rng, gain_db)}
    voices = {"far": spoken(pieces, rng, samples) + hiss(rng, samples, -70)}
    if content == "noise":
        voices["far"] = hiss(rng, samples, -70)
        near = hiss(rng, samples, noise)
    elif content == "music":
        near = spoken(music, rng, samples) + hiss(rng, samples, noise)
    else:
        near = spoken(pieces, rng, samples) + hiss(rng, samples, noise)
    voices["near"] = near
    if kind == "two devices":
        loops["beside"] = _loop(rng, gain_db - rng.uniform(0, 6))
        across = int(rng.uniform(0.003, 0.01) * SAMPLE_RATE_HZ)
        share = 10 ** (rng.uniform(-25, -8) / 20)
        voices["beside"] = share * np.roll(near, across) + hiss(rng, samples, noise)
    return Room(seed, f"{kind}, {content}", voices, loops)


def _loop(rng: np.random.Generator, gain_db: float) -> Loop:
    delay = int(rng.uniform(0.05, 0.4) * SAMPLE_RATE_HZ)
    return Loop(response(rng, gain_db), delay, drive=rng.uniform(0.7, 2.0))
