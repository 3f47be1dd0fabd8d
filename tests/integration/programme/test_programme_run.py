"""The programme's way from the mix to messages, with the real encoders and decoders."""

import threading
import tracemalloc
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pytest

from rostra.domain.errors import HouseError
from rostra.domain.grid import (
    AAC_FRAME_SAMPLES,
    HOLD_LOOP_SAMPLES,
    MESSAGE_SAMPLES,
    MIX_BLOCK_SAMPLES,
    MP3_FRAME_SAMPLES,
    OPUS_FRAME_SAMPLES,
    mp3_frames_of,
    opus_frames_of,
)
from rostra.domain.limits import NOTICE_BYTES_MAX
from rostra.domain.media import Codec
from rostra.domain.space import State
from rostra.programme.cutter import NOTICES_WAITING_MAX
from rostra.programme.drivers.decode import StreamDecoder, UnitDecoder
from rostra.programme.drivers.encode import (
    MP3_LATE_SAMPLES,
    OPUS_BIT_RATE,
    AacEncoder,
    OpusEncoder,
)
from rostra.programme.drivers.run import LIVE_GRACE_SAMPLES, ProgrammeRun
from rostra.programme.hold import HOLD_AFTER_EMPTY_S, Source
from rostra.programme.limiter import CROSSFADE_SAMPLES, Sound
from rostra.programme.pace import SKIP_BLOCKS, SKIP_MESSAGES
from rostra.wire.messages import ProgrammeMessage, pack, read_programme

BLOCKS_PER_S = 50
OPUS_OFF_SAMPLES = 5
"""Opus's coder for speech resamples, and is exact to a tenth of a millisecond."""
SILENCE = np.zeros(MIX_BLOCK_SAMPLES, np.float32)


def speech_like(seconds: float, seed: int = 1) -> Sound:
    """Noise in the band of a voice, in syllables: something whose place can be found again."""
    chance = np.random.default_rng(seed)
    count = int(seconds * 48_000)
    smooth = np.hanning(25) / np.hanning(25).sum()
    noise = np.convolve(chance.standard_normal(count), smooth, "same")
    syllables = 0.2 * np.abs(np.sin(2 * np.pi * 1.7 * np.arange(count) / 48_000))
    return (noise * syllables).astype(np.float32)


def tone_hold(hertz: float = 300.0) -> Sound:
    """Hold audio of 0.96 s that is easy to tell from the stage."""
    return (0.1 * np.sin(2 * np.pi * hertz * np.arange(HOLD_LOOP_SAMPLES) / 48_000)).astype(
        np.float32
    )


@dataclass
class Show:
    """A run that is fed in real order, and what came out of it."""

    run: ProgrammeRun
    block: int = 0
    messages: list[ProgrammeMessage] = field(default_factory=list)

    def feed(self, sound: Sound, state: State = State.LIVE, *, here: bool = True) -> None:
        for mix in sound.reshape(-1, MIX_BLOCK_SAMPLES):
            self.messages += self.run.step(self.block, mix, anybody_here=here, state=state)
            self.block += 1

    def silence(self, seconds: float, state: State = State.LIVE, *, here: bool = True) -> None:
        for _ in range(int(seconds * BLOCKS_PER_S)):
            self.feed(SILENCE, state, here=here)

    @property
    def source(self) -> Source:
        return self.run.source

    @property
    def first_pts(self) -> int:
        return self.messages[0].number * MESSAGE_SAMPLES

    def aac(self) -> Sound:
        decoder = UnitDecoder()
        sound = [decoder.feed(unit) for message in self.messages for unit in message.aac]
        assert decoder.errors == 0
        return np.concatenate(sound)

    def mp3(self) -> Sound:
        decoder = StreamDecoder("mp3")
        sound = [decoder.feed(frame) for message in self.messages for frame in message.mp3]
        sound.append(decoder.flush())
        assert decoder.errors == 0
        return np.concatenate(sound)

    def opus(self) -> Sound:
        decoder = UnitDecoder(Codec.OPUS)
        sound = [decoder.feed(packet) for message in self.messages for packet in message.opus]
        assert decoder.errors == 0
        return np.concatenate(sound)


def show(block: int = 0, hold: Sound | None = None) -> Show:
    pcm = tone_hold() if hold is None else hold
    return Show(ProgrammeRun("hall", "run1", 1_723_500_000_000_000, pcm), block)


