"""Makes announcements: spoken from text, or as a host recorded them; both mono at 48 kHz."""

import subprocess
import sys
from collections import OrderedDict
from typing import Final

import av
import numpy as np

from rostra.domain.errors import HouseError, MalformedError
from rostra.domain.grid import SAMPLE_RATE_HZ
from rostra.programme.drivers import espeak
from rostra.programme.drivers.loops import loop_pcm
from rostra.programme.limiter import Sound
from rostra.programme.loudness import matched
from rostra.programme.sentences import tongue
from rostra.wire.hold import read_hold

SYNTHESIS_S_MAX: Final = 10.0
"""A sentence takes 0.2 s; a machine that needs longer than this has no voice today."""

SOUND_BYTES_MAX: Final = 4 * 1024 * 1024
"""What the voice may answer: a minute and a half at 22 kHz."""

RATES_HZ: Final = range(8_000, 48_001)

KEPT_MAX: Final = 128
"""Sentences kept as sound, 1 MB each: two languages with all their minutes come to 60."""

RECORDED_S_MAX: Final = 30
"""A recorded announcement; longer ones would still talk when something else is to be said."""

SILENT: Final = 0.001
"""-60 dBFS: what is quieter at either end is cut off, so that speech begins and ends on time."""

_MARGIN: Final = SAMPLE_RATE_HZ // 20
_RATE_BYTES: Final = 4


class Voice:
    """Speaks sentences, and remembers them. Belongs to one worker thread: a call takes a while."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], Sound] = OrderedDict()
        self.failures = 0

    def speak(self, text: str, language: str) -> Sound:
        """A text at the programme's loudness; HouseError where there is no voice."""
        key = text, tongue(language)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        try:
            pcm = matched(trimmed(_resampled(*_synthesized(*key))))
        except HouseError:
            self.failures += 1
            raise
        pcm.setflags(write=False)
        self._kept[key] = pcm
        while len(self._kept) > KEPT_MAX:
            self._kept.popitem(last=False)
        return pcm


def recorded(packed: bytes) -> Sound:
    """A host's own announcement, an encoded loop that ends in silence; MalformedError if broken."""
    pcm = trimmed(loop_pcm(read_hold(packed)))
    if not SAMPLE_RATE_HZ // 10 <= len(pcm) <= RECORDED_S_MAX * SAMPLE_RATE_HZ:
        sentence = (
            f"A recorded announcement of {len(pcm) / SAMPLE_RATE_HZ:.1f} s is not used:"
            f" it needs between 0.1 and {RECORDED_S_MAX} s of sound."
        )
        raise MalformedError(sentence)
    return matched(pcm)


def trimmed(pcm: Sound) -> Sound:
    """The sound without the silence at its ends, but for 50 ms; empty if it is all silence."""
    loud = np.flatnonzero(np.abs(pcm) > SILENT)
    if not len(loud):
        return pcm[:0]
    piece: Sound = pcm[max(0, int(loud[0]) - _MARGIN) : int(loud[-1]) + _MARGIN]
    return piece


def _synthesized(text: str, language: str) -> tuple[int, bytes]:
    command = [sys.executable, "-m", espeak.__name__, language]
    words = text.encode()[: espeak.TEXT_BYTES_MAX]
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command; the text goes to its input
            command, input=words, capture_output=True, timeout=SYNTHESIS_S_MAX, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        sentence = f"The voice did not speak: {error}."
        raise HouseError(sentence) from error
    rate = int.from_bytes(done.stdout[:_RATE_BYTES], "little")
    samples = done.stdout[_RATE_BYTES:]
    whole = bool(samples) and len(samples) % 2 == 0 and len(samples) <= SOUND_BYTES_MAX
    if done.returncode or rate not in RATES_HZ or not whole:
        why = done.stderr.decode(errors="replace").strip().rpartition("\n")[2][:200]
        sentence = f"The voice ended with {done.returncode} and without speech: {why or 'no word'}."
        raise HouseError(sentence)
    return rate, samples


def _resampled(rate: int, samples: bytes) -> Sound:
    frame = av.AudioFrame.from_ndarray(
        np.frombuffer(samples, "<i2")[np.newaxis, :], format="s16", layout="mono"
    )
    frame.sample_rate = rate
    resampler = av.AudioResampler(format="fltp", layout="mono", rate=SAMPLE_RATE_HZ)
    pieces = [out.to_ndarray()[0] for one in (frame, None) for out in resampler.resample(one)]
    return np.concatenate(pieces)
