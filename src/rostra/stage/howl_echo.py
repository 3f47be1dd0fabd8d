"""Finds whether a source repeats the mix after a constant delay, and how loudly.

The mix and each source are cut into frames of 64 ms. For every delay up to half a second the
phases of source and mix are compared (GCC-PHAT: Knapp and Carter, "The generalized correlation
method for estimation of time delay", 1976; here averaged over time, delay by delay). An echo makes
one sharp peak that stays at one delay; a held tone makes many that are alike.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rostra.domain.grid import MIX_BLOCK_SAMPLES, SAMPLE_RATE_HZ
from rostra.stage.levels import Block

FRAME_SAMPLES: Final = 3_072
"""64 ms: an echo may lie anywhere between two blocks and still share most of its frame."""

BIN_HZ: Final = SAMPLE_RATE_HZ / FRAME_SAMPLES

FIRST_BIN: Final = 16
"""250 Hz: below it small loudspeakers say nothing, and rooms hum."""

LAST_BIN: Final = 384
"""6 kHz: above it speech has little, and a device's clock has moved the phase."""

LAGS: Final = 25
"""Blocks: echoes up to half a second after the mix; a house's loop is 50 to 400 ms."""

FINE: Final = 768
"""Points of a frame on the fine grid of delays: 12 kHz."""

EARLIEST_POINT: Final = 360
"""40 ms: no way through a house and two devices is shorter; what is alike there is a tone."""

NEAR_POINTS: Final = 180
"""15 ms on both sides of an echo belong to it: early reflections, and the pitch of a voice."""

MEMORY: Final = 0.96
"""What the averaged phases keep each block: half a second."""

GAIN_MEMORY: Final = 0.98
"""What the averages for the gain keep: a second, which makes `INDEPENDENT` frames."""

INDEPENDENT: Final = 40.0
"""Frames in an average that share no samples: what is alike by chance is 1/40 of the power."""

COHERENT: Final = 0.5
"""Below it a bin of the source is less than half the mix's, and its gain is not believed."""

FLOOR: Final = 3e-2
"""Added to each magnitude (a sine of -88 dBFS): noise below has no phase worth comparing."""

TONE_MIN: Final = 0.3
TONE_FULL: Final = 0.6
"""Mean likeness over all delays: noise and speech have 0.2, a held tone 1 and no say at all."""

WEIGHT_MIN: Final = 3.0
"""Frames full of sound: what is alike in fewer is alike by chance."""

Spectrum = NDArray[np.complex64]
Power = NDArray[np.float32]

_BINS: Final = LAST_BIN - FIRST_BIN
_LAG_POINTS: Final = FINE * MIX_BLOCK_SAMPLES // FRAME_SAMPLES
_WINDOW: Final = np.hanning(FRAME_SAMPLES).astype(np.float32)
_PLACES: Final = np.arange(FIRST_BIN, LAST_BIN)
_TINY: Final = np.float32(1e-3)


class Frames:
    """The last 64 ms of a sound, as a spectrum."""

    def __init__(self) -> None:
        self._past: Block = np.zeros(FRAME_SAMPLES, dtype=np.float32)

    def take(self, block: Block) -> Spectrum:
        """Add a block; the spectrum of the frame that ends with it, complex64[1537]."""
        self._past[:-MIX_BLOCK_SAMPLES] = self._past[MIX_BLOCK_SAMPLES:]
        self._past[-MIX_BLOCK_SAMPLES:] = block
        spectrum: Spectrum = np.fft.rfft(self._past * _WINDOW).astype(np.complex64, copy=False)
        return spectrum


class SentMix:
    """What was sent out in the last half second, newest first; one for all sources.

    Conjugate spectra, complex64[LAGS, bins]: as they are, and with magnitude 1 where there is
    sound; and their power.
    """

    def __init__(self) -> None:
        self._frames = Frames()
        self.spectra: Spectrum = np.zeros((LAGS, _BINS), dtype=np.complex64)
        self.phases: Spectrum = np.zeros((LAGS, _BINS), dtype=np.complex64)
        self.power: Power = np.zeros((LAGS, _BINS), dtype=np.float32)

    def take(self, block: Block) -> None:
        """Add what was mixed."""
        frame = self._frames.take(block)[FIRST_BIN:LAST_BIN].conj()
        for history, newest in (
            (self.spectra, frame),
            (self.phases, _phases(frame)),
            (self.power, _power(frame)),
        ):
            history[1:] = history[:-1]
            history[0] = newest


@dataclass(frozen=True, slots=True)
class Echo:
    """The likeliest repetition of the mix in a source; whether it is one, others say."""

    point: int
    """Its delay on the fine grid (12 kHz)."""
    likeness: float
    """Share of the phases that agree, 0 to 1."""
    contrast: float
    """The likeness over that of the best other delay."""
    breadth: float
    """Share of the band that takes part, 0 to 1: a tone has little."""
    gain_db: float
    """How much louder or quieter than the mix, over the whole band."""
    peak_db: float
    """The same where it is largest, among the frequencies that are sure."""


