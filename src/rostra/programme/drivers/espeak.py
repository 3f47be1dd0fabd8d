"""The voice in a process of its own: `python -m rostra.programme.drivers.espeak LANGUAGE`.

Text on standard input, sound on standard output: float32 samples, mono at 48 kHz, at the
programme's loudness. eSpeak NG is C code that keeps its state in globals; here a fault in it costs
one sentence and not the studio, and its work no clock a moment.
"""

import os
import sys
from typing import Any, Final

import av
import cffi
import espeakng_loader
import numpy as np

from rostra.domain.grid import SAMPLE_RATE_HZ
from rostra.programme.limiter import Sound
from rostra.programme.loudness import matched, trimmed

VOICES: Final = {"en": b"en-us", "es": b"es"}
"""eSpeak NG's voice for each of the house's languages."""

WORDS_PER_MINUTE: Final = 155
"""A little slower than its own 175: it is heard once, over music."""

TEXT_BYTES_MAX: Final = 2_000
"""A sentence of the house has 150; this is a minute of speech."""

NICENESS: Final = 10
"""An announcement may take a second; the studio's clock may not wait for it."""

_SYNCHRONOUS: Final = 2
_DONT_EXIT: Final = 0x8000
_UTF8: Final = 1
_RATE: Final = 1
"""speak_lib.h: AUDIO_OUTPUT_SYNCHRONOUS, espeakINITIALIZE_DONT_EXIT, espeakCHARS_UTF8,
espeakRATE."""

_HEADER: Final = """
typedef int (*synth_callback)(short *, int, void *);
int espeak_Initialize(int output, int buffer_ms, const char *path, int options);
void espeak_SetSynthCallback(synth_callback callback);
int espeak_SetVoiceByName(const char *name);
int espeak_SetParameter(int parameter, int value, int relative);
int espeak_Synth(const void *text, size_t size, unsigned int position, int position_type,
                 unsigned int end_position, unsigned int flags, unsigned int *identifier,
                 void *user_data);
int espeak_Synchronize(void);
"""
"""What is used of eSpeak NG's speak_lib.h (API revision 12)."""


def synthesize(text: str, voice: bytes) -> tuple[int, bytes]:
    """Speak a text; the rate in hertz, and the samples. RuntimeError where the library refuses."""
    ffi: Any = cffi.FFI()
    ffi.cdef(_HEADER)
    library = ffi.dlopen(espeakng_loader.get_library_path())
    data = espeakng_loader.get_data_path().encode()
    rate = library.espeak_Initialize(_SYNCHRONOUS, 0, data, _DONT_EXIT)
    pieces: list[bytes] = []

    def heard(samples: Any, count: int, _events: Any) -> int:  # noqa: ANN401 - C's own pointers
        if samples != ffi.NULL and count > 0:
            pieces.append(bytes(ffi.buffer(samples, 2 * count)))
        return 0

    callback = ffi.callback("int(short *, int, void *)", heard)
    library.espeak_SetSynthCallback(callback)
    spoken = text.encode() + b"\0"
    faults = (
        rate <= 0,
        library.espeak_SetVoiceByName(voice),
        library.espeak_SetParameter(_RATE, WORDS_PER_MINUTE, 0),
        library.espeak_Synth(spoken, len(spoken), 0, 0, 0, _UTF8, ffi.NULL, ffi.NULL),
        library.espeak_Synchronize(),
    )
    if any(faults):
        sentence = f"eSpeak NG refuses: {faults}"
        raise RuntimeError(sentence)
    return rate, b"".join(pieces)


def resampled(rate: int, samples: bytes) -> Sound:
    """16-bit samples at any rate as the programme's sound."""
    frame = av.AudioFrame.from_ndarray(
        np.frombuffer(samples, "<i2")[np.newaxis, :], format="s16", layout="mono"
    )
    frame.sample_rate = rate
    resampler = av.AudioResampler(format="fltp", layout="mono", rate=SAMPLE_RATE_HZ)
    pieces = [out.to_ndarray()[0] for one in (frame, None) for out in resampler.resample(one)]
    return np.concatenate(pieces)


def main() -> None:
    """Speak one text."""
    os.nice(NICENESS)
    text = sys.stdin.buffer.read(TEXT_BYTES_MAX).decode(errors="replace")
    pcm = matched(trimmed(resampled(*synthesize(text, VOICES[sys.argv[1]]))))
    sys.stdout.buffer.write(pcm.astype("<f4").tobytes())


if __name__ == "__main__":
    main()
