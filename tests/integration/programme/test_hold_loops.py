from pathlib import Path

import numpy as np
import pytest

from rostra.domain.errors import HouseError
from rostra.domain.media import Codec
from rostra.programme.drivers.decode import StreamDecoder, UnitDecoder, read_sound
from rostra.programme.drivers.loops import (
    default_hold,
    default_hold_pcm,
    encode_loop,
    silence_hold,
    write_default,
)
from rostra.programme.limiter import Sound
from rostra.programme.tune import TUNE_SAMPLES, tune
from rostra.wire.hold import fill_message, pack_hold, read_hold

FILE_BYTES_MAX = 400_000
ROOT = Path(__file__).parents[3]


def aac_of(frames: tuple[bytes, ...]) -> Sound:
    decoder = UnitDecoder()
    sound = np.concatenate([decoder.feed(frame) for frame in frames])
    assert decoder.errors == 0
    return sound


def opus_of(frames: tuple[bytes, ...]) -> Sound:
    decoder = UnitDecoder(Codec.OPUS)
    sound = np.concatenate([decoder.feed(frame) for frame in frames])
    assert decoder.errors == 0
    return sound


def test_the_shipped_loop_is_the_tune_and_small(tmp_path: Path) -> None:
    loop = default_hold()
    assert loop.duration_samples == TUNE_SAMPLES
    assert len(pack_hold(loop)) < FILE_BYTES_MAX
    assert np.corrcoef(default_hold_pcm(), tune())[0, 1] > 0.99
    assert write_default(tmp_path / "hold.bin") < FILE_BYTES_MAX
    again = read_hold((tmp_path / "hold.bin").read_bytes())
    assert np.corrcoef(aac_of(again.aac)[1_024:], tune()[1_024:])[0, 1] > 0.99
    for one in (loop, again):
        assert np.corrcoef(opus_of(one.opus)[4_800:], tune()[4_800:])[0, 1] > 0.99


def test_filled_messages_play_round_the_seam_without_a_click() -> None:
    loop = default_hold()
    rounds = TUNE_SAMPLES // 5_120
    messages = [fill_message(loop, "hall", "run", 0, 9 + n) for n in range(2 * rounds)]
    heard = aac_of(tuple(unit for message in messages for unit in message.aac))
    expected = np.roll(np.tile(tune(), 2), -9 * 5_120)
    assert np.corrcoef(heard[1_024:], expected[1_024:])[0, 1] > 0.99
    assert np.abs(np.diff(heard[1_024:])).max() < 1.2 * np.abs(np.diff(expected)).max()
    opus = opus_of(tuple(packet for message in messages for packet in message.opus))
    assert np.corrcoef(opus[4_800:], expected[4_800:])[0, 1] > 0.99
    assert np.abs(np.diff(opus[4_800:])).max() < 1.2 * np.abs(np.diff(expected)).max()
    decoder = StreamDecoder("mp3")
    mp3 = [decoder.feed(frame) for message in messages for frame in message.mp3]
    assert decoder.errors == 0
    sound = np.concatenate([*mp3, decoder.flush()])
    assert np.abs(np.diff(sound[2_304:])).max() < 1.2 * np.abs(np.diff(expected)).max()


def test_the_loop_of_silence_is_silent() -> None:
    assert np.abs(aac_of(silence_hold().aac)).max() < 0.000_1
    assert read_hold(pack_hold(silence_hold())) == silence_hold()


@pytest.mark.parametrize("samples", [0, 46_079, 46_080 * 65])
def test_sound_off_the_grid_makes_no_loop(samples: int) -> None:
    with pytest.raises(HouseError, match="multiple"):
        encode_loop(np.zeros(samples, np.float32))


def test_the_demo_voices_take_turns_and_are_equally_long() -> None:
    folder = ROOT / "src" / "rostra" / "app" / "demo_data"
    files = [folder / "voice_a.opus", folder / "voice_b.opus"]
    assert all(file.stat().st_size < FILE_BYTES_MAX for file in files)
    first, second = (read_sound(file) for file in files)
    assert len(first) == len(second)
    assert 60 <= len(first) / 48_000 <= 90
    tenths = [voice[: len(voice) // 4_800 * 4_800].reshape(-1, 4_800) for voice in (first, second)]
    talking = [np.sqrt(np.mean(tenth**2, axis=1)) > 0.01 for tenth in tenths]
    assert all(voice.mean() > 0.3 for voice in talking)
    assert not (talking[0] & talking[1]).any()


@pytest.mark.parametrize("name", ["speech.opus", "speech_b.opus"])
def test_the_speech_for_tests_is_speech(name: str) -> None:
    path = ROOT / "tests" / "data" / name
    sound = read_sound(path)
    assert path.stat().st_size < 300_000
    assert 10 <= len(sound) / 48_000 <= 30
    assert 0.03 < float(np.sqrt(np.mean(sound**2))) < 0.3
