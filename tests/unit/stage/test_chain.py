from collections.abc import Callable

import numpy as np
import pyloudnorm
import pytest
from tests.fakes.suppressors import Damping
from tests.fakes.talks import cut, noise, said, voice

from rostra.domain.loudness import PROGRAMME_LUFS
from rostra.programme import limiter
from rostra.stage import gain
from rostra.stage.chain import FLOOR_GAIN, Chain
from rostra.stage.gain import GAIN_DB_MAX, GAIN_DB_MIN
from rostra.stage.levels import Block, dbfs
from rostra.stage.suppression import (
    DOUBT_BLOCKS,
    SUPPRESSED_MAX,
    SUPPRESSOR_DELAY_SAMPLES,
    Slots,
    Suppressor,
)

METER = pyloudnorm.Meter(48_000)
SECOND = 48_000


class Line:
    """A chain that is fed sound of any length."""

    def __init__(
        self, suppressor: Callable[[], Suppressor] | None = None, slots: Slots | None = None
    ) -> None:
        self.chain = Chain(suppressor)
        self.slots = slots or Slots()

    def hear(self, sound: Block) -> Block:
        out = []
        for block in cut(sound):
            self.slots.turn()
            out.append(self.chain(block, self.slots))
        return np.concatenate(out)


def end_lufs(sound: Block) -> float:
    limit = limiter.Limiter()
    heard = np.concatenate([limit(block) for block in cut(sound)])
    return float(METER.integrated_loudness(heard[-8 * SECOND :].astype(np.float64)))


@pytest.mark.parametrize("name", ["speech", "speech_b"])
def test_voices_20_db_apart_end_within_one_and_a_half_lu_of_the_target(name: str) -> None:
    for gain_db in (-6.0, -26.0):
        assert end_lufs(Line().hear(said(name, gain_db, times=2))) == pytest.approx(
            PROGRAMME_LUFS, abs=0.75
        )


