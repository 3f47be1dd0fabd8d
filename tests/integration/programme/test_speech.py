"""Announcements with the real voice and the real encoders: what a listener's decoder gives."""

import sys
import threading
from collections.abc import Callable

import numpy as np
import pytest
from tests.integration.programme.test_programme_run import Show, show, tone_hold

from rostra.domain.errors import HouseError, MalformedError
from rostra.domain.grid import HOLD_LOOP_SAMPLES, SAMPLE_RATE_HZ
from rostra.domain.loudness import PROGRAMME_LUFS
from rostra.domain.space import State
from rostra.programme.bed import CLEAR_SAMPLES, DUCK_DB, Spoken
from rostra.programme.drivers import espeak, speech
from rostra.programme.drivers.loops import encode_loop
from rostra.programme.drivers.speech import (
    KEPT_MAX,
    RECORDED_S_MAX,
    SOUND_BYTES_MAX,
    SYNTHESIS_S_MAX,
    Voice,
    recorded,
)
from rostra.programme.limiter import CROSSFADE_SAMPLES, Sound
from rostra.programme.loudness import lufs, trimmed
from rostra.programme.sentences import Saying, sentence
from rostra.wire.hold import pack_hold

HOLD_HZ = 7_500
"""Above what the voice has, so that loop and voice can be told apart."""
EVER = 1 << 40
WRITE = "import sys; sys.stdout.buffer.write"


@pytest.fixture(scope="module")
def voice() -> Voice:
    return Voice()


def rms(sound: Sound) -> float:
    return float(np.sqrt(np.mean(sound.astype(np.float64) ** 2)))


def band(sound: Sound, low: float, high: float) -> Sound:
    power = np.fft.rfft(sound)
    hertz = np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE_HZ)
    power[(hertz < low) | (hertz > high)] = 0
    return np.fft.irfft(power, len(sound)).astype(np.float32)


def captions(evening: Show) -> list[tuple[int, dict[str, object]]]:
    return [
        (notice.pts_samples, notice.body)
        for message in evening.messages
        for notice in message.notices
        if notice.kind == "caption"
    ]


@pytest.mark.parametrize("language", ["en", "es"])
def test_each_language_is_spoken_at_the_programme_s_loudness(voice: Voice, language: str) -> None:
    text = sentence(Saying.BEGINS, 5, language)
    pcm = voice.speak(text, language)
    assert 1.0 < len(pcm) / SAMPLE_RATE_HZ < 5.0
    assert lufs(pcm) == pytest.approx(PROGRAMME_LUFS, abs=0.5)
    assert rms(band(pcm, 100, 4_000)) > 0.9 * rms(pcm)
    assert voice.speak(text, language) is pcm, "it is remembered"


def test_listeners_hear_the_loop_go_down_under_words_that_end_before_t0(voice: Voice) -> None:
    pcm = voice.speak(sentence(Saying.SECONDS, 10, "en"), "en")
    evening = show(hold=tone_hold(HOLD_HZ))
    t0 = 6 * SAMPLE_RATE_HZ
    evening.run.live_at(t0)
    evening.silence(1.0, State.LOBBY)
    evening.run.say(Spoken(pcm, "10 seconds.", "en", EVER))
    evening.silence(3.0, State.LOBBY)
    evening.run.say(Spoken(pcm, "too late", "en", EVER))
    evening.silence(2.0, State.LOBBY)
    evening.silence(1.0, State.LIVE)
    heard = evening.aac()
    [(pts, body)] = captions(evening)
    assert body == {"text": "10 seconds.", "lang": "en", "who": "house"}
    assert evening.run.unsaid == 1
    at = pts - evening.first_pts
    said, tone = band(heard, 100, 4_000), band(heard, HOLD_HZ - 15, HOLD_HZ + 15)
    assert rms(said[at : at + len(pcm)]) > 10 * rms(said[at - 40_000 : at - 4_800])
    ducked = rms(tone[at + 9_600 : at + 28_800]) / rms(tone[at - 40_000 : at - 20_000])
    assert 20 * np.log10(ducked) == pytest.approx(DUCK_DB, abs=1.0)
    assert lufs(heard[at : at + len(pcm)]) == pytest.approx(PROGRAMME_LUFS, abs=1.0)
    quiet = slice(t0 - CLEAR_SAMPLES - evening.first_pts, t0 + CROSSFADE_SAMPLES)
    assert rms(said[quiet]) < 0.002
    before = t0 - CLEAR_SAMPLES - evening.first_pts
    back = rms(tone[before : before + 20_000]) / rms(tone[at - 40_000 : at - 20_000])
    assert back == pytest.approx(1.0, abs=0.05), "the loop is back before the crossfade"