class EchoFinder:
    """Listens to one source for the mix."""

    def __init__(self, sent: SentMix) -> None:
        self._sent = sent
        self._likeness: Spectrum = np.zeros((LAGS, _BINS), dtype=np.complex64)
        self._cross: Spectrum = np.zeros((LAGS, _BINS), dtype=np.complex64)
        self._power: Power = np.zeros((LAGS, _BINS), dtype=np.float32)
        self._own: Power = np.zeros(_BINS, dtype=np.float32)
        self._sound: Power = np.zeros(_BINS, dtype=np.float32)
        self._scratch: Spectrum = np.empty((LAGS, _BINS), dtype=np.complex64)
        self._fresh = self._weight = 0.0

    def take(self, frame: Spectrum) -> None:
        """Compare a frame of the source with the mix at every delay."""
        own = frame[FIRST_BIN:LAST_BIN]
        turned = _phases(own)
        self._add(self._likeness, self._sent.phases, turned, MEMORY)
        self._add(self._cross, self._sent.spectra, own, GAIN_MEMORY)
        self._power *= np.float32(GAIN_MEMORY)
        self._power += self._sent.power
        self._own *= np.float32(GAIN_MEMORY)
        self._own += _power(own)
        sound = _power(turned)
        self._sound *= np.float32(MEMORY)
        self._sound += sound
        self._fresh += float(sound.mean())

    def _add(self, average: Spectrum, sent: Spectrum, own: Spectrum, memory: float) -> None:
        np.multiply(sent, own, out=self._scratch)
        np.multiply(average, np.float32(memory), out=average)
        np.add(average, self._scratch, out=average)

    def fresh(self) -> float:
        """How much sound came since this was asked last: near 1 a block if it filled the band."""
        fresh, self._fresh = self._fresh, 0.0
        return fresh

    def forget(self) -> None:
        """Begin anew: the source has become another, or was silent."""
        for average in (
            self._likeness,
            self._cross,
            self._power,
            self._own,
            self._sound,
        ):
            average.fill(0)
        self._fresh = 0.0

    def find(self) -> Echo:
        """The likeliest echo now."""
        likenesses = self._likeness * self._toneless()
        found = self._by_delay(likenesses)
        point = EARLIEST_POINT + int(found[EARLIEST_POINT:].argmax())
        likeness = float(found[point])
        found[max(0, point - NEAR_POINTS) : point + NEAR_POINTS] = 0
        lag = point // _LAG_POINTS
        gain_db, peak_db = self._gain(lag)
        return Echo(
            point=point,
            likeness=likeness,
            contrast=likeness / max(float(found.max()), 1e-6),
            breadth=_breadth(likenesses[lag], point - lag * _LAG_POINTS - _LAG_POINTS // 2),
            gain_db=gain_db,
            peak_db=peak_db,
        )

    def _by_delay(self, likenesses: Spectrum) -> Power:
        """Likeness over all delays on the fine grid; each lag has the points around it."""
        padded = np.zeros((LAGS, FINE // 2 + 1), dtype=np.complex64)
        padded[:, FIRST_BIN:LAST_BIN] = likenesses
        found = np.abs(np.fft.irfft(padded, FINE))
        half = _LAG_POINTS // 2
        found = np.concatenate((found[:, -half:], found[:, :half]), axis=1).reshape(-1)
        scaled: Power = found * np.float32(FINE / 2 / _BINS / max(self._weight, WEIGHT_MIN))
        return scaled

    def _toneless(self) -> Power:
        """How little of a tone each bin is, 0 to 1: a tone is like itself at every delay."""
        alike = np.abs(self._likeness).mean(axis=0) / np.maximum(self._sound, 1.0)
        toneless: Power = np.clip((TONE_FULL - alike) / (TONE_FULL - TONE_MIN), 0.0, 1.0)
        self._weight = float((self._sound * toneless).mean())
        return toneless

    def _gain(self, lag: int) -> tuple[float, float]:
        """Least squares, bin by bin, less what is alike by chance."""
        power, own = self._power[lag] + _TINY, self._own + _TINY
        square = _power(self._cross[lag])
        share = np.minimum(square / (power * own), 1.0)
        sure = np.maximum(share - (1 - share) / INDEPENDENT, 0)
        whole = float((sure * own).sum() / power.sum())
        coherent = np.convolve(share, np.ones(3) / 3, "same") > COHERENT
        loud = power > power.max() * 1e-4
        peak = float((square / np.square(power) * (coherent & loud)).max())
        return _decibels(whole), _decibels(peak)


def _breadth(row: Spectrum, offset: int) -> float:
    """The participation ratio of what the bins add to a peak so many points from the lag."""
    turned = row * np.exp(-2j * np.pi * offset / FINE * _PLACES)
    parts = np.maximum(turned.real, 0)
    return float(parts.sum() ** 2 / max(float(parts @ parts), 1e-9) / _BINS)


def _phases(frame: Spectrum) -> Spectrum:
    """A spectrum without its magnitudes; near 0 where there is only noise."""
    turned: Spectrum = frame / (np.abs(frame) + np.float32(FLOOR))
    return turned


def _power(spectrum: Spectrum) -> Power:
    power: Power = np.square(spectrum.real) + np.square(spectrum.imag)
    return power


def _decibels(power: float) -> float:
    return 10 * float(np.log10(max(power, 1e-9)))
