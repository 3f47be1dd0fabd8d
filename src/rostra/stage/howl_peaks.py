"""Finds a narrow peak that grows at a steady rate: what a loop does to one frequency.

The criteria are those of van Waterschoot and Moonen, "Fifty years of acoustic feedback control"
(Proceedings of the IEEE 99(2), 2011): the peak stands out from its neighbours (PNPR), has no
harmonics (PHPR), stays at its place (IPMP), and its level in dB follows a line (IMSD).
"""

from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rostra.stage.howl_echo import BIN_HZ, FRAME_SAMPLES

BANDS: Final = ((13, 96), (96, 640))
"""Bins from 200 Hz to 1.5 kHz and to 10 kHz, each with a watch of its own: the bass of music
would hide a howl above it. No loudspeaker of a phone or a laptop is loudest beyond."""

PEAK_MIN_DBFS: Final = -44.0
"""A quieter tone disturbs nobody yet."""

NEIGHBOURS_DB: Final = 14.0
"""By how much it stands out from what lies 80 to 140 Hz beside it."""

HARMONICS_DB: Final = 22.0
HARMONICS: Final = (1 / 3, 1 / 2, 2 / 3, 3 / 2, 2.0, 3.0)
"""By how much louder than at these multiples of its frequency: voices and strings are not."""

STRAY_BLOCKS: Final = 6
"""120 ms: a syllable, or a beat of music, may be louder than a howl for so long."""

WINDOWS: Final = ((12, 12.0), (24, 9.0), (45, 8.0), (75, 7.0))
"""(blocks, dB): a rise that is a loop's and no voice's."""

RESIDUAL_DB: Final = 2.0
"""Mean deviation from a straight line: the steps of a loop are smaller, syllables larger."""

SUSPECT_SHARE: Final = 0.5
"""Share of the rise that counts while somebody else howls: a loop has two devices."""

SHARED_DBFS: Final = -40.0
"""A tone so loud at the frequency of somebody else's howl is of the same howl."""

SHARED_BLOCKS: Final = 8
"""For how long it has to stand there."""

_TILT: Final = np.minimum(np.arange(BANDS[-1][1]) * BIN_HZ / 4_000.0, 1.0).astype(np.float32)
"""6 dB an octave up to 4 kHz: speech and music fall by as much, and would hide a howl there."""

Magnitude = NDArray[np.float32]

_FULL_SCALE_DB: Final = 20 * float(np.log10(FRAME_SAMPLES / 4))
_MEMORY: Final = max(blocks for blocks, _ in WINDOWS)


@dataclass(frozen=True, slots=True)
class Peak:
    """What stands out of a source now; `alone` if it is narrow and has no harmonics."""

    bin: int
    level_dbfs: float
    alone: bool

    @property
    def hertz(self) -> float:
        """Where it is."""
        return self.bin * BIN_HZ


def loudest(magnitude: Magnitude, low: int, high: int) -> Peak:
    """The strongest frequency of a frame between two bins."""
    place = low + int((magnitude[low:high] * _TILT[low:high]).argmax())
    level = float(magnitude[place])
    beside = max(
        float(magnitude[place - 9 : place - 4].max()),
        float(magnitude[place + 5 : place + 10].max()),
    )
    related = max(_around(magnitude, share * place) for share in HARMONICS)
    alone = beside * 10 ** (NEIGHBOURS_DB / 20) < level > related * 10 ** (HARMONICS_DB / 20)
    return Peak(place, 20 * float(np.log10(level + 1e-9)) - _FULL_SCALE_DB, alone)


def _around(magnitude: Magnitude, place: float) -> float:
    middle = round(place)
    return float(magnitude[middle - 2 : middle + 3].max(initial=0.0))


class PeakWatch:
    """Follows the peak of one source for as long as it stays at its place."""

    def __init__(self, low: int, high: int) -> None:
        self._low, self._high = low, high
        self._peak: Peak | None = None
        self._strays = 0
        self._levels: deque[float] = deque(maxlen=_MEMORY)

    def take(self, magnitude: Magnitude, howl_bin: int, *, suspect: bool) -> Peak | None:
        """Look at one more frame; the peak, if it has been growing as a howl does.

        So is one that stands at `howl_bin`, where somebody else's howl was found (0: nowhere).
        Half the growth is enough for a `suspect`: somebody else howls now.
        """
        peak = loudest(magnitude, self._low, self._high)
        if peak.alone and self._peak is not None and abs(peak.bin - self._peak.bin) <= 1:
            self._strays = 0
            self._levels.append(peak.level_dbfs)
            share = SUSPECT_SHARE if suspect else 1.0
            return peak if self._grows(share) or self._is_of(howl_bin) else None
        self._stray(peak)
        return None

    def _is_of(self, howl_bin: int) -> bool:
        return (
            self._peak is not None
            and abs(self._peak.bin - howl_bin) <= 1
            and len(self._levels) > SHARED_BLOCKS
            and self._levels[-1] > SHARED_DBFS
        )

    def forget(self) -> None:
        """Begin anew."""
        self._peak, self._strays = None, 0
        self._levels.clear()

    def _stray(self, peak: Peak) -> None:
        self._strays += 1
        if self._peak is not None and self._strays <= STRAY_BLOCKS:
            self._levels.append(self._levels[-1])
            return
        self.forget()
        if peak.alone:
            self._peak = peak
            self._levels.append(peak.level_dbfs)

    def _grows(self, share: float) -> bool:
        if self._levels[-1] < PEAK_MIN_DBFS:
            return False
        levels = np.array(self._levels)
        return any(
            len(levels) >= blocks
            and levels[-1] - levels[-blocks] >= share * rise_db
            and _straight(levels[-blocks:])
            for blocks, rise_db in WINDOWS
        )


def _straight(levels: NDArray[np.float64]) -> bool:
    """Whether levels follow a line in dB (the interframe magnitude slope deviation)."""
    places = np.arange(len(levels)) - (len(levels) - 1) / 2
    slope = float(places @ levels) / float(places @ places)
    rest = levels - levels.mean() - slope * places
    return float(np.abs(rest).mean()) <= RESIDUAL_DB
