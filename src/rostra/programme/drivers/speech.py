"""Makes announcements: spoken from text, or as a host recorded them; both mono at 48 kHz."""

import subprocess
import sys
from collections import OrderedDict
from typing import Final

import numpy as np

from rostra.domain.errors import HouseError, MalformedError
from rostra.domain.grid import SAMPLE_RATE_HZ
from rostra.programme.drivers import espeak
from rostra.programme.drivers.loops import loop_pcm
from rostra.programme.limiter import Sound
from rostra.programme.loudness import matched, trimmed
from rostra.programme.sentences import tongue
from rostra.wire.hold import read_hold

SYNTHESIS_S_MAX: Final = 20.0
"""A sentence takes 0.7 s of one core, last in its queue; a machine that needs longer than this has
no voice today."""

SOUND_BYTES_MAX: Final = 16 * 1024 * 1024
"""What the voice may answer: a minute and a half."""

KEPT_MAX: Final = 128
"""Sentences kept as sound, 1 MB each: two languages with all their minutes come to 60."""

RECORDED_S_MAX: Final = 30
"""A recorded announcement; longer ones would still talk when something else is to be said."""

_SAMPLE_BYTES: Final = 4


class Voice:
    """Speaks sentences, and remembers them. Belongs to one worker thread: a call takes a while."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], Sound] = OrderedDict()
        self._child: subprocess.Popen[bytes] | None = None
        self._hushed = False
        self.failures = 0

    def hush(self) -> None:
        """Say nothing any more, and end what is being said; from any thread."""
        self._hushed = True
        child = self._child
        if child is not None:
            child.kill()

    def speak(self, text: str, language: str) -> Sound:
        """A text at the programme's loudness; HouseError where there is no voice."""
        key = text, tongue(language)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        try:
            pcm = self._synthesized(*key)
        except HouseError:
            self.failures += 1
            raise
        self._kept[key] = pcm
        while len(self._kept) > KEPT_MAX:
            self._kept.popitem(last=False)
        return pcm

    def _synthesized(self, text: str, language: str) -> Sound:
        words = text.encode()[: espeak.TEXT_BYTES_MAX]
        try:
            said, why, code = self._said(words, language)
        except (OSError, subprocess.TimeoutExpired) as error:
            sentence = f"The voice did not speak: {error}."
            raise HouseError(sentence) from error
        if code or not _is_sound(said):
            last = why.decode(errors="replace").strip().rpartition("\n")[2][:200]
            sentence = f"The voice ended with {code} and without speech: {last or 'no word'}."
            raise HouseError(sentence)
        return np.frombuffer(said, "<f4")

    def _said(self, words: bytes, language: str) -> tuple[bytes, bytes, int]:
        """What the voice's process answers on both its outputs, and its exit code."""
        pipe = subprocess.PIPE
        with subprocess.Popen(  # noqa: S603 - a fixed command; the text goes to its input
            _command(language), stdin=pipe, stdout=pipe, stderr=pipe
        ) as child:
            self._child = child
            try:
                if self._hushed:
                    child.kill()
                said, why = child.communicate(words, SYNTHESIS_S_MAX)
            finally:
                self._child = None
                child.kill()
        return said, why, child.returncode


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


def _command(language: str) -> list[str]:
    return [sys.executable, "-m", espeak.__name__, language]


def _is_sound(data: bytes) -> bool:
    whole = 0 < len(data) <= SOUND_BYTES_MAX and len(data) % _SAMPLE_BYTES == 0
    return whole and bool(np.isfinite(np.frombuffer(data, "<f4")).all())
