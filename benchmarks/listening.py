"""Compares what was heard with what was said: delay over time, dropouts a minute.

Both are mono at 48 kHz, and the same rule serves every engine: it knows nothing of packets.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RATE = 48_000
FRAME = RATE // 100
"""10 ms: what a dropout is counted in."""
DROP_DB = 20.0
DROP_FRAMES = 2
ACTIVE_DB = 25.0
"""Speech counts down to this far below its loud moments (the 95th percentile of its frames)."""
WINDOW_S, HOP_S, REACH_S = 0.4, 0.1, 1.5
EARLY_S = 0.1
"""A tape may seem to begin before the sound does, by the error of its clock."""
SLOW = 6
"""Delay is looked for at 8 kHz."""

Samples = NDArray[np.float32]
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Heard:
    """`delays_ms` has the delay at each tenth of a second of the reference, NaN in its pauses."""

    dropouts: int
    dropout_ms: int
    active_s: float
    delays_ms: Numbers

    @property
    def per_minute(self) -> float:
        """Dropouts in a minute of talk, its pauses included."""
        return 60 * self.dropouts / (len(self.delays_ms) * HOP_S)


def levels_db(sound: Samples) -> Numbers:
    """The level of each 10 ms."""
    frames = sound[: len(sound) // FRAME * FRAME].reshape(-1, FRAME).astype(np.float64)
    levels: Numbers = 10 * np.log10(np.mean(frames**2, axis=1) + 1e-10)
    return levels


def compare(said: Samples, heard: Samples, drop_db: float = DROP_DB) -> Heard:
    """Align, then count.

    A dropout is a run of at least 20 ms of frames more than 20 dB below the reference, while the
    reference is active; to allow for 10 ms of error of the alignment the lowest of three frames of
    the reference counts.
    """
    delays = delays_ms(said, heard)
    level = levels_db(said)
    active = level > np.percentile(level, 95) - ACTIVE_DB
    around = np.pad(level, 1, mode="edge")
    lowest = np.minimum(np.minimum(around[:-2], around[1:-1]), around[2:])
    known = filled(delays)
    per_hop = round(HOP_S * 100)
    shift = np.repeat(known, per_hop)[: len(level)]
    shift = np.pad(shift, (0, len(level) - len(shift)), mode="edge")
    starts = np.arange(len(level)) * FRAME + np.rint(shift * RATE / 1e3).astype(int)
    energy = np.concatenate(([0.0], np.cumsum(heard.astype(np.float64) ** 2)))
    inside = (starts >= 0) & (starts + FRAME < len(heard))
    starts = np.clip(starts, 0, len(heard) - FRAME - 1)
    got = 10 * np.log10(np.maximum(energy[starts + FRAME] - energy[starts], 0) / FRAME + 1e-10)
    fallen = active & inside & (got < lowest - drop_db)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], fallen.astype(int), [0]))))
    lengths = edges[1::2] - edges[::2]
    counted = lengths[lengths >= DROP_FRAMES]
    return Heard(
        len(counted), int(counted.sum()) * 10, float((active & inside).sum()) / 100, delays
    )


def delays_ms(said: Samples, heard: Samples) -> Numbers:
    """By how much `heard` is behind, every 100 ms; NaN where nothing is said or it is not found."""
    early = np.zeros(int(EARLY_S * RATE), dtype=np.float32)
    slow_said, slow_heard = _slow(said), _slow(np.concatenate((early, heard)))
    rate = RATE // SLOW
    window, hop, reach = int(WINDOW_S * rate), int(HOP_S * rate), int(REACH_S * rate)
    loud = float(np.sqrt(np.mean(slow_said**2)))
    found = []
    for middle in range(0, len(slow_said), hop):
        start = max(0, middle - window // 2)
        piece = slow_said[start : start + window]
        field = slow_heard[start : start + window + reach]
        if float(np.sqrt(np.mean(piece**2))) < loud / 4 or len(field) < window + hop:
            found.append(np.nan)
            continue
        found.append(_lag(piece, field) * 1e3 / rate - EARLY_S * 1e3)
    return np.array(found)


def _slow(sound: Samples) -> Numbers:
    usable = sound[: len(sound) // SLOW * SLOW].reshape(-1, SLOW)
    slow: Numbers = usable.mean(axis=1, dtype=np.float64)
    return slow


def _lag(piece: Numbers, field: Numbers, least: float = 0.5) -> float:
    """Where in `field` `piece` fits best, if it fits at all; else NaN."""
    size = 1 << (len(field) + len(piece)).bit_length()
    match = np.fft.irfft(np.fft.rfft(field, size) * np.conj(np.fft.rfft(piece, size)), size)
    count = len(field) - len(piece) + 1
    power = np.concatenate(([0.0], np.cumsum(field**2)))
    norms = np.sqrt(np.maximum(power[len(piece) :] - power[: -len(piece)], 1e-9)[:count])
    score = match[:count] / norms / max(float(np.sqrt(np.sum(piece**2))), 1e-9)
    best = int(np.argmax(score))
    return best if score[best] > least else np.nan


def filled(delays: Numbers) -> Numbers:
    """Each hop with a delay: the last one known, and the first one before it."""
    known = np.flatnonzero(~np.isnan(delays))
    if not len(known):
        return np.zeros(len(delays))
    last = np.maximum.accumulate(np.where(np.isnan(delays), 0, np.arange(len(delays))))
    last = np.where(last < known[0], known[0], last)
    return delays[last]


def recovery_ms(said: Samples, heard: Samples, end_s: float, before_ms: float) -> float:
    """How long after a stall's end speech is heard at its time again: at most 100 ms over before.

    Looked for in 0.2 s pieces of speech, every 20 ms; NaN when it is not to the end of the tape.
    """
    slow_said, slow_heard = _slow(said), _slow(heard)
    rate = RATE // SLOW
    loud = float(np.sqrt(np.mean(slow_said**2)))
    back, window = np.nan, int(0.2 * rate)
    for start in range(int((end_s - 0.3) * rate), len(slow_said) - window, rate // 50):
        piece = slow_said[start : start + window]
        if float(np.sqrt(np.mean(piece**2))) < loud / 2:
            continue
        lag_ms = _lag(piece, slow_heard[start : start + window + int(REACH_S * rate)], 0.7)
        lag_ms *= 1e3 / rate
        if np.isnan(lag_ms):
            continue
        after_ms = start * 1e3 / rate + lag_ms - end_s * 1e3
        if not (lag_ms <= before_ms + 100 and after_ms >= 0):
            back = np.nan
        elif np.isnan(back):
            back = after_ms
    return float(back)
