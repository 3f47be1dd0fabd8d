from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from rostra.domain.errors import HouseError, PeerError
from rostra.programme.drivers import decode
from rostra.programme.drivers.decode import (
    CHUNK_BYTES_MAX,
    StreamDecoder,
    UnitDecoder,
    iter_sound,
    read_sound,
    write_wav,
)
from rostra.programme.drivers.encode import AacEncoder, Mp3Encoder
from rostra.programme.limiter import Sound


def tone(seconds: float, rate: int = 48_000) -> Sound:
    return (0.3 * np.sin(2 * np.pi * 440 * np.arange(int(seconds * rate)) / rate)).astype(
        np.float32
    )


def write(path: Path, codec: str, rate: int, layout: str = "mono") -> Path:
    """Encode two seconds of a tone into a file as other programs would."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        assert isinstance(stream, av.AudioStream)
        context = stream.codec_context
        context.layout = layout
        channels = av.AudioLayout(layout).nb_channels
        samples = np.repeat(tone(2, rate)[None, :], channels, axis=0)
        resampler = av.AudioResampler(context.format.name, layout, rate)
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout=layout)
        frame.sample_rate, frame.time_base, frame.pts = rate, Fraction(1, rate), 0
        fifo = av.AudioFifo()
        for piece in resampler.resample(frame):
            fifo.write(piece)
        size = context.frame_size or 1_024
        while (whole := fifo.read(size, partial=True)) is not None:
            container.mux(stream.encode(whole))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(
    ("name", "codec", "rate", "layout"),
    [
        ("a.wav", "pcm_s16le", 44_100, "stereo"),
        ("a.flac", "flac", 48_000, "mono"),
        ("a.opus", "libopus", 48_000, "stereo"),
        ("a.mp3", "libmp3lame", 22_050, "mono"),
        ("a.m4a", "aac", 44_100, "mono"),
        ("a.aac", "aac", 48_000, "mono"),
    ],
)
def test_common_files_become_mono_at_48_khz(
    tmp_path: Path, name: str, codec: str, rate: int, layout: str
) -> None:
    sound = read_sound(write(tmp_path / name, codec, rate, layout))
    assert sound.dtype == np.float32
    assert abs(len(sound) - 96_000) < 6_000
    spectrum = np.abs(np.fft.rfft(sound[24_000:72_000]))
    assert int(np.argmax(spectrum)) == 440
    assert 0.15 < float(np.sqrt(np.mean(sound[24_000:72_000] ** 2))) < 0.25


def test_wav_out_and_in_again(tmp_path: Path) -> None:
    path = tmp_path / "out.wav"
    write_wav(path, tone(0.5))
    assert np.abs(read_sound(path) - tone(0.5)).max() < 0.000_1
    with pytest.raises(HouseError, match="Choose another place"):
        write_wav(tmp_path / "no" / "out.wav", tone(0.1))


def test_what_is_no_sound_is_told_in_a_sentence(tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("Remember the milk.\n" * 200)
    with pytest.raises(PeerError, match=r"notes\.txt holds no sound") as told:
        read_sound(notes)
    assert told.value.status == 415
    with pytest.raises(PeerError, match="There is no file") as told:
        read_sound(tmp_path / "nobody.wav")
    assert told.value.status == 404
    (tmp_path / "empty.wav").touch()
    for path in (tmp_path, tmp_path / "empty.wav"):
        with pytest.raises(PeerError, match="holds no sound"):
            read_sound(path)


def test_a_playlist_may_not_lead_anywhere_else(tmp_path: Path) -> None:
    secret = write(tmp_path / "secret.aac", "aac", 48_000)
    playlist = tmp_path / "list.ffconcat"
    playlist.write_text(f"ffconcat version 1.0\nfile 'file://{secret}'\n")
    with pytest.raises(PeerError):
        read_sound(playlist)


def test_a_very_long_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "long.wav", "pcm_s16le", 48_000)
    assert decode.SOUND_SECONDS_MAX == 1_800
    monkeypatch.setattr(decode, "SOUND_SECONDS_MAX", 1)
    with pytest.raises(PeerError, match="longer than"):
        read_sound(path)
    assert sum(len(piece) for piece in iter_sound(path)) == 96_000


def adts(unit: bytes) -> bytes:
    """An ADTS header before a unit: AAC-LC, 48 kHz, mono (ISO/IEC 13818-7)."""
    size = len(unit) + 7
    head = (0xFFF1 << 40) | (0b01_0011_0_001 << 30) | (size << 13) | (0x7FF << 2)
    return head.to_bytes(7, "big") + unit


@pytest.mark.parametrize("codec", ["aac", "mp3"])
@pytest.mark.parametrize("piece", [1, 100, 4_096])
def test_a_stream_may_come_in_pieces_of_any_size(codec: str, piece: int) -> None:
    sound = tone(1)
    frames = (
        [adts(unit) for unit in AacEncoder().feed(sound)]
        if codec == "aac"
        else Mp3Encoder().feed(sound)
    )
    data = b"".join(frames)
    decoder = StreamDecoder(codec)
    heard = [decoder.feed(data[i : i + piece]) for i in range(0, len(data), piece)]
    heard.append(decoder.flush())
    samples = np.concatenate(heard)
    assert decoder.errors == 0
    assert len(samples) == len(frames) * (1_024 if codec == "aac" else 1_152)
    assert int(np.argmax(np.abs(np.fft.rfft(samples[-24_000:])))) == 220


def test_rubbish_in_a_stream_is_counted_and_does_not_end_it() -> None:
    frames = Mp3Encoder().feed(tone(1))
    decoder = StreamDecoder("mp3")
    data = b"".join(frames[:10]) + bytes(range(256)) * 8 + b"".join(frames[10:])
    heard = np.concatenate([decoder.feed(data), decoder.flush()])
    assert len(heard) > 30 * 1_152
    unit = UnitDecoder()
    for rubbish in (b"", b"\xff", b"\x00" * 900, bytes(range(256))):
        unit.feed(rubbish)
    assert unit.errors > 0
    assert len(unit.feed(AacEncoder().feed(tone(1))[0])) == 1_024


def test_what_a_stream_cannot_be() -> None:
    with pytest.raises(HouseError, match="aac or mp3"):
        StreamDecoder("notes")
    with pytest.raises(PeerError, match="smaller pieces"):
        StreamDecoder("mp3").feed(bytes(CHUNK_BYTES_MAX + 1))
