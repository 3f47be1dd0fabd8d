"""One source under the howl guard: what speaks for a loop through it, and what is done to it."""

from typing import Final

import numpy as np

from rostra.stage.howl_echo import EARLIEST_POINT, Echo, EchoFinder, Frames, SentMix
from rostra.stage.howl_filter import DuckAndNotch
from rostra.stage.howl_guard import Ducking
from rostra.stage.howl_peaks import BANDS, Peak, PeakWatch
from rostra.stage.levels import Block

SILENT: Final = 1e-4
"""-80 dBFS at the peak: below it there is nothing to look at."""

SILENT_BLOCKS: Final = 4
"""After so many the frame is silent too, and nothing is computed."""

LOOK_BLOCKS: Final = 3
"""60 ms between two looks at a source's echo."""

LIKENESS_MIN: Final = 0.15
"""Share of phases that agree; speech without a loop reaches 0.13, a loop has 0.15 to 0.6."""

LIKENESS_FULL: Final = 0.2
"""From here on a look counts fully."""

CONTRAST_MIN: Final = 1.1
"""How much one delay has to stand out; at 1 more it counts fully."""

BREADTH_MIN: Final = 0.235
"""Share of the band: chords reach 0.23, an echo of speech 0.25 to 0.4."""

FRESH_MIN: Final = 0.2
"""Sound a block that makes a look count fully: what is remembered is no new evidence."""

LOUD_DB: Final = -8.0
"""An echo so loud counts a little at each look even if it is faint among other sound: without a
loop no more than 8 looks in a row find one at the same delay (laughter 6, speech 2)."""

FAINT_MIN: Final = 0.07
FAINT_CONTRAST: Final = 0.8
"""Likeness and contrast of such an echo."""

FAINT_POINTS: Final = 0.25
"""Ten looks in a row are evidence enough: 0.6 s."""

RING_DB: Final = 1.0
RING_CONTRAST: Final = 1.35
"""Gain and contrast of an echo of few frequencies, as a ringing loudspeaker makes it: it comes
back louder than it was sent, which of tones only swelling ones do, and those at many delays."""

RING_POINTS: Final = 0.17
"""Fifteen looks in a row are evidence enough: 0.9 s."""

EDGE_POINT: Final = EARLIEST_POINT + 24
"""2 ms: what is most alike at the shortest delay is alike at shorter ones too: a tone."""

SAME_POINTS: Final = 12
"""1 ms: the delay of a loop does not move by more between two looks."""

EVIDENCE: Final = 2.5
"""Looks that count fully, one after the other at one delay, until a loop is believed."""

SUSPECT_EVIDENCE: Final = EVIDENCE / 2
SUSPECT_RING_DB: Final = -3.0
"""While somebody else howls: a loop has two devices, and the second is in the same room."""

EVIDENCE_KEPT: Final = 2 * EVIDENCE
"""More is not remembered: a loop that is gone is soon no more believed in."""

GAIN_MIN_DB: Final = -13.0
"""An echo this loud is dangerous: a room's response peaks 8 to 10 dB above its mean
(Schroeder, 1962), and one more reflection is a howl."""

PEAK_MIN_DB: Final = -3.0
"""And so is one that is nearly as loud as the mix at one frequency."""

FAR_DB: Final = -20.0
"""Unless it is so faint over the whole band that the one frequency is chance."""

ROOM_PEAK_DB: Final = 10.0
"""What the loop is held to gain at its worst, above its mean."""

PEAK_LOOP_DB: Final = 6.0
"""What a loop is held to gain whose peak was seen and whose echo was not."""


