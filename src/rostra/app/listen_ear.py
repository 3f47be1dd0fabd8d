"""A headless listener's ear: decodes what arrives, measures it, and writes it down."""

import wave
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

import numpy as np

from rostra.app.listen_media import Piece, Units
from rostra.app.listen_meter import Meter
from rostra.domain.errors import HouseError
from rostra.domain.grid import SAMPLE_RATE_HZ
from rostra.domain.media import FRAME_SAMPLES, Codec
from rostra.programme.drivers.decode import StreamDecoder, UnitDecoder
from rostra.programme.limiter import Sound

FULL_SCALE: Final = 32_767
"""The loudest 16-bit sample."""

Decoder = UnitDecoder | StreamDecoder
"""Both turn bytes into mono float32 at 48 kHz, in order."""


class Ear:
    """Hears one programme over any number of connections; use as a context manager.

    `hear` is given every new piece of sound, decoded.
    """

    def __init__(self, out: Path | None, hear: Callable[[Sound], None] = lambda _pcm: None) -> None:
        self.meter = Meter()
        self._hear = hear
        self._decoders: dict[Codec, Decoder] = {}
        self._out = out
        self._file: BinaryIO | None = None
        self._wav: wave.Wave_write | None = None

    def __enter__(self) -> Self:
        if self._out is not None:
            try:
                self._file = self._out.open("wb")
            except OSError as error:
                sentence = f"{self._out} cannot be written: {error.strerror}. Choose another --out."
                raise HouseError(sentence) from error
            self._wav = wave.open(self._file, "wb")
            self._wav.setnchannels(1)
            self._wav.setsampwidth(2)
            self._wav.setframerate(SAMPLE_RATE_HZ)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._wav is not None and self._file is not None:
            self._wav.close()
            self._file.close()

    def new_connection(self) -> None:
        """Forget half-decoded sound: a new connection starts on a frame."""
        self._decoders.clear()

    def take(self, piece: Piece) -> None:
        """Measure, decode and keep one piece."""
        self.meter.bytes += piece.size
        for sound in piece.sounds:
            self._take(sound, piece.arrived_ns)

    def _take(self, sound: Units, arrived_ns: int) -> None:
        decoder = self._decoders.get(sound.codec)
        if decoder is None:
            decoder = self._decoders[sound.codec] = _decoder(sound.codec)
        before = decoder.errors
        blocks = [decoder.feed(unit) for unit in sound.units]
        self.meter.decode_errors += decoder.errors - before
        pcm = np.concatenate(blocks) if blocks else np.zeros(0, np.float32)
        if sound.pts_samples is not None:
            length = FRAME_SAMPLES[sound.codec] * len(sound.units)
            new = self.meter.fresh(arrived_ns, sound.pts_samples, length)
            pcm = pcm[max(0, len(pcm) - new) :]
        self.meter.sound(arrived_ns, len(pcm))
        self._hear(pcm)
        if self._wav is not None:
            scaled = np.clip(pcm, -1, 1) * FULL_SCALE
            self._wav.writeframesraw(scaled.astype("<i2").tobytes())


def _decoder(codec: Codec) -> Decoder:
    return StreamDecoder(codec) if codec is Codec.MP3 else UnitDecoder(codec)
