"""Opus by libopus itself (RFC 6716), as the `av` wheel ships it: with FEC and concealment.

Calls go through cffi in ABI mode, which needs no compiler and lets other threads run meanwhile.
"""

import ctypes.util
from functools import cache
from pathlib import Path
from typing import Any, Final

import av
import cffi
import numpy as np

from rostra.domain.errors import HouseError, MalformedError
from rostra.domain.grid import MIX_BLOCK_SAMPLES, SAMPLE_RATE_HZ
from rostra.stage.levels import Block
from rostra.stage.toc import PACKET_BYTES_MAX, PACKET_SAMPLES_MAX

BITRATE: Final = 40_000
"""Transparent for mono speech, and high enough that the packets carry redundancy (FEC)."""

COMPLEXITY: Final = 5
"""0.10 ms a packet; 9 costs 0.14 ms and sounds alike at this bitrate (decision 0001)."""

EXPECTED_LOSS_PERCENT: Final = 30
"""Makes libopus put the previous frame's redundancy into each packet (RFC 6716, 2.1.7), as good as
it can: a lost packet comes back with an error of -16.5 dB, with 10 % stated -13.9 dB. Both packets
and the sound without loss stay the same within 1 %, so that it need not follow the network."""

_DECLARATIONS: Final = """
typedef struct OpusEncoder OpusEncoder;
typedef struct OpusDecoder OpusDecoder;
const char *opus_strerror(int error);
const char *opus_get_version_string(void);
OpusEncoder *opus_encoder_create(int32_t rate, int channels, int application, int *error);
int32_t opus_encode_float(OpusEncoder *st, const float *pcm, int frame_size,
                          unsigned char *data, int32_t max_data_bytes);
void opus_encoder_destroy(OpusEncoder *st);
int opus_encoder_ctl(OpusEncoder *st, int request, ...);
OpusDecoder *opus_decoder_create(int32_t rate, int channels, int *error);
int opus_decode_float(OpusDecoder *st, const unsigned char *data, int32_t len, float *pcm,
                      int frame_size, int decode_fec);
void opus_decoder_destroy(OpusDecoder *st);
"""

# opus_defines.h
_APPLICATION_AUDIO: Final = 2049
_SET_BITRATE: Final = 4002
_SET_COMPLEXITY: Final = 4010
_SET_INBAND_FEC: Final = 4012
_SET_PACKET_LOSS_PERC: Final = 4014
_SET_SIGNAL: Final = 4024
_SIGNAL_VOICE: Final = 3001

_FFI: Final = cffi.FFI()
_FFI.cdef(_DECLARATIONS)


def library_path() -> str:
    """Where libopus is: in the `av` wheel, or else the system's; HouseError if there is none."""
    package = Path(av.__file__).parent
    for folder in (package.parent / "av.libs", package / ".dylibs"):
        found = sorted(folder.glob("libopus*"))
        if found:
            return str(found[0])
    name = ctypes.util.find_library("opus")
    if name:
        return name
    sentence = (
        f"No libopus beside {package} and none on the system: the stage cannot code sound. "
        "Reinstall the wheel of `av` (pip install --force-reinstall --only-binary av av), "
        "or install libopus0."
    )
    raise HouseError(sentence)


@cache
def _library() -> Any:  # noqa: ANN401 - cffi gives untyped libraries
    return _FFI.dlopen(library_path())


def version() -> str:
    """The name libopus gives itself, such as `libopus 1.6.1`."""
    return str(_FFI.string(_library().opus_get_version_string()).decode())


class Encoder:
    """One stream of 20 ms mono packets with in-band FEC; used by one thread at a time.

    The application is AUDIO, which keeps the waveform, where VOIP filters the low end of a voice
    away; the signal is named VOICE, which keeps SILK in use, and with it the redundancy.
    """

    def __init__(self, bitrate: int = BITRATE, complexity: int = COMPLEXITY) -> None:
        self._lib = _library()
        error = _FFI.new("int *")
        state = self._lib.opus_encoder_create(SAMPLE_RATE_HZ, 1, _APPLICATION_AUDIO, error)
        _check(error[0], "create an encoder")
        self._state = _FFI.gc(state, self._lib.opus_encoder_destroy)
        self._out = _FFI.new("unsigned char[]", PACKET_BYTES_MAX)
        for request, value in (
            (_SET_BITRATE, bitrate),
            (_SET_COMPLEXITY, complexity),
            (_SET_SIGNAL, _SIGNAL_VOICE),
            (_SET_INBAND_FEC, 1),
            (_SET_PACKET_LOSS_PERC, EXPECTED_LOSS_PERCENT),
        ):
            answer = self._lib.opus_encoder_ctl(state, request, _FFI.cast("int32_t", value))
            _check(answer, f"set option {request}")

    def encode(self, block: Block) -> bytes:
        """Encode float32[960], full scale 1.0, into one packet."""
        pcm = _FFI.from_buffer("float[]", np.ascontiguousarray(block, dtype=np.float32))
        size = self._lib.opus_encode_float(
            self._state, pcm, MIX_BLOCK_SAMPLES, self._out, PACKET_BYTES_MAX
        )
        _check(size, "encode")
        return bytes(_FFI.buffer(self._out, size))


class Decoder:
    """One stream of packets, mono or stereo, to mono float32; used by one thread at a time."""

    def __init__(self) -> None:
        self._lib = _library()
        error = _FFI.new("int *")
        state = self._lib.opus_decoder_create(SAMPLE_RATE_HZ, 1, error)
        _check(error[0], "create a decoder")
        self._state = _FFI.gc(state, self._lib.opus_decoder_destroy)
        self._pcm = np.zeros(PACKET_SAMPLES_MAX, dtype=np.float32)
        self._out = _FFI.from_buffer("float[]", self._pcm, require_writable=True)

    def decode(self, packet: bytes) -> Block:
        """The packet's samples, float32[n]; MalformedError if libopus finds no packet in it."""
        return self._decode(packet, PACKET_SAMPLES_MAX, fec=0)

    def decode_fec(self, following: bytes) -> Block:
        """The 20 ms lost before `following`, from its redundancy, or concealed if it has none."""
        return self._decode(following, MIX_BLOCK_SAMPLES, fec=1)

    def conceal(self) -> Block:
        """20 ms that continue the sound without a packet."""
        return self._decode(None, MIX_BLOCK_SAMPLES, fec=0)

    def _decode(self, packet: bytes | None, samples: int, fec: int) -> Block:
        data = _FFI.NULL if packet is None else _FFI.from_buffer("unsigned char[]", packet)
        size = 0 if packet is None else len(packet)
        count = self._lib.opus_decode_float(self._state, data, size, self._out, samples, fec)
        if count < 0:
            sentence = f"Not an Opus packet: {_reason(count)}."
            raise MalformedError(sentence)
        return self._pcm[:count].copy()


def _check(code: int, what: str) -> None:
    if code < 0:
        sentence = f"libopus ({version()}) could not {what}: {_reason(code)}."
        raise HouseError(sentence)


def _reason(code: int) -> str:
    return str(_FFI.string(_library().opus_strerror(code)).decode())
