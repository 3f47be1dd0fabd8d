import numpy as np
import pytest

from rostra.domain.limits import SPEAKERS_MAX
from rostra.stage.levels import Block
from rostra.stage.mixer import CEILING, Mixer
from rostra.stage.seating import Seating

SAMPLES = 960


def voice(seed: int, level: float = 0.05) -> Block:
    return np.random.default_rng(seed).normal(0, level, SAMPLES).astype(np.float32)


def settled(sounds: dict[str, Block]) -> Mixer:
    """A mixer in which all of these were heard before."""
    mixer = Mixer()
    mixer.mix(sounds, frozenset())
    return mixer


def test_each_hears_all_others_and_not_themselves() -> None:
    sounds = {f"s{index}": voice(index, 0.03) for index in range(SPEAKERS_MAX)}
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


def test_many_loud_voices_do_not_clip_what_listeners_get() -> None:
    sounds = {f"s{index}": np.full(SAMPLES, 0.9, dtype=np.float32) for index in range(SPEAKERS_MAX)}
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


BEHIND = Seating(backstage=frozenset({"bert", "carl"}))


def three() -> dict[str, Block]:
    return {name: voice(seed, 0.02) for seed, name in enumerate(("anna", "bert", "carl"))}


def seated(sounds: dict[str, Block], muted: frozenset[str] = frozenset()) -> Mixer:
    mixer = settled(sounds)
    for _ in range(2):
        mixer.mix(sounds, muted, BEHIND)
    return mixer


def test_on_stage_one_hears_the_stage_and_backstage_all_of_it() -> None:
    sounds = three()
    mixed = seated(sounds).mix(sounds, frozenset(), BEHIND)
    np.testing.assert_array_equal(mixed.mix, sounds["anna"])
    assert not mixed.minus["anna"].any()
    np.testing.assert_allclose(mixed.minus["bert"], sounds["anna"] + sounds["carl"], atol=1e-6)
    np.testing.assert_array_equal(mixed.shared, sounds["anna"])
    np.testing.assert_allclose(mixed.behind, sum(sounds.values()), atol=1e-6)


def test_before_it_is_live_all_hear_all_and_the_audience_the_stage_alone() -> None:
    sounds = three()
    lobby = Seating(BEHIND.backstage, together=True)
    mixer = seated(sounds)
    mixer.mix(sounds, frozenset(), lobby)
    mixed = mixer.mix(sounds, frozenset(), lobby)
    np.testing.assert_array_equal(mixed.mix, sounds["anna"])
    np.testing.assert_allclose(mixed.minus["anna"], sounds["bert"] + sounds["carl"], atol=1e-6)
    np.testing.assert_allclose(mixed.shared, sum(sounds.values()), atol=1e-6)


def test_a_muted_one_is_heard_nowhere() -> None:
    sounds, muted = three(), frozenset({"bert"})
    mixed = seated(sounds, muted).mix(sounds, muted, BEHIND)
    assert "bert" not in mixed.voices
    np.testing.assert_allclose(mixed.minus["carl"], sounds["anna"], atol=1e-6)
    np.testing.assert_allclose(mixed.behind, sounds["anna"] + sounds["carl"], atol=1e-6)


def test_who_changes_seats_fades_over_one_block() -> None:
    steady = {"anna": np.zeros(SAMPLES, np.float32), "bert": np.full(SAMPLES, 0.1, np.float32)}
    mixer = settled(steady)
    only_bert = Seating(backstage=frozenset({"bert"}))
    going = mixer.mix(steady, frozenset(), only_bert)
    assert going.mix[0] == pytest.approx(0.1)
    assert going.mix[-1] == 0.0
    np.testing.assert_array_equal(going.mix, going.minus["anna"])
    gone = mixer.mix(steady, frozenset(), only_bert)
    assert not gone.mix.any()
    assert not gone.minus["anna"].any()
    back = mixer.mix(steady, frozenset(), Seating())
    assert back.mix[0] == 0.0
    assert back.mix[-1] == pytest.approx(0.1)
    assert np.abs(np.diff(np.concatenate([going.mix, gone.mix, back.mix]))).max() < 0.001
