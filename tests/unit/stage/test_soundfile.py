import wave
from pathlib import Path

import numpy as np
import pytest

from rostra.domain.errors import PeerError
from rostra.stage.drivers.opus import Decoder
from rostra.stage.drivers.soundfile import blocks, packets


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    """1.01 s of a 440 Hz tone at 22,050 Hz, stereo."""
    path = tmp_path / "talk.wav"
    times = np.arange(22_270) / 22_050
    tone = (8_000 * np.sin(2 * np.pi * 440 * times)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(22_050)
        file.writeframes(np.repeat(tone, 2).tobytes())
    return path


def test_any_rate_becomes_blocks_of_mono_at_48_khz(talk: Path) -> None:
    read = list(blocks(talk))
    assert len(read) == 51
    assert {len(block) for block in read} == {960}
    sound = np.concatenate(read)[:48_000]
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    assert int(np.argmax(spectrum)) == 440
    assert np.abs(sound).max() == pytest.approx(8_000 / 32_768, rel=0.05)


def test_a_loop_goes_on(talk: Path) -> None:
    endless = packets(talk, loop=True)
    decoder = Decoder()
    assert all(len(decoder.decode(next(endless))) == 960 for _ in range(120))
    assert len(list(packets(talk, loop=False))) == 51


def test_text_is_not_audio(tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("Ladies and gentlemen,\nwelcome.\n" * 50)
    with pytest.raises(PeerError, match=r"notes\.txt is not audio") as refused:
        next(blocks(notes))
    assert refused.value.status == 400


def test_an_empty_file_is_not_audio(tmp_path: Path) -> None:
    empty = tmp_path / "empty.wav"
    empty.write_bytes(b"")
    with pytest.raises(PeerError, match="is not audio"):
        next(blocks(empty))


def test_a_folder_is_not_audio(tmp_path: Path) -> None:
    with pytest.raises(PeerError, match="is not audio"):
        next(blocks(tmp_path))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PeerError, match=r"no file .*absent\.wav") as refused:
        next(blocks(tmp_path / "absent.wav"))
    assert refused.value.status == 404
