"""Makes hold audio of a file that a host gave: checked, loudness-matched, cut and encoded.

`python -m rostra.programme.drivers.uploads loop|announcement FROM TO` does it in a process of its
own, with a bound on memory and time: a decoder that a broken file brings down takes nobody along.
"""

import json
import resource
import sys
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import numpy as np

from rostra.domain.errors import PeerError
from rostra.domain.grid import HOLD_LOOP_SAMPLES, SAMPLE_RATE_HZ
from rostra.domain.loudness import ABSOLUTE_GATE_LUFS
from rostra.programme.drivers.decode import iter_sound
from rostra.programme.drivers.loops import encode_loop
from rostra.programme.limiter import Sound
from rostra.programme.loudness import lufs, matched
from rostra.wire.hold import HOLD_UNITS_MAX, hold_name, pack_hold

LOOP_SAMPLES_MAX: Final = HOLD_UNITS_MAX * HOLD_LOOP_SAMPLES
"""61.4 s: of longer music the beginning is taken (`wire.hold` says why)."""

ANNOUNCEMENT_S_MAX: Final = 30
"""Longer ones would keep a listener from the time that the countdown tells."""

MEMORY_BYTES_MAX: Final = 4 * 1024 * 1024 * 1024
"""Of address space, libraries included; a minute of sound takes some 100 MB."""

CPU_S_MAX: Final = 45
"""A minute of sound takes 3 s on a slow core."""

_SEAM: Final = SAMPLE_RATE_HZ // 2
"""Half a second from the music after the loop's end into its beginning."""

_EDGE: Final = SAMPLE_RATE_HZ // 50


class Kind(StrEnum):
    """What a file becomes."""

    LOOP = "loop"
    ANNOUNCEMENT = "announcement"


@dataclass(frozen=True, slots=True)
class Report:
    """What was made: the object's name, its length, how loud the file was, whether it was cut."""

    name: str
    seconds: float
    lufs: float
    cut: bool


def make(source: Path, target: Path, kind: Kind) -> Report:
    """Write the packed loop to `target`. PeerError says what is wrong with the file."""
    sound, cut = _begin_of(source, kind)
    loudness = lufs(sound)
    if loudness <= ABSOLUTE_GATE_LUFS:
        sentence = "The file is silent. Give one in which something is heard."
        raise PeerError(sentence, status=422)
    shaped = _looped(sound) if kind is Kind.LOOP else _padded(sound)
    packed = pack_hold(encode_loop(matched(shaped)))
    target.write_bytes(packed)
    seconds = len(shaped) / SAMPLE_RATE_HZ
    return Report(hold_name(packed), round(seconds, 2), round(loudness, 1), cut)


def _begin_of(source: Path, kind: Kind) -> tuple[Sound, bool]:
    """The first minute of the file, and whether there is more of it."""
    most = LOOP_SAMPLES_MAX + _SEAM
    if kind is Kind.ANNOUNCEMENT:
        most = ANNOUNCEMENT_S_MAX * SAMPLE_RATE_HZ
    pieces: list[Sound] = []
    total = 0
    for piece in iter_sound(source):
        pieces.append(piece)
        total += len(piece)
        if total > most:
            break
    if kind is Kind.ANNOUNCEMENT and total > most:
        sentence = f"An announcement has at most {ANNOUNCEMENT_S_MAX} seconds. Shorten it."
        raise PeerError(sentence, status=413)
    if total < HOLD_LOOP_SAMPLES and kind is Kind.LOOP:
        sentence = "The file holds less than a second of sound. Give a longer one."
        raise PeerError(sentence, status=422)
    sound = np.nan_to_num(np.concatenate(pieces) if pieces else np.zeros(0, np.float32))
    return sound[:most].astype(np.float32), total > most


def _looped(sound: Sound) -> Sound:
    """Whole units, whose end runs into their beginning."""
    size = min(len(sound), LOOP_SAMPLES_MAX) // HOLD_LOOP_SAMPLES * HOLD_LOOP_SAMPLES
    loop = sound[:size].copy()
    after = sound[size : size + _SEAM]
    if len(after) < _EDGE:
        return _edged(loop)
    rise = np.sin(np.linspace(0, np.pi / 2, len(after), dtype=np.float32))
    loop[: len(after)] = loop[: len(after)] * rise + after * rise[::-1]
    return loop


def _padded(sound: Sound) -> Sound:
    units = -(-max(len(sound), 1) // HOLD_LOOP_SAMPLES)
    whole = np.zeros(units * HOLD_LOOP_SAMPLES, np.float32)
    whole[: len(sound)] = _edged(sound.copy())
    return whole


def _edged(sound: Sound) -> Sound:
    """Faded in and out over 20 ms, so that no seam clicks."""
    size = min(_EDGE, len(sound) // 2)
    rise = np.linspace(0, 1, size, dtype=np.float32)
    sound[:size] *= rise
    sound[len(sound) - size :] *= rise[::-1]
    return sound


def main(arguments: list[str]) -> int:
    """Say the report, or what is wrong, as one line of JSON."""
    kind, source, target = arguments
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S_MAX, CPU_S_MAX))
    try:
        said = asdict(make(Path(source), Path(target), Kind(kind)))
    except PeerError as error:
        said = {"sentence": error.sentence, "status": error.status}
    sys.stdout.write(json.dumps(said))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
