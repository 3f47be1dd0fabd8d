import numpy as np
import pytest

from rostra.stage.levels import Block
from rostra.stage.mixer import CEILING, Mixer

SAMPLES = 960


def voice(seed: int, level: float = 0.05) -> Block:
    return np.random.default_rng(seed).normal(0, level, SAMPLES).astype(np.float32)


def settled(sounds: dict[str, Block]) -> Mixer:
    """A mixer in which all of these were heard before."""
    mixer = Mixer()
    mixer.mix(sounds, frozenset())
    return mixer


def test_each_hears_all_others_and_not_themselves() -> None:
    sounds = {f"s{index}": voice(index) for index in range(13)}
    mixed = settled(sounds).mix(sounds, frozenset())
    for name, own in mixed.minus.items():
        others = np.sum([sounds[other] for other in sounds if other != name], axis=0)
        np.testing.assert_allclose(own, others, atol=1e-6)
    np.testing.assert_allclose(mixed.mix, np.sum(list(sounds.values()), axis=0), atol=1e-6)


def test_alone_one_hears_nothing() -> None:
    sounds = {"anna": voice(1)}
    mixed = settled(sounds).mix(sounds, frozenset())
    assert not mixed.minus["anna"].any()


def test_an_empty_stage_is_silent() -> None:
    mixed = Mixer().mix({}, frozenset())
    assert not mixed.mix.any()
    assert mixed.mix.shape == mixed.shared.shape == (SAMPLES,)


def test_muted_is_in_no_mix_after_one_fading_block() -> None:
    sounds = {"anna": voice(1), "bert": voice(2)}
    mixer = settled(sounds)
    muted = frozenset({"bert"})
    fading = mixer.mix(sounds, muted)
    assert abs(fading.voices["bert"][-1]) == 0.0
    mixed = mixer.mix(sounds, muted)
    assert "bert" not in mixed.voices
    np.testing.assert_array_equal(mixed.mix, sounds["anna"])
    assert not mixed.minus["anna"].any()
    np.testing.assert_array_equal(mixed.shared, sounds["anna"])
    assert not mixer.wants("bert", muted=True)
    assert mixer.wants("bert", muted=False)


def test_unmuting_fades_in() -> None:
    sounds = {"bert": voice(2)}
    mixed = Mixer().mix(sounds, frozenset())
    assert mixed.mix[0] == 0.0
    assert mixed.mix[-1] == pytest.approx(sounds["bert"][-1])


def test_thirteen_loud_voices_do_not_clip_what_listeners_get() -> None:
    sounds = {f"s{index}": np.full(SAMPLES, 0.9, dtype=np.float32) for index in range(13)}
    mixer = settled(sounds)
    mixed = mixer.mix(sounds, frozenset())
    assert mixed.mix.max() > 11
    for block in (*mixed.minus.values(), mixed.shared):
        assert np.abs(block).max() <= 1.0
    assert np.abs(mixer.mix(sounds, frozenset()).shared).max() <= CEILING + 1e-3


def test_the_limiter_lets_go_slowly() -> None:
    loud = {"a": np.full(SAMPLES, 2.0, dtype=np.float32)}
    quiet = {"a": np.full(SAMPLES, 0.1, dtype=np.float32)}
    mixer = settled(loud)
    mixer.mix(loud, frozenset())
    first = mixer.mix(quiet, frozenset()).shared[-1]
    for _ in range(60):
        last = mixer.mix(quiet, frozenset()).shared[-1]
    assert first < 0.06
    assert last == pytest.approx(0.1, abs=1e-4)
