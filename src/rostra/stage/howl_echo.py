"""Finds whether a source repeats the mix after a constant delay, and how loudly.

The mix and each source are cut into frames of 64 ms; for every delay the phases of source and
mix are compared (GCC-PHAT: Knapp and Carter 1976, here averaged over time, delay by delay). An
echo makes one sharp peak at one delay; a held tone makes many that are alike.
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

FIRST_LAG: Final = 2
"""Blocks: no way through a house and two devices is shorter than 40 ms."""
LAGS: Final = 24
"""Blocks: up to 500 ms after the mix."""

MEMORY: Final = 0.96
"""What an average keeps each block: half a second."""

FLOOR: Final = 3e-2
"""Added to each magnitude (a sine of -90 dBFS or so): noise has no phase worth comparing."""

FINE: Final = 768
"""Points of the fine delay: 12 kHz."""
_HALF: Final = FINE * MIX_BLOCK_SAMPLES // FRAME_SAMPLES // 2
"""Points on both sides of a lag that are no other lag's."""

Spectrum = NDArray[np.complex64]
_WINDOW: Final = np.hanning(FRAME_SAMPLES).astype(np.float32)
_NUMBER: Final = LAST_BIN - FIRST_BIN


class Frames:
    """The last 64 ms of a sound, as a spectrum."""

    def __init__(self) -> None:
        self._past: Block = np.zeros(FRAME_SAMPLES, dtype=np.float32)

    def take(self, block: Block) -> Spectrum:
        """Add a block; the spectrum of the frame that ends with it, complex64[1537]."""
        self._past[:-MIX_BLOCK_SAMPLES] = self._past[MIX_BLOCK_SAMPLES:]
        self._past[-MIX_BLOCK_SAMPLES:] = block
        spectrum: Spectrum = np.fft.rfft(self._past * _WINDOW)
        return spectrum


class SentMix:
    """What was sent out in the last half second, newest first; one for all sources."""

    def __init__(self) -> None:
        self._frames = Frames()
        rows = FIRST_LAG + LAGS - 1
        self._spectra: Spectrum = np.zeros((rows, _NUMBER), dtype=np.complex64)
        self._phases: Spectrum = np.zeros((rows, _NUMBER), dtype=np.complex64)

    def take(self, block: Block) -> None:
        """Add what was mixed."""
        frame = self._frames.take(block)[FIRST_BIN:LAST_BIN]
        self._spectra[1:] = self._spectra[:-1]
        self._spectra[0] = frame
        self._phases[1:] = self._phases[:-1]
        self._phases[0] = phases(frame)

    @property
    def spectra(self) -> Spectrum:
        """By lag from `FIRST_LAG`, complex64[LAGS, bins]."""
        return self._spectra[FIRST_LAG - 1 :]

    @property
    def phases(self) -> Spectrum:
        """The same with magnitude 1 where there is sound."""
        return self._phases[FIRST_LAG - 1 :]


def phases(frame: Spectrum) -> Spectrum:
    """A spectrum without its magnitudes; near 0 where there is only noise."""
    turned: Spectrum = frame / (np.abs(frame) + np.float32(FLOOR))
    return turned


@dataclass(frozen=True, slots=True)
class Echo:
    """A repetition of the mix in a source."""

    lag: int
    """Blocks after the mix."""
    delay: int
    """The same on the fine grid (12 kHz)."""
    likeness: float
    """Share of the phases that agree, 0 to 1."""
    contrast: float
    """The likeness over that of the best other delay."""
    gain_db: float
    """How much louder or quieter than the mix, over the whole band."""
    peak_db: float


class EchoFinder:
    """Listens to one source for the mix."""

    def __init__(self, sent: SentMix) -> None:
        self._sent = sent
        self._likeness: Spectrum = np.zeros((LAGS, _NUMBER), dtype=np.complex64)
        self._cross: Spectrum = np.zeros((LAGS, _NUMBER), dtype=np.complex64)
        self._power: NDArray[np.float32] = np.zeros((LAGS, _NUMBER), dtype=np.float32)
        self._own: NDArray[np.float32] = np.zeros(_NUMBER, dtype=np.float32)
        self._scratch: Spectrum = np.empty_like(self._likeness)
        self._weight = 0.0

    def take(self, frame: Spectrum) -> None:
        """Compare a frame of the source with the mix at every lag."""
        own = frame[FIRST_BIN:LAST_BIN]
        turned = phases(own)
        np.multiply(self._sent.phases.conj(), turned, out=self._scratch)
        self._likeness *= np.float32(MEMORY)
        self._likeness += self._scratch
        self._weight = self._weight * MEMORY + float(np.vdot(turned, turned).real) / _NUMBER
        np.multiply(self._sent.spectra.conj(), own, out=self._scratch)
        self._cross *= np.float32(MEMORY)
        self._cross += self._scratch
        self._power *= np.float32(MEMORY)
        self._power += np.square(np.abs(self._sent.spectra))
        self._own *= np.float32(MEMORY)
        self._own += np.square(np.abs(own))

    def find(self) -> Echo:
        """The likeliest echo now; it is for others to say whether it is one."""
        padded = np.zeros((LAGS, FINE // 2 + 1), dtype=np.complex64)
        padded[:, FIRST_BIN:LAST_BIN] = self._likeness
        found = np.abs(np.fft.irfft(padded, FINE)) * (FINE / 2 / _NUMBER)
        found = np.concatenate((found[:, -_HALF:], found[:, :_HALF]), axis=1).reshape(-1)
        found /= max(self._weight, 1.0)
        best = int(found.argmax())
        lag = best // (2 * _HALF)
        others = found.copy()
        near = 300
        others[max(0, best - near) : best + near] = 0
        gain, peak = self._gain(lag)
        return Echo(
            lag=lag + FIRST_LAG,
            delay=best,
            likeness=float(found[best]),
            contrast=float(found[best] / max(others.max(), 1e-6)),
            gain_db=gain,
            peak_db=peak,
        )

    def _gain(self, lag: int) -> tuple[float, float]:
        power = self._power[lag] + 1e-3
        square = np.square(np.abs(self._cross[lag])) / power
        weight = (1 + MEMORY) / (1 - MEMORY) / 2.5
        square = np.maximum(square - self._own / weight, 0)
        whole = float(square.sum() / power.sum())
        smooth = np.convolve(square / power, np.ones(5) / 5, "same")
        loud = power > power.max() * 1e-3
        peak = float((smooth * loud).max())
        return 10 * np.log10(max(whole, 1e-9)), 10 * np.log10(max(peak, 1e-9))