def delay_of(heard: Sound, said: Sound) -> tuple[int, float]:
    """Samples by which `heard` is late, searched to ±3,000, and the correlation there."""
    window, start = 48_000, 48_000
    piece = said[start : start + window]
    lags = range(-3_000, 3_001)
    scores = [float(np.dot(piece, heard[start + lag : start + lag + window])) for lag in lags]
    best = lags[int(np.argmax(scores))]
    found = heard[start + best : start + best + window]
    return best, float(np.corrcoef(piece, found)[0, 1])


@pytest.mark.parametrize("begin", [0, 1_000, 48 * 7])
def test_what_is_mixed_is_heard_at_its_pts_in_every_codec(begin: int) -> None:
    evening, said = show(begin), speech_like(4.8)
    evening.feed(said)
    numbers = [message.number for message in evening.messages]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert all(read_programme(pack(message)) == message for message in evening.messages)
    aac, mp3 = evening.aac(), evening.mp3()
    assert len(aac) == len(numbers) * MESSAGE_SAMPLES
    late = evening.first_pts - begin * MIX_BLOCK_SAMPLES
    lag, likeness = delay_of(aac[14_400:], said[late + 14_400 :])
    assert lag == 0
    assert likeness > 0.95
    first_mp3_pts = mp3_frames_of(numbers[0])[0] * MP3_FRAME_SAMPLES
    late = first_mp3_pts - begin * MIX_BLOCK_SAMPLES
    lag, likeness = delay_of(mp3[14_400:], said[late + 14_400 :])
    assert lag == MP3_LATE_SAMPLES
    assert likeness > 0.95
    opus = evening.opus()
    first_opus_pts = opus_frames_of(numbers[0])[0] * OPUS_FRAME_SAMPLES
    late = first_opus_pts - begin * MIX_BLOCK_SAMPLES
    lag, likeness = delay_of(opus[14_400:], said[late + 14_400 :])
    assert abs(lag) <= OPUS_OFF_SAMPLES
    assert likeness > 0.95


def test_opus_never_makes_aac_wait_and_keeps_its_rate() -> None:
    aac, opus = AacEncoder(), OpusEncoder()
    units, packets = 0, list[bytes]()
    for mix in speech_like(9.6).reshape(-1, MIX_BLOCK_SAMPLES):
        units += len(aac.feed(mix))
        packets += opus.feed(mix)
        whole = units * AAC_FRAME_SAMPLES // MESSAGE_SAMPLES
        assert len(packets) >= opus_frames_of(whole).start
    assert units > 400
    assert sum(map(len, packets)) * 8 / (len(packets) * 0.020) <= 1.02 * OPUS_BIT_RATE
    assert max(map(len, packets)) <= 2 * OPUS_BIT_RATE / 50 / 8


def test_every_mp3_frame_has_192_bytes_and_needs_no_other() -> None:
    evening = show()
    evening.feed(speech_like(2.88))
    frames = [frame for message in evening.messages for frame in message.mp3]
    assert {len(frame) for frame in frames} == {192}
    main_data_begin = {frame[4] << 1 | frame[5] >> 7 for frame in frames}
    assert main_data_begin == {0}


def test_a_message_is_out_within_60_ms_of_its_end() -> None:
    evening = show()
    waits = []
    for _ in range(200):
        before = len(evening.messages)
        evening.feed(SILENCE)
        for message in evening.messages[before:]:
            mixed = evening.block * MIX_BLOCK_SAMPLES
            waits.append(mixed - (message.number + 1) * MESSAGE_SAMPLES)
    assert max(waits) <= 0.060 * 48_000


def test_skipped_blocks_leave_whole_messages_out_and_are_counted() -> None:
    evening, said = show(), speech_like(2.88)
    evening.feed(said)
    evening.block += 2 * SKIP_BLOCKS + 5
    again = speech_like(2.88, seed=2)
    resumed_pts = evening.block * MIX_BLOCK_SAMPLES
    evening.feed(again)
    assert evening.run.skipped_messages == 2 * SKIP_MESSAGES
    numbers = [message.number for message in evening.messages]
    gaps = [b - a for a, b in pairwise(numbers) if b - a != 1]
    assert gaps == [2 * SKIP_MESSAGES + 1]
    assert all(read_programme(pack(message)) == message for message in evening.messages)
    index = resumed_pts - 2 * SKIP_MESSAGES * MESSAGE_SAMPLES - evening.first_pts
    for heard, off in ((evening.aac(), 0), (evening.opus(), OPUS_OFF_SAMPLES)):
        lag, likeness = delay_of(heard[index:], again)
        assert (abs(lag) <= off, likeness > 0.95) == (True, True)


