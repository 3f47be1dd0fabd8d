"""Composes the default hold audio: slow soft chords that end where they begin.

Everything is arithmetic on a circle of 19.2 s: each voice is a sum of partials whose attack and
decay wrap around the end, so the loop has no seam. No chance and no recording is in it.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from rostra.domain.grid import HOLD_LOOP_SAMPLES, SAMPLE_RATE_HZ
from rostra.programme.limiter import Sound

TUNE_SAMPLES: Final = 20 * HOLD_LOOP_SAMPLES
"""19.2 s: eight chords of 2.4 s."""

LOUDNESS_RMS: Final = 0.072
"""About -24 LUFS: below speech, so that the first word is no shock and the wait no burden."""

CHORDS: Final = (
    (45, 57, 64, 69, 71),  # A add9
    (42, 57, 61, 66, 71),  # F sharp minor 11
    (38, 57, 62, 66, 76),  # D add9
    (40, 56, 59, 66, 71),  # E add9
    (45, 57, 61, 64, 73),  # A
    (49, 56, 61, 64, 71),  # C sharp minor 7
    (38, 54, 57, 64, 69),  # D major 9
    (40, 57, 59, 64, 71),  # E sus4, which leads back to A
)
"""MIDI notes, low to high; the bass is doubled by its octave's partials."""

BELLS: Final = ((1, 81), (4, 78), (7, 76), (10, 73), (12, 76), (15, 71))
"""(half chord, MIDI note): a sparse melody above, never on the beat of every chord."""

_Curve = npt.NDArray[np.float64]
_CHORD_SAMPLES: Final = TUNE_SAMPLES // len(CHORDS)


def tune() -> Sound:
    """The loop: float32 mono at 48 kHz, TUNE_SAMPLES long; the same at every call."""
    circle = np.zeros(TUNE_SAMPLES)
    pad = _pad_shape()
    for index, chord in enumerate(CHORDS):
        sound = sum((_pad_voice(note) for note in chord), np.zeros(len(pad))) * pad
        _lay(circle, sound, index * _CHORD_SAMPLES - _CHORD_SAMPLES // 4)
    for half, note in BELLS:
        _lay(circle, _bell(note), half * _CHORD_SAMPLES // 2)
    circle *= LOUDNESS_RMS / np.sqrt(np.mean(circle**2))
    return circle.astype(np.float32)


def _hertz(note: float) -> float:
    return float(440.0 * 2.0 ** ((note - 69) / 12))


def _seconds(samples: int) -> _Curve:
    return np.arange(samples) / SAMPLE_RATE_HZ


def _pad_shape() -> _Curve:
    """A swell over two chords' time: raised cosine up and down, so that neighbours overlap."""
    length = 2 * _CHORD_SAMPLES
    rise = np.sin(np.pi / 2 * np.clip(np.arange(length) / (0.45 * length), 0, 1)) ** 2
    fall = np.sin(np.pi / 2 * np.clip((length - np.arange(length)) / (0.55 * length), 0, 1)) ** 2
    shape: _Curve = np.minimum(rise, fall)
    return shape


def _pad_voice(note: int) -> _Curve:
    """Three slightly detuned tones with a few soft partials; higher notes are quieter."""
    time_s = _seconds(2 * _CHORD_SAMPLES)
    voice = np.zeros(len(time_s))
    for cents, phase in ((-3.0, 0.3), (0.0, 1.7), (3.5, 4.1)):
        base = 2 * np.pi * _hertz(note + cents / 100) * time_s
        for partial, strength in ((1, 1.0), (2, 0.28), (3, 0.09), (4, 0.04)):
            voice += strength * np.sin(partial * base + phase * partial)
    voice *= 2.0 ** ((57 - note) / 16)
    return voice


def _bell(note: int) -> _Curve:
    """A soft bell: fast but rounded attack, partials that die the faster the higher they are."""
    time_s = _seconds(2 * _CHORD_SAMPLES)
    attack = 1 - np.exp(-time_s / 0.012)
    ending = np.clip((len(time_s) - np.arange(len(time_s))) / SAMPLE_RATE_HZ, 0, 1)
    tone = np.zeros(len(time_s))
    for ratio, strength, life_s in ((1.0, 1.0, 1.1), (2.0, 0.35, 0.6), (3.01, 0.12, 0.3)):
        wave = np.sin(2 * np.pi * _hertz(note) * ratio * time_s)
        tone += strength * wave * np.exp(-time_s / life_s)
    tone *= 0.55 * attack * ending
    return tone


def _lay(circle: _Curve, sound: _Curve, start: int) -> None:
    """Add a sound at a place of the circle; what passes the end comes in at the beginning."""
    places = (np.arange(len(sound)) + start) % len(circle)
    circle[places] += sound
