from pathlib import Path

import numpy as np
import pytest
from structlog.testing import capture_logs
from tests.fakes.talks import cut, noise, said, voice

from rostra.stage.drivers import rnnoise
from rostra.stage.levels import Block
from rostra.stage.suppression import SUPPRESSOR_DELAY_SAMPLES, Suppressor


@pytest.fixture(name="model")
def fixture_model() -> Suppressor:
    make = rnnoise.suppressor()
    assert make is not None
    return make()


def clean(model: Suppressor, sound: Block) -> Block:
    return np.concatenate([model(block)[0] for block in cut(sound)])


def test_it_is_exactly_as_late_as_the_chain_believes(model: Suppressor) -> None:
    sound = voice("speech")[: 4 * 48_000]
    heard = clean(model, sound)
    size = 1 << (2 * len(sound)).bit_length()
    likeness = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(sound, size)))
    assert int(np.argmax(likeness[:4_800])) == SUPPRESSOR_DELAY_SAMPLES


def test_it_takes_a_room_away_and_leaves_the_voice(model: Suppressor) -> None:
    sound = said("speech", 0.0, -50.0)[: 6 * 48_000]
    heard = clean(model, sound)[SUPPRESSOR_DELAY_SAMPLES:]
    kept = np.dot(heard, heard) / np.dot(sound, sound)
    assert 0.9 < kept < 1.02
    alone = clean(model, noise(3 * 48_000, -50.0))[48_000:]
    assert float(np.mean(alone**2)) < 0.02 * 10 ** (-50 / 10)


def test_it_says_what_is_a_voice(model: Suppressor) -> None:
    spoken = [model(block)[1] for block in cut(said("speech", 0.0, -50.0)[: 3 * 48_000])]
    hiss = [model(block)[1] for block in cut(noise(2 * 48_000, -50.0))]
    assert np.median(spoken) > 0.9
    assert np.median(hiss[50:]) < 0.2


def test_a_machine_without_the_library_has_no_suppressor_and_says_so_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rnnoise._library.cache_clear()
    monkeypatch.setattr(rnnoise, "find_spec", lambda _: None)
    with capture_logs() as lines:
        assert rnnoise.suppressor() is None
        assert rnnoise.suppressor() is None
    assert [line["log_level"] for line in lines] == ["warning"]
    rnnoise._library.cache_clear()


def test_a_broken_library_is_as_good_as_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    package = tmp_path / "pyrnnoise"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "librnnoise.so").write_bytes(b"no library")
    rnnoise._library.cache_clear()
    monkeypatch.syspath_prepend(tmp_path)
    with capture_logs() as lines:
        assert rnnoise.suppressor() is None
    assert lines[0]["path"] == str(package / "librnnoise.so")
    rnnoise._library.cache_clear()
