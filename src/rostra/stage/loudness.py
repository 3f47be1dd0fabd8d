"""How loud a voice is to an ear: K-weighted and gated loudness, measured block by block.

ITU-R BS.1770-4 and EBU R 128 for one channel at 48 kHz; EBU Tech 3341 for the 400 ms window.
"""

from collections import deque
from math import log10
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rostra.domain.grid import MIX_BLOCK_SAMPLES
from rostra.domain.loudness import (
    ABSOLUTE_GATE_LUFS,
    HIGH_PASS,
    OFFSET_LUFS,
    RELATIVE_GATE_LU,
    SHELF,
)
from rostra.stage.levels import Block

WINDOW_BLOCKS: Final = 20
"""400 ms, the momentary window."""

STEP_BLOCKS: Final = 5
"""100 ms: windows overlap by three quarters."""

_PIECE: Final = 32
_PIECES: Final = MIX_BLOCK_SAMPLES // _PIECE
_STATES: Final = 4

_Matrix = NDArray[np.float64]


def lufs(power: float) -> float:
    """Loudness of a mean square of K-weighted samples; -120 for silence."""
    return max(OFFSET_LUFS + 10.0 * log10(max(power, 1e-13)), -120.0)


def power_of(loudness_lufs: float) -> float:
    """The mean square of K-weighted samples that has this loudness."""
    return float(10.0 ** ((loudness_lufs - OFFSET_LUFS) / 10.0))


def _section(forward: tuple[float, ...], back: tuple[float, ...]) -> tuple[_Matrix, ...]:
    """A second-order filter in state space (transposed direct form II)."""
    b0, b1, b2 = forward
    a1, a2 = back
    step = np.array([[-a1, 1.0], [-a2, 0.0]])
    enter = np.array([[b1 - a1 * b0], [b2 - a2 * b0]])
    return step, enter, np.array([[1.0, 0.0]]), np.array([[b0]])


def _cascade() -> tuple[_Matrix, ...]:
    """Both sections in a row: how four states move, and what comes in and out of them."""
    step1, enter1, leave1, through1 = _section(*SHELF)
    step2, enter2, leave2, through2 = _section(*HIGH_PASS)
    step = np.block([[step1, np.zeros((2, 2))], [enter2 @ leave1, step2]])
    enter = np.vstack((enter1, enter2 @ through1))
    leave = np.hstack((through2 @ leave1, leave2))
    return step, enter, leave, through2 @ through1


class _Pieces:
    """The filter over pieces of 32 samples, as matrices: a block costs four small products.

    A recursive filter, sample by sample, is out of reach of array arithmetic. Here each piece is
    convolved with the start of the impulse response, the states at the pieces' bounds follow
    from one another, and what they ring on with is added.
    """

    def __init__(self) -> None:
        step, enter, leave, through = _cascade()
        powers = [np.linalg.matrix_power(step, i) for i in range(_PIECE + 1)]
        response = [through.item(), *((leave @ powers[i] @ enter).item() for i in range(_PIECE))]
        rows = np.arange(_PIECE)
        delay = rows[:, None] - rows[None, :]
        self.local = np.where(delay >= 0, np.array(response)[np.maximum(delay, 0)], 0.0).T
        self.ring = np.vstack([leave @ powers[i] for i in range(_PIECE)]).T
        self.enter = np.hstack([powers[_PIECE - 1 - i] @ enter for i in range(_PIECE)]).T
        piece = [np.linalg.matrix_power(powers[_PIECE], i) for i in range(_PIECES + 1)]
        self.start = np.vstack(piece)
        self.carry = np.zeros(((_PIECES + 1) * _STATES, _PIECES * _STATES))
        for to in range(1, _PIECES + 1):
            for source in range(to):
                rows_to = slice(to * _STATES, (to + 1) * _STATES)
                columns = slice(source * _STATES, (source + 1) * _STATES)
                self.carry[rows_to, columns] = piece[to - 1 - source]


_K: Final = _Pieces()


class KWeighting:
    """The K-weighting filter of one voice, fed 20 ms at a time."""

    def __init__(self) -> None:
        self._state: _Matrix = np.zeros(_STATES)

    def reset(self) -> None:
        """Forget the sound before."""
        self._state = np.zeros(_STATES)

    def power(self, block: Block) -> float:
        """Mean square of the weighted block, float32[960]."""
        pieces = block.reshape(_PIECES, _PIECE).astype(np.float64)
        states = _K.carry @ (pieces @ _K.enter).ravel() + _K.start @ self._state
        bounds = states.reshape(_PIECES + 1, _STATES)
        self._state = bounds[-1]
        weighted = (pieces @ _K.local + bounds[:-1] @ _K.ring).ravel()
        return float(weighted @ weighted) / MIX_BLOCK_SAMPLES


class GatedLoudness:
    """Loudness of the last seconds in which something was said; silence does not age it.

    Args:
        span_s: Seconds of windows that count.
        liveliness: How many times louder the loudest 20 ms of a window must be than its quietest,
            in power, for it to count; 1 for every window, as the recommendation has it.
    """

    def __init__(self, span_s: float, liveliness: float = 1.0) -> None:
        self._liveliness = liveliness
        self._filter = KWeighting()
        self._blocks: deque[float] = deque(maxlen=WINDOW_BLOCKS)
        self._windows: deque[float] = deque(maxlen=round(span_s * 50 / STEP_BLOCKS))
        self._since = 0
        self.lufs: float | None = None
        """Gated loudness; None before the first 400 ms."""

    @property
    def windows(self) -> int:
        """Windows of 400 ms that count, a tenth of a second apart."""
        return len(self._windows)

    def pause(self) -> None:
        """Nothing is said: the next window begins anew."""
        if self._blocks:
            self._blocks.clear()
            self._filter.reset()
            self._since = 0

    def take(self, block: Block, share: float = 1.0) -> bool:
        """Measure a block, float32[960], of whose power a share is heard; True if a window counts.

        Windows are 400 ms and begin every 100 ms.
        """
        self._blocks.append(self._filter.power(block) * share)
        self._since += 1
        if len(self._blocks) < WINDOW_BLOCKS or self._since < STEP_BLOCKS:
            return False
        self._since = 0
        window = sum(self._blocks) / WINDOW_BLOCKS
        steady = max(self._blocks) < self._liveliness * min(self._blocks)
        if steady or window <= power_of(ABSOLUTE_GATE_LUFS):
            return False
        self._windows.append(window)
        self.lufs = gated_lufs(self._windows)
        return True


def gated_lufs(windows: deque[float]) -> float:
    """Loudness of windows' powers, those below the relative gate left out (BS.1770-4)."""
    powers = np.fromiter(windows, np.float64, len(windows))
    gate = powers.mean() * 10.0 ** (RELATIVE_GATE_LU / 10.0)
    return lufs(float(powers[powers >= gate].mean()))
