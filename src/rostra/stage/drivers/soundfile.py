"""Reads any audio file as 20 ms blocks of mono at 48 kHz."""

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np

from rostra.domain.errors import PeerError
from rostra.domain.grid import MIX_BLOCK_SAMPLES, SAMPLE_RATE_HZ
from rostra.stage.drivers.opus import Encoder
from rostra.stage.levels import Block


def blocks(path: Path) -> Iterator[Block]:
    """The file's sound, float32[960] each, the last one filled up with silence.

    Raises PeerError at the first block if the file is missing or holds no audio, and later if it
    is damaged.
    """
    rest = np.zeros(0, dtype=np.float32)
    for samples in _samples(path):
        rest = np.concatenate((rest, samples))
        while len(rest) >= MIX_BLOCK_SAMPLES:
            yield rest[:MIX_BLOCK_SAMPLES]
            rest = rest[MIX_BLOCK_SAMPLES:]
    if len(rest):
        yield np.pad(rest, (0, MIX_BLOCK_SAMPLES - len(rest)))


def packets(path: Path, *, loop: bool) -> Iterator[bytes]:
    """The file's sound as Opus packets of 20 ms, once or for ever; PeerError as `blocks`."""
    encoder = Encoder()
    while True:
        for block in blocks(path):
            yield encoder.encode(block)
        if not loop:
            return


def _samples(path: Path) -> Iterator[Block]:
    heard = False
    try:
        with av.open(str(path)) as container:
            if not container.streams.audio:
                raise _not_audio(path, "it has no sound in it")
            stream = container.streams.audio[0]
            layout = "mono" if stream.channels == 1 else "stereo"
            resampler = av.AudioResampler(format="fltp", layout=layout, rate=SAMPLE_RATE_HZ)
            for frame in container.decode(stream):
                for piece in resampler.resample(frame):
                    heard = True
                    yield _mono(piece)
            for piece in resampler.resample(None):
                yield _mono(piece)
    except FileNotFoundError as error:
        sentence = f"There is no file {path}. Give the path of an audio file."
        raise PeerError(sentence, status=404) from error
    except (av.FFmpegError, OSError, ValueError) as error:
        if heard:
            sentence = f"{path} is damaged: it cannot be read to its end ({error}). Mend it."
            raise PeerError(sentence) from error
        raise _not_audio(path, str(error)) from error
    if not heard:
        raise _not_audio(path, "no sound could be decoded from it")


def _mono(frame: av.AudioFrame) -> Block:
    """The mean of the channels: libswresample's own sum of two would be 3 dB louder."""
    mono: Block = frame.to_ndarray().mean(axis=0, dtype=np.float32)
    return mono


def _not_audio(path: Path, why: str) -> PeerError:
    sentence = (
        f"{path} is not audio that can be read ({why}). "
        "Give a WAV, FLAC, Opus, MP3 or AAC file, for example."
    )
    return PeerError(sentence)