def test_a_host_s_own_words_are_used_without_the_silence_around_them(voice: Voice) -> None:
    words = voice.speak("Hello.", "en")
    around = np.zeros(3 * HOLD_LOOP_SAMPLES, np.float32)
    around[20_000 : 20_000 + len(words)] = words * 0.1
    own = recorded(pack_hold(encode_loop(around)))
    assert len(own) == pytest.approx(len(words), abs=6_000)
    assert lufs(own) == pytest.approx(PROGRAMME_LUFS, abs=0.5)
    with pytest.raises(MalformedError, match="not used"):
        recorded(pack_hold(encode_loop(around * 0)))
    with pytest.raises(MalformedError, match="not a hold loop"):
        recorded(b"something else")


def test_a_recorded_announcement_has_a_longest_time(monkeypatch: pytest.MonkeyPatch) -> None:
    assert RECORDED_S_MAX == 30
    monkeypatch.setattr(speech, "RECORDED_S_MAX", 1)
    at = np.arange(2 * HOLD_LOOP_SAMPLES) / SAMPLE_RATE_HZ
    long = (0.1 * np.sin(2 * np.pi * 1_000 * at)).astype(np.float32)
    with pytest.raises(MalformedError, match="not used"):
        recorded(pack_hold(encode_loop(long)))


def test_silence_has_nothing_left_when_trimmed() -> None:
    assert len(trimmed(np.zeros(960, np.float32))) == 0


def answering(code: str) -> Callable[[str], list[str]]:
    """A voice that is this program, in a process of its own as the real one."""
    return lambda _language: [sys.executable, "-c", code]


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("import os; os.kill(os.getpid(), 11)", "without speech"),
        ("raise SystemExit('no voice here')", "no voice here"),
        ("", "without speech"),
        ("print(end='abcd' + 'x' * 10)", "without speech"),
        (f"{WRITE}(bytes({SOUND_BYTES_MAX} + 4))", "without speech"),
        (f"{WRITE}(bytes([255] * 8))", "without speech"),
    ],
)
def test_a_voice_that_fails_is_a_sentence_and_is_asked_again(
    monkeypatch: pytest.MonkeyPatch, code: str, why: str
) -> None:
    mute = Voice()
    with monkeypatch.context() as patched:
        patched.setattr(speech, "_command", answering(code))
        with pytest.raises(HouseError, match=why):
            mute.speak("Ten.", "en")
    assert mute.failures == 1
    assert len(mute.speak("Ten.", "en"))


def test_a_voice_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    assert SYNTHESIS_S_MAX > 1
    monkeypatch.setattr(speech, "SYNTHESIS_S_MAX", 0.2)
    monkeypatch.setattr(speech, "_command", answering("import time; time.sleep(60)"))
    with pytest.raises(HouseError, match="did not speak"):
        Voice().speak("Ten.", "en")


def test_a_studio_that_ends_leaves_no_voice_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "_command", answering("import time; time.sleep(60)"))
    voice = Voice()
    failed: list[HouseError] = []

    def speak() -> None:
        try:
            voice.speak("Ten.", "en")
        except HouseError as error:
            failed.append(error)

    speaking = threading.Thread(target=speak)
    speaking.start()
    voice.hush()
    speaking.join(SYNTHESIS_S_MAX)
    assert len(failed) == 1
    assert not speaking.is_alive()


def test_so_many_sentences_are_kept_and_the_oldest_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def said(words: bytes, _language: str) -> tuple[bytes, bytes, int]:
        asked.append(words.decode())
        return bytes(960), b"", 0

    voice = Voice()
    monkeypatch.setattr(voice, "_said", said)
    for number in range(KEPT_MAX + 1):
        voice.speak(str(number), "en")
    voice.speak(str(KEPT_MAX), "en")
    voice.speak("0", "en")
    assert asked == [*map(str, range(KEPT_MAX + 1)), "0"]


def test_a_text_is_cut_where_it_is_longer_than_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[int] = []

    def said(words: bytes, _language: str) -> tuple[bytes, bytes, int]:
        given.append(len(words))
        raise OSError

    voice = Voice()
    monkeypatch.setattr(voice, "_said", said)
    with pytest.raises(HouseError):
        voice.speak("word " * 1_000, "en")
    assert given == [espeak.TEXT_BYTES_MAX]
