"""Decodes sound for hold audio, headless speakers, listeners and tests: always mono at 48 kHz."""

import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import av
import numpy as np

from rostra.domain.errors import HouseError, PeerError
from rostra.domain.grid import SAMPLE_RATE_HZ
from rostra.domain.media import Codec
from rostra.programme.drivers.encode import AAC_CONFIG
from rostra.programme.limiter import Sound

SOUND_SECONDS_MAX: Final = 1_800
"""Half an hour is 345 MB as float32; longer files are streamed by `iter_sound`."""

CHUNK_BYTES_MAX: Final = 1024 * 1024
"""One read of a stream; more at once would be a file."""


_OPUS_HEAD: Final = b"OpusHead\1\1\0\0\x80\xbb\0\0\0\0\0"
"""RFC 7845, section 5.1: one channel, no pre-skip, 48 kHz."""


class StreamDecoder:
    """Decodes an endless byte stream, ADTS AAC or MP3, as `stream.aac` and `stream.mp3` are.

    Bytes may come in pieces of any size. Frames that a decoder refuses are counted in `errors`
    and left out.
    """

    def __init__(self, codec: str) -> None:
        self._context = _decoder({"aac": "aac", "mp3": "mp3float"}.get(codec, ""), codec)
        self._resampler = _resampler()
        self.errors = 0

    def feed(self, chunk: bytes) -> Sound:
        """Take bytes, at most CHUNK_BYTES_MAX; return the samples that became whole."""
        if len(chunk) > CHUNK_BYTES_MAX:
            sentence = f"{len(chunk)} bytes at once exceed {CHUNK_BYTES_MAX}; feed smaller pieces."
            raise PeerError(sentence, status=413)
        if not chunk:  # an empty piece would end the parser
            return _none()
        try:
            packets = self._context.parse(chunk)
        except av.FFmpegError:
            self.errors += 1
            return _none()
        return _joined([self._decode(packet) for packet in packets])

    def flush(self) -> Sound:
        """Return what the parser still held of the last frame."""
        return _joined([self._decode(packet) for packet in self._context.parse(b"")])

    def _decode(self, packet: "av.Packet[av.AudioStream]") -> Sound:
        try:
            return _mono(self._context.decode(packet), self._resampler)
        except (av.FFmpegError, ValueError):  # ValueError: damage that looks like other channels
            self.errors += 1
            self._resampler = _resampler()
            return _none()


class UnitDecoder:
    """Decodes the programme's AAC access units without ADTS header, or its Opus packets.

    As fMP4 and messages hold them. The first unit of AAC after a start or a jump gives 1,024
    samples that lack their left overlap; Opus needs 80 ms to be right again.
    """

    def __init__(self, codec: Codec = Codec.AAC) -> None:
        opus = codec is Codec.OPUS
        self._context = _decoder("libopus" if opus else "aac", codec)
        self._context.extradata = _OPUS_HEAD if opus else AAC_CONFIG
        self._resampler = _resampler()
        self.errors = 0

    def feed(self, unit: bytes) -> Sound:
        """Decode one unit: 1,024 samples (960 of Opus), or none if the decoder refuses it."""
        if not unit:  # an empty packet would end the decoder
            self.errors += 1
            return _none()
        try:
            return _mono(self._context.decode(av.Packet(unit)), self._resampler)
        except (av.FFmpegError, ValueError):  # ValueError: damage that looks like other channels
            self.errors += 1
            self._resampler = _resampler()
            return _none()


def iter_sound(path: Path) -> Iterator[Sound]:
    """Decode a file piece by piece, float32 mono at 48 kHz, whatever it holds.

    Raises PeerError with what is wrong: no such file, no sound in it, or damaged in the middle.
    """
    try:
        with av.open(str(path), options={"protocol_whitelist": "file"}) as container:
            if (
                not isinstance(container, av.container.InputContainer)
                or not container.streams.audio
            ):
                raise _no_sound(path, "it has no sound track")
            resampler = _resampler()
            for frame in container.decode(container.streams.audio[0]):
                yield _mono([frame], resampler)
            yield _mono([None], resampler)
    except FileNotFoundError as error:
        sentence = f"There is no file {path}."
        raise PeerError(sentence, status=404) from error
    except (av.FFmpegError, OSError) as error:
        raise _no_sound(path, error.strerror or "it is damaged") from error
    except ValueError as error:
        raise _no_sound(path, "its channels change in the middle") from error


def read_sound(path: Path) -> Sound:
    """Decode a whole file of at most SOUND_SECONDS_MAX; PeerError as `iter_sound`."""
    pieces: list[Sound] = []
    total = 0
    for piece in iter_sound(path):
        total += len(piece)
        if total > SOUND_SECONDS_MAX * SAMPLE_RATE_HZ:
            sentence = f"{path.name} is longer than {SOUND_SECONDS_MAX // 60} minutes. Shorten it."
            raise PeerError(sentence, status=413)
        pieces.append(piece)
    if not total:
        raise _no_sound(path, "its sound track is empty")
    return np.concatenate(pieces)


def write_wav(path: Path, pcm: Sound) -> None:
    """Write mono 48 kHz sound as 16-bit WAV; HouseError if the disk refuses."""
    samples = (np.clip(np.nan_to_num(pcm), -1, 1) * 32_767).astype("<i2")
    try:
        with path.open("wb") as raw, wave.open(raw, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(SAMPLE_RATE_HZ)
            file.writeframes(samples.tobytes())
    except OSError as error:
        sentence = f"{path} cannot be written: {error.strerror}. Choose another place."
        raise HouseError(sentence) from error


def _no_sound(path: Path, why: str) -> PeerError:
    sentence = (
        f"{path.name} holds no sound that can be read ({why}). "
        "Give a WAV, FLAC, Opus, Ogg, MP3, M4A or AAC file."
    )
    return PeerError(sentence, status=415)


def _decoder(name: str, asked: str) -> av.AudioCodecContext:
    try:
        context = av.CodecContext.create(name, "r")
    except (av.FFmpegError, ValueError) as error:
        sentence = f"There is no decoder for {asked!r}; streams are aac or mp3."
        raise HouseError(sentence) from error
    if not isinstance(context, av.AudioCodecContext):
        sentence = f"{asked!r} is no encoding of sound."
        raise HouseError(sentence)
    return context


def _resampler() -> av.AudioResampler:
    """To planar float at 48 kHz; channels stay, for the library's downmix is 3 dB too loud."""
    return av.AudioResampler(format="fltp", rate=SAMPLE_RATE_HZ)


def _mono(frames: list[av.AudioFrame] | list[None], resampler: av.AudioResampler) -> Sound:
    pieces = []
    for frame in frames:
        if frame is not None:
            frame.pts = None
        pieces += [out.to_ndarray().mean(axis=0) for out in resampler.resample(frame)]
    return _joined(pieces)


def _joined(pieces: list[Sound]) -> Sound:
    return np.concatenate(pieces) if pieces else _none()


def _none() -> Sound:
    return np.zeros(0, np.float32)