def test_a_mix_that_goes_back_or_has_another_size_is_refused() -> None:
    evening = show(10)
    evening.feed(SILENCE)
    with pytest.raises(HouseError, match="cannot follow"):
        evening.run.step(10, SILENCE, anybody_here=True, state=State.LIVE)
    with pytest.raises(HouseError, match="cannot follow"):
        evening.run.step(11, SILENCE[:480], anybody_here=True, state=State.LIVE)
    with pytest.raises(HouseError, match="multiple"):
        show(hold=SILENCE)


def loudness(sound: Sound, pts: int, samples: int) -> float:
    return float(np.sqrt(np.mean(sound[pts : pts + samples] ** 2)))


def test_the_lobby_hears_hold_audio_and_the_crossfade_has_its_middle_at_t0() -> None:
    evening = show(hold=tone_hold(300))
    stage = (0.1 * np.sin(2 * np.pi * 2_000 * np.arange(4 * 48_000) / 48_000)).astype(np.float32)
    t0 = 2 * 48_000 + 333
    evening.run.live_at(t0)
    evening.feed(stage[: 2 * 48_000 + 1_920], State.LOBBY)
    evening.feed(stage[2 * 48_000 + 1_920 : 192_000 - 192_000 % 960])
    heard = evening.aac()
    time_s = np.arange(len(heard)) / 48_000
    hold_part = np.abs(lowpass(heard * np.exp(-2j * np.pi * 300 * time_s)))
    stage_part = np.abs(lowpass(heard * np.exp(-2j * np.pi * 2_000 * time_s)))
    crossing = int(np.argmax(stage_part > hold_part))
    assert abs(crossing - t0) < 0.010 * 48_000
    half = CROSSFADE_SAMPLES // 2
    assert stage_part[t0 - half - 3_000] < 0.05 * hold_part[t0 - half - 3_000]
    assert hold_part[t0 + half + 3_000] < 0.05 * stage_part[t0 + half + 3_000]


def lowpass(signal: np.ndarray) -> np.ndarray:
    window = np.hanning(2_048)
    return np.convolve(signal, window / window.sum(), "same")


def test_a_plan_that_does_not_come_true_falls_back_to_hold_audio() -> None:
    evening = show()
    evening.run.live_at(48_000)
    evening.silence(1, State.LOBBY)
    evening.silence(1 + LIVE_GRACE_SAMPLES / 48_000, State.LOBBY)
    evening.silence(1, State.LOBBY)
    heard = evening.aac()
    assert loudness(heard, 62_000, 10_000) < 0.001
    assert loudness(heard, 130_000, 10_000) > 0.05


def test_silence_then_hold_audio_then_the_first_word() -> None:
    evening = show()
    evening.silence(HOLD_AFTER_EMPTY_S + 1, here=False)
    assert evening.source is Source.HOLD
    word_pts = evening.block * MIX_BLOCK_SAMPLES
    evening.feed(speech_like(1.92))
    assert evening.run.source.value == "stage"
    heard = evening.aac()
    assert loudness(heard, 5 * 48_000, 48_000) < 0.001
    assert loudness(heard, word_pts - 24_000, 20_000) > 0.05


def test_after_the_end_nobody_is_heard_any_more() -> None:
    evening = show()
    evening.feed(speech_like(0.96))
    evening.feed(speech_like(1.92), State.ENDED)
    heard = evening.aac()
    assert loudness(heard, 60_000, 40_000) < 0.001


def test_notices_come_from_any_thread_and_travel_on_time() -> None:
    evening = show()
    with pytest.raises(HouseError, match="not begun"):
        evening.run.notice("early", {})
    evening.silence(0.96)
    pts = evening.block * MIX_BLOCK_SAMPLES
    tellers = [
        threading.Thread(target=evening.run.notice, args=("caption", {"n": index}))
        for index in range(8)
    ]
    for teller in tellers:
        teller.start()
    for teller in tellers:
        teller.join()
    evening.silence(0.96)
    told = [(m.number, n.body["n"]) for m in evening.messages for n in m.notices]
    assert {number for number, _ in told} == {pts // MESSAGE_SAMPLES}
    assert sorted(index for _, index in told) == list(range(8))
    with pytest.raises(HouseError, match="allowed"):
        evening.run.notice("house", {"text": "x" * NOTICE_BYTES_MAX})
    for index in range(NOTICES_WAITING_MAX + 4):
        evening.run.notice("flood", {"n": index})
    assert evening.run.notices_dropped == 4


def test_memory_stays_where_it_is() -> None:
    evening, said = show(), speech_like(9.6)
    evening.feed(said)
    evening.messages.clear()
    tracemalloc.start()
    try:
        evening.feed(said)
        evening.messages.clear()
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(3):
            evening.feed(said)
            evening.messages.clear()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 100_000
