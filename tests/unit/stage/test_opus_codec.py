import numpy as np
import pytest

from rostra.domain.errors import HouseError, MalformedError
from rostra.stage.drivers import opus
from rostra.stage.drivers.opus import Decoder, Encoder
from rostra.stage.levels import Block
from rostra.stage.toc import PACKET_BYTES_MAX, packet_blocks, packet_samples

BLOCKS = 150


def speech() -> Block:
    """A voiced sound with moving pitch and formants, in syllables."""
    times = np.arange(BLOCKS * 960) / 48_000
    pitch = 120 + 30 * np.sin(2 * np.pi * 0.7 * times)
    phase = 2 * np.pi * np.cumsum(pitch) / 48_000
    sound = sum(np.sin(k * phase) / k for k in range(1, 25))
    syllables = 0.55 + 0.45 * np.sin(2 * np.pi * 3 * times)
    return np.asarray(0.15 * sound * syllables, dtype=np.float32)


def packets(sound: Block) -> list[bytes]:
    encoder = Encoder()
    return [encoder.encode(sound[start : start + 960]) for start in range(0, len(sound), 960)]


def error_db(heard: Block, clean: Block) -> float:
    """Error relative to what is heard without loss, in dB."""
    return float(10 * np.log10(np.sum((heard - clean) ** 2) / np.sum(clean**2) + 1e-12))


def test_it_is_libopus_with_a_version() -> None:
    assert opus.version().startswith("libopus 1.")


def test_sound_survives() -> None:
    sound = speech()
    decoder = Decoder()
    heard = np.concatenate([decoder.decode(packet) for packet in packets(sound)])
    assert len(heard) == len(sound)
    best = max(
        float(np.corrcoef(heard[delay:], sound[: len(sound) - delay])[0, 1])
        for delay in range(250, 400)
    )
    assert best > 0.95


def test_redundancy_is_closer_to_the_truth_than_concealment() -> None:
    coded = packets(speech())
    reference = Decoder()
    clean = np.concatenate([reference.decode(packet) for packet in coded])
    errors = {}
    for way in ("fec", "conceal"):
        decoder = Decoder()
        blocks = []
        for number, packet in enumerate(coded):
            if number % 10 != 9 or number + 1 == len(coded):
                blocks.append(decoder.decode(packet))
            elif way == "fec":
                blocks.append(decoder.decode_fec(coded[number + 1]))
            else:
                blocks.append(decoder.conceal())
        errors[way] = error_db(np.concatenate(blocks), clean)
    assert errors["fec"] < errors["conceal"] - 3


def test_packets_say_their_time() -> None:
    coded = packets(speech())
    assert {packet_samples(packet) for packet in coded} == {960}
    assert {packet_blocks(packet) for packet in coded} == {1}


@pytest.mark.parametrize(
    ("toc", "samples"),
    [
        (b"\x00", 480),
        (b"\x08", 960),
        (b"\x18", 2_880),
        (b"\x60", 480),
        (b"\xf8", 960),
        (b"\xe0", 120),
        (b"\xf9", 1_920),
        (b"\x1b\x02", 5_760),
    ],
)
def test_times_of_the_specification(toc: bytes, samples: int) -> None:
    assert packet_samples(toc) == samples


@pytest.mark.parametrize("bad", [b"", b"\x1b", b"\x1b\x03", b"\xfb\x00", b"x" * 1_276])
def test_what_is_no_packet_is_refused(bad: bytes) -> None:
    assert len(bad) in {0, 1, 2, PACKET_BYTES_MAX + 1}
    with pytest.raises(MalformedError):
        packet_samples(bad)


def test_10_ms_packets_are_refused_with_the_remedy() -> None:
    with pytest.raises(MalformedError, match="20 ms"):
        packet_blocks(b"\x00")


def test_garbage_does_not_decode_and_harms_nothing() -> None:
    decoder = Decoder()
    with pytest.raises(MalformedError):
        decoder.decode(b"\xff\xff\xff")
    assert len(decoder.conceal()) == 960


def test_without_libopus_there_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setattr("av.__file__", f"{tmp_path}/av/__init__.py")
    monkeypatch.setattr("ctypes.util.find_library", lambda _: None)
    with pytest.raises(HouseError, match=r"No libopus .* install libopus0"):
        opus.library_path()
