"""Ten seconds without any loop, from a seed: speech, music, two people who laugh."""

from collections.abc import Sequence

import numpy as np
from benchmarks.howl_rooms import Gains, Room, Sound, hiss, spoken

from rostra.domain.grid import SAMPLE_RATE_HZ

CLEAN_KINDS = ("speech", "talk", "hold music", "chords", "beat", "laughter", "leak")
"""Speech is one voice, talk is two at once; `leak` is speech with what an echo canceller leaves."""
LAUGHS_HZ = (140.0, 420.0)


def clean(
    seed: int, kind: str, pieces: Sequence[Sound], music: Sequence[Sound], seconds: int = 10
) -> Room:
    """An excerpt of this kind in which nothing may be turned down."""
    rng = np.random.default_rng([2, CLEAN_KINDS.index(kind), seed])
    samples = seconds * SAMPLE_RATE_HZ
    one, two = (hiss(rng, samples, rng.uniform(-75, -55)) for _ in range(2))
    match kind:
        case "speech":
            one = one + spoken(pieces, rng, samples)
        case "talk":
            first = int(rng.integers(len(pieces)))
            rest = [piece for number, piece in enumerate(pieces) if number != first]
            one = one + spoken(pieces[first : first + 1], rng, samples)
            two = two + spoken(rest, rng, samples)
        case "hold music":
            one, two = one + spoken(music, rng, samples), two + spoken(pieces, rng, samples)
        case "chords":
            one, two = one + chords(rng, samples), two + spoken(pieces, rng, samples)
        case "beat":
            one, two = one + beat(rng, samples), two + spoken(pieces, rng, samples)
        case "laughter":
            one, two = one + laughter(rng, samples), two + laughter(rng, samples)
        case _:
            voice = spoken(pieces, rng, samples)
            late = int(rng.uniform(0.05, 0.4) * SAMPLE_RATE_HZ)
            one = one + voice
            two = two + np.roll(voice, late) * 10 ** (rng.uniform(-45, -25) / 20)
    return Room(seed, kind, {"one": one.astype(np.float32), "two": two.astype(np.float32)}, {})


def chords(rng: np.random.Generator, samples: int) -> Sound:
    """Chords of an organ or a plucked string, or swelling strings; vibrato now and then."""
    sound = np.zeros(samples)
    at = 0
    while at < samples:
        length = min(samples - at, int(rng.uniform(0.25, 3.0) * SAMPLE_RATE_HZ))
        sound[at : at + length] += _chord(rng, length)
        at += length
    return _levelled(sound, rng)


def _chord(rng: np.random.Generator, length: int) -> Gains:
    times = np.arange(length) / SAMPLE_RATE_HZ
    way = rng.integers(3)
    shape = np.minimum(1, times / 0.02) * np.minimum(1, times[::-1] / 0.03)
    if way == 1:
        shape = shape * np.exp(-times * rng.uniform(1, 6))
    elif way == 2:
        shape = shape * 10 ** (rng.uniform(0, 30) / 20 * (times / max(times[-1], 1e-3) - 1))
    whole = np.zeros(length)
    for note in rng.integers(45, 88, size=rng.integers(2, 5)):
        hertz = 440 * 2 ** ((int(note) - 69) / 12)
        bend = rng.uniform(0, 4e-4) * np.sin(_vibrato(rng, length))
        for partial in range(1, int(rng.integers(4, 10))):
            whole += np.sin(2 * np.pi * hertz * partial * (times + bend)) / partial**1.5
    shaped: Gains = whole * shape
    return shaped


def _vibrato(rng: np.random.Generator, length: int) -> Gains:
    """The phase of a vibrato: 4.5 to 6.5 Hz, which wanders by a tenth as a player's does."""
    marks = np.linspace(0, length, 2 + length // 4_800)
    pace = rng.uniform(4.5, 6.5) * (1 + 0.1 * rng.standard_normal(len(marks)))
    hertz = np.interp(np.arange(length), marks, pace)
    phase: Gains = 2 * np.pi * np.cumsum(hertz) / SAMPLE_RATE_HZ
    return phase


def beat(rng: np.random.Generator, samples: int) -> Sound:
    """A drum machine: the same three sounds again and again, exactly in time, over a bass."""
    step = int(60 / rng.uniform(80, 150) / 4 * SAMPLE_RATE_HZ)
    times = np.arange(int(0.15 * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    noise = rng.standard_normal(len(times))
    hits = (
        np.sin(2 * np.pi * 55 * times + 8 * np.exp(-times * 40)) * np.exp(-times * 18),
        (noise + np.sin(2 * np.pi * 190 * times)) * np.exp(-times * 25) * 0.6,
        np.diff(noise, prepend=0) * np.exp(-times * 60) * 0.3,
    )
    bar = [(place, hit) for hit in range(3) for place in range(16) if rng.random() < 0.3]
    sound = np.zeros(samples + len(times))
    for start in range(0, samples, 16 * step):
        for place, hit in bar:
            at = start + place * step
            if at < samples:
                sound[at : at + len(times)] += hits[hit]
    return _levelled(sound[:samples], rng)


def laughter(rng: np.random.Generator, samples: int) -> Sound:
    """Bouts of voiced bursts, four to six a second, with falling pitch, vowels and breath.

    This is made, not recorded: no laughter with a free licence is in the repository.
    """
    sound = np.zeros(samples)
    at = int(rng.uniform(0, 1) * SAMPLE_RATE_HZ)
    while at < samples:
        pitch, pace = rng.uniform(*LAUGHS_HZ), rng.uniform(3.8, 6.2)
        vowel = rng.uniform((500, 1_000, 2_200), (900, 1_900, 3_200))
        for number in range(int(rng.integers(4, 16))):
            length = int(rng.uniform(0.06, 0.14) * SAMPLE_RATE_HZ)
            if at + length >= samples:
                break
            strength = np.exp(-number * 0.08) * rng.uniform(0.7, 1.0)
            bent = pitch * 0.985**number * rng.uniform(0.97, 1.03)
            sound[at : at + length] += strength * _ha(rng, length, bent, vowel)
            at += int(SAMPLE_RATE_HZ / pace * rng.uniform(0.92, 1.08))
        at += int(rng.uniform(0.2, 1.2) * SAMPLE_RATE_HZ)
    return _levelled(sound, rng)


def _ha(rng: np.random.Generator, length: int, pitch: float, vowel: Gains) -> Gains:
    times = np.arange(length) / SAMPLE_RATE_HZ
    glide = np.cumsum(pitch * (1 + 0.1 * (0.5 - times / times[-1]))) / SAMPLE_RATE_HZ
    voice = np.zeros(length)
    for partial in range(1, int(5_000 / pitch)):
        hertz = partial * pitch
        strength = sum(1 / (1 + ((hertz - place) / 120) ** 2) for place in vowel) + 0.03
        voice += strength * np.sin(2 * np.pi * partial * glide)
    breath = rng.standard_normal(length) * 0.15
    whole: Gains = (voice / 3 + breath) * np.hanning(length)
    return whole


def _levelled(sound: Gains, rng: np.random.Generator) -> Sound:
    loud = float(np.sqrt(np.mean(sound**2))) + 1e-9
    level = 10 ** (rng.uniform(-35, -20) / 20) / loud
    return np.clip(sound * level, -0.9, 0.9).astype(np.float32)