def test_the_gain_knows_the_limiter_that_follows() -> None:
    assert gain.LIMITER_CEILING == limiter.CEILING
    assert gain.LIMITER_RELEASE_SAMPLES == limiter.RELEASE_SAMPLES
    pulses = np.zeros(12 * SECOND, np.float32)
    pulses[::480] = 0.9
    pulses *= (np.arange(len(pulses)) // 9_600 % 2).astype(np.float32)
    line = Line()
    line.hear(pulses)
    unlimited_db = PROGRAMME_LUFS - float(METER.integrated_loudness(pulses.astype(np.float64)))
    most_db = unlimited_db - 20 * np.log10(gain.LIMITED_MIN)
    assert unlimited_db + 2 < line.chain.gain_db <= most_db + 0.5


def test_a_quiet_voice_is_loud_enough_within_four_seconds_of_speech() -> None:
    line = Line()
    line.hear(said("speech", -26.0)[: 4 * SECOND])
    assert line.chain.gain_db > 27.0


def test_silence_and_noise_alone_are_not_pumped_up() -> None:
    line = Line()
    assert not line.hear(np.zeros(5 * SECOND, np.float32)).any()
    for level in (-70.0, -55.0, -45.0):
        heard = line.hear(noise(10 * SECOND, level))
        assert line.chain.gain_db == 0.0
        assert dbfs(heard[np.newaxis])[0] <= level + 1
    assert line.chain.noise_dbfs == -45


def test_the_gain_rests_in_pauses_and_their_noise_is_turned_down() -> None:
    line = Line()
    line.hear(said("speech", -16.0, -65.0, times=2))
    gain_db = line.chain.gain_db
    pause = line.hear(noise(8 * SECOND, -65.0))
    assert line.chain.gain_db == pytest.approx(gain_db, abs=0.5)
    expected = -65.0 + line.chain.gain_db + 20 * np.log10(FLOOR_GAIN)
    assert dbfs(pause[-SECOND:][np.newaxis])[0] == pytest.approx(expected, abs=1.5)


def test_the_gain_has_its_limits() -> None:
    faint, loud = Line(), Line()
    faint.hear(said("speech", -38.0, times=2))
    assert faint.chain.gain_db == GAIN_DB_MAX
    loud.hear(np.clip(noise(4 * SECOND, 20.0), -1, 1).astype(np.float32))
    loud.hear(np.clip(said("speech", 60.0, times=1), -4, 4).astype(np.float32))
    assert loud.chain.gain_db == GAIN_DB_MIN


def test_a_clean_voice_is_not_delayed_and_keeps_its_waveform() -> None:
    line = Line(Damping)
    sound = said("speech", -3.0)
    heard = line.hear(sound)
    assert line.chain.delay_samples == 0
    assert np.corrcoef(heard[-SECOND:], sound[-SECOND:])[0, 1] > 0.999


def test_a_noisy_voice_is_suppressed_and_exactly_20_ms_late() -> None:
    line = Line(Damping)
    sound = said("speech", -6.0, -50.0, times=2)
    heard = line.hear(sound)
    assert line.chain.delay_samples == SUPPRESSOR_DELAY_SAMPLES == 960
    late, said_then = heard[-3 * SECOND :], sound[-3 * SECOND - 960 : -960]
    assert np.corrcoef(late, said_then)[0, 1] > 0.99


def test_music_is_not_taken_for_noise() -> None:
    times = np.arange(12 * SECOND) / SECOND
    chord = np.sin(2 * np.pi * np.outer((220.0, 277.2, 329.6), times)).sum(axis=0)
    line = Line(Damping)
    line.hear((0.05 * chord).astype(np.float32))
    assert line.chain.delay_samples == 0


def test_what_fades_where_packets_were_lost_is_not_taken_for_a_room() -> None:
    tone = (0.2 * np.sin(np.arange(12 * SECOND) * 2 * np.pi * 440 / SECOND)).astype(np.float32)
    for start in range(SECOND, len(tone) - SECOND, 6 * SECOND):
        fade = 10.0 ** (-np.arange(12_000) / 12_000 * 50 / 20)
        tone[start : start + 12_000] *= fade.astype(np.float32)
    line = Line(Damping)
    line.hear(tone)
    assert line.chain.delay_samples == 0
    assert line.chain.noise_dbfs > -30


def test_a_voice_that_suffers_is_let_alone_and_asked_again_after_a_minute() -> None:
    made: list[Damping] = []

    def bad() -> Damping:
        made.append(Damping(0.6))
        return made[-1]

    line = Line(bad)
    line.hear(said("speech", -6.0, -50.0, times=2))
    calls = made[0].calls
    assert 0 < calls < 400
    assert line.chain.delay_samples == 0
    line.hear(said("speech", -6.0, -50.0))
    assert made[0].calls == calls
    line.hear(said("speech", -6.0, -50.0, times=-(-DOUBT_BLOCKS // (len(voice("speech")) // 960))))
    assert made[0].calls > calls


def test_what_the_model_takes_for_no_voice_is_no_evidence_against_it() -> None:
    made: list[Damping] = []

    def deaf() -> Damping:
        made.append(Damping(0.1, voice=0.1))
        return made[-1]

    line = Line(deaf)
    line.hear(said("speech", -6.0, -50.0, times=2))
    assert line.chain.delay_samples == 960
    assert made[0].calls > 400


def test_no_more_voices_are_suppressed_at_once_than_there_are_slots() -> None:
    slots = Slots()
    chains = [Chain(Damping) for _ in range(SUPPRESSED_MAX + 2)]
    sound = cut(said("speech", -6.0, -50.0))
    most = 0
    for block in sound:
        slots.turn()
        for chain in chains:
            chain(block, slots)
        most = max(most, sum(chain._running for chain in chains))
    assert most == SUPPRESSED_MAX
    assert slots.refused_blocks > 0


def test_a_slot_that_is_not_taken_again_is_free() -> None:
    slots, one, other = Slots(1), object(), object()
    slots.turn()
    assert slots.take(one)
    assert not slots.take(other)
    slots.turn()
    assert slots.take(one)
    slots.turn()
    slots.turn()
    assert slots.take(other)


def test_without_a_suppressor_voices_pass_and_are_counted() -> None:
    line = Line(None)
    line.hear(said("speech", -6.0, -50.0))
    assert line.chain.delay_samples == 0
    assert line.slots.refused_blocks > 200


def test_who_rests_hears_nothing_old_afterwards() -> None:
    line = Line(Damping)
    line.hear(said("speech", -6.0, -50.0, times=2))
    line.chain.rest()
    assert not line.hear(np.zeros(960, np.float32)).any()


def test_arithmetic_gone_wrong_does_not_go_on() -> None:
    line = Line()
    assert not line.hear(np.full(960, np.nan, np.float32)).any()
    with np.errstate(over="ignore"):
        assert np.abs(line.hear(np.full(960, 1e38, np.float32))).max() <= 1.0
    assert np.isfinite(line.hear(said("speech"))).all()
