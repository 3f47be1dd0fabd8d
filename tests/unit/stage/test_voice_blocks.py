import numpy as np

from rostra.stage.drivers.opus import Encoder
from rostra.stage.drivers.voice import INBOX_PACKETS_MAX, SILENCE, Voice

BLOCK_US = 20_000


def coded(count: int) -> list[bytes]:
    times = np.arange(count * 960) / 48_000
    sound = (0.3 * np.sin(2 * np.pi * 400 * times)).astype(np.float32)
    encoder = Encoder()
    return [encoder.encode(sound[start : start + 960]) for start in range(0, len(sound), 960)]


def test_before_any_packet_there_is_silence() -> None:
    assert not Voice().block(0, wanted=True).any()


def test_sound_comes_out_and_stops_softly_when_packets_stop() -> None:
    voice = Voice()
    peaks = []
    for number, packet in enumerate(coded(20)):
        voice.feed(number, number * 960, packet, number * BLOCK_US)
        peaks.append(np.abs(voice.block(number * BLOCK_US, wanted=True)).max())
    assert peaks[-1] > 0.25
    after = [np.abs(voice.block((20 + n) * BLOCK_US, wanted=True)).max() for n in range(10)]
    assert 0 < after[2] < 0.4
    assert after[-1] == 0
    assert voice.counters.concealed > 0


def test_a_muted_voice_is_not_decoded_but_keeps_pace() -> None:
    voice = Voice()
    for number, packet in enumerate(coded(50)):
        voice.feed(number, number * 960, packet, number * BLOCK_US)
        block = voice.block(number * BLOCK_US, wanted=number >= 40)
        if number < 40:
            assert block is SILENCE
    assert voice.depth_ms <= 40
    assert np.abs(block).max() > 0.25


def test_a_flood_between_two_blocks_drops_the_oldest() -> None:
    voice = Voice()
    packet = coded(1)[0]
    for number in range(INBOX_PACKETS_MAX + 100):
        voice.feed(number, number * 960, packet, 0)
    voice.block(0, wanted=True)
    assert voice.counters.received == INBOX_PACKETS_MAX
    assert voice.depth_ms <= 40


def test_what_is_not_opus_is_counted_and_dropped() -> None:
    voice = Voice()
    voice.feed(0, 0, b"\xfb\x00", 0)
    voice.feed(1, 960, b"\x00", 0)
    assert not voice.block(0, wanted=True).any()
    assert voice.malformed == 2
    assert voice.counters.received == 0
