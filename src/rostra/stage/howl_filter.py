"""Turns a source down and takes narrow bands out of it, without delay and without a click."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from rostra.domain.grid import MIX_BLOCK_SAMPLES, SAMPLE_RATE_HZ
from rostra.stage.levels import Block

NOTCHES_MAX: Final = 4
"""Beyond it a room rings everywhere, and turning down does the work."""

NOTCH_HZ: Final = 80.0
"""Width of a narrow notch: its ringing ends within the block that the filter has."""

NOTCH_SHARE: Final = 0.08
"""Width of a high notch by its frequency: a little more than a semitone."""

NOTCH_DEPTH: Final = 0.1
"""-20 dB: enough that a round is quieter than the one before it."""

_PAIR: Final = 2 * MIX_BLOCK_SAMPLES
_UP: Final[Block] = np.linspace(0.0, 1.0, MIX_BLOCK_SAMPLES, dtype=np.float32)
_TURNS: Final = np.exp(-2j * np.pi * np.arange(_PAIR // 2 + 1) / _PAIR)
_ENDING: Final = np.concatenate(
    (np.ones(MIX_BLOCK_SAMPLES // 2), np.linspace(1.0, 0.0, MIX_BLOCK_SAMPLES // 2))
)

_Bins = NDArray[np.complex64]


class DuckAndNotch:
    """One source's gain and notches; what it is set to is reached at the end of the next block."""

    def __init__(self) -> None:
        self.gain = 1.0
        self._before = 1.0
        self._notches: tuple[float, ...] = ()
        self._filter: _Bins | None = None
        self._filter_before: _Bins | None = None
        self._past: Block = np.zeros(MIX_BLOCK_SAMPLES, dtype=np.float32)

    @property
    def notches_hz(self) -> tuple[float, ...]:
        """What is taken out."""
        return self._notches

    def notch(self, frequencies_hz: tuple[float, ...]) -> None:
        """Take these out, and nothing else."""
        wanted = frequencies_hz[-NOTCHES_MAX:]
        if wanted != self._notches:
            self._notches = wanted
            self._filter = _response(wanted) if wanted else None

    def __call__(self, block: Block) -> Block:
        """Filter one block; the same object comes back when there is nothing to do."""
        sound = self._notched(block)
        self._past = block
        before, self._before = self._before, self.gain
        if before == self.gain == 1.0:
            return sound
        ramp = np.float32(before) + np.float32(self.gain - before) * _UP
        quiet: Block = sound * ramp
        return quiet

    def _notched(self, block: Block) -> Block:
        before, self._filter_before = self._filter_before, self._filter
        if before is None and self._filter is None:
            return block
        bins: _Bins = np.fft.rfft(np.concatenate((self._past, block))).astype(
            np.complex64, copy=False
        )
        after = self._through(bins, block, self._filter)
        if before is self._filter:
            return after
        old = self._through(bins, block, before)
        mixed: Block = old + (after - old) * _UP
        return mixed

    @staticmethod
    def _through(bins: _Bins, block: Block, response: _Bins | None) -> Block:
        if response is None:
            return block
        sound: Block = np.fft.irfft(bins * response)[MIX_BLOCK_SAMPLES:].astype(
            np.float32, copy=False
        )
        return sound


def _response(frequencies_hz: tuple[float, ...]) -> _Bins:
    """Notches in cascade (biquads of the Audio EQ Cookbook), as a filter of one block's length."""
    whole = np.ones(len(_TURNS), dtype=np.complex128)
    for hertz in frequencies_hz:
        whole *= _biquad(hertz)
    taps = np.fft.irfft(whole)[:MIX_BLOCK_SAMPLES] * _ENDING
    bins: _Bins = np.fft.rfft(taps, _PAIR).astype(np.complex64)
    return bins


def _biquad(hertz: float) -> NDArray[np.complex128]:
    """A peaking filter that cuts to `NOTCH_DEPTH`."""
    turn = 2 * np.pi * hertz / SAMPLE_RATE_HZ
    width = max(NOTCH_HZ, hertz * NOTCH_SHARE)
    alpha = np.tan(np.pi * width / SAMPLE_RATE_HZ)
    ends = 2 * np.cos(turn) * _TURNS
    square = _TURNS * _TURNS
    above = (1 + alpha * NOTCH_DEPTH) - ends + (1 - alpha * NOTCH_DEPTH) * square
    below = (1 + alpha) - ends + (1 - alpha) * square
    response: NDArray[np.complex128] = above / below
    return response