class Source:
    """One source; blocks go in and come out, at most turned down."""

    def __init__(self, sent: SentMix, turn: int) -> None:
        self._frames = Frames()
        self._finder = EchoFinder(sent)
        self._peaks = [PeakWatch(*band) for band in BANDS]
        self._filter = DuckAndNotch()
        self._ducking = Ducking()
        self._turn = turn
        self._silent = 0
        self._point = 0
        self._evidence = 0.0
        self._echoes = False

    @property
    def howls(self) -> bool:
        """Whether it is turned down, or on trial."""
        return self._ducking.howls

    @property
    def gain(self) -> float:
        """How far it is turned down, as a factor."""
        return self._filter.gain

    def heard(self, block: Block, howl_bin: int, *, suspect: bool) -> tuple[Block, int]:
        """Guard one block; the bin of a howl that was found in it, or 0.

        `howl_bin` is where somebody else's howl was found a moment ago, or 0;
        `suspect` whether somebody else howls now.
        """
        found = self._listen(block, howl_bin, suspect=suspect)
        if self._ducking.returned:
            self._finder.forget()
            self._evidence = 0.0
        self._ducking.turn(heard_again=self._echoes)
        if not self.howls:
            self._filter.notch(())
        self._filter.gain = self._ducking.gain
        return self._filter(block), found

    def _listen(self, block: Block, howl_bin: int, *, suspect: bool) -> int:
        if float(np.abs(block).max()) < SILENT:
            self._silent += 1
            if self._silent > SILENT_BLOCKS:
                self._rest()
                return 0
        else:
            self._silent = 0
        frame = self._frames.take(block)
        self._finder.take(frame)
        self._turn += 1
        if self._turn % LOOK_BLOCKS == 0:
            self._look(suspect=suspect)
        magnitude = np.abs(frame)
        peaks = [watch.take(magnitude, howl_bin, suspect=suspect) for watch in self._peaks]
        return max([self._ring(peak) for peak in peaks if peak is not None], default=0)

    def _rest(self) -> None:
        """Silence: forget once, compute nothing."""
        if self._silent == SILENT_BLOCKS + 1:
            self._finder.forget()
            for watch in self._peaks:
                watch.forget()
        self._evidence, self._echoes = 0.0, False

    def _ring(self, peak: Peak) -> int:
        self._ducking.alarm(PEAK_LOOP_DB)
        if all(abs(peak.hertz - notch) > notch * 0.02 for notch in self._filter.notches_hz):
            self._filter.notch((*self._filter.notches_hz, peak.hertz))
        return peak.bin

    def _look(self, *, suspect: bool) -> None:
        echo = self._finder.find()
        steady = abs(echo.point - self._point) <= SAME_POINTS
        self._point = echo.point
        fresh = min(self._finder.fresh() / LOOK_BLOCKS / FRESH_MIN, 1.0)
        points = fresh * _points(echo, SUSPECT_RING_DB if suspect else RING_DB)
        self._evidence = min(self._evidence + points, EVIDENCE_KEPT) if steady else 0.0
        loud = echo.gain_db >= GAIN_MIN_DB or (
            echo.peak_db >= PEAK_MIN_DB and echo.gain_db >= FAR_DB
        )
        self._echoes = (
            loud and points > 0 and self._evidence >= (SUSPECT_EVIDENCE if suspect else EVIDENCE)
        )
        if self._echoes:
            self._ducking.alarm(max(echo.gain_db + ROOM_PEAK_DB, echo.peak_db))


def _points(echo: Echo, ring_db: float) -> float:
    """What one look adds to the evidence, 0 to 1."""
    points = 0.0
    if echo.point < EDGE_POINT:
        return points
    if echo.breadth < BREADTH_MIN:
        rings = echo.peak_db >= ring_db and echo.contrast >= RING_CONTRAST
        return RING_POINTS if rings else 0.0
    if echo.likeness >= LIKENESS_MIN:
        contrast = min(max(echo.contrast - CONTRAST_MIN, 0.0), 1.0)
        points = contrast * min(echo.likeness / LIKENESS_FULL, 1.0)
    if echo.gain_db >= LOUD_DB and echo.likeness >= FAINT_MIN and echo.contrast >= FAINT_CONTRAST:
        points = max(points, FAINT_POINTS)
    return points
