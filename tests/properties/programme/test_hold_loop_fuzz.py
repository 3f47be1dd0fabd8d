import contextlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.domain.errors import MalformedError
from rostra.domain.limits import AAC_UNIT_BYTES_MAX, OPUS_PACKET_BYTES_MAX
from rostra.wire.hold import (
    AAC_FRAMES_PER_UNIT,
    HOLD_BYTES_MAX,
    HOLD_UNITS_MAX,
    MP3_FRAME_BYTES,
    MP3_FRAMES_PER_UNIT,
    OPUS_FRAMES_PER_UNIT,
    HoldLoop,
    fill_message,
    hold_name,
    pack_hold,
    read_hold,
)
from rostra.wire.messages import pack, read_programme


def frames(count: int, size: int) -> tuple[bytes, ...]:
    return tuple(i.to_bytes(4, "big") * (size // 4) for i in range(count))


def loop(
    units: int, aac_bytes: int = 8, mp3_bytes: int = MP3_FRAME_BYTES, opus_bytes: int = 8
) -> HoldLoop:
    return HoldLoop(
        frames(units * AAC_FRAMES_PER_UNIT, aac_bytes),
        frames(units * MP3_FRAMES_PER_UNIT, mp3_bytes),
        frames(units * OPUS_FRAMES_PER_UNIT, opus_bytes),
    )


@given(st.binary(max_size=400))
def test_rubbish_is_malformed_and_nothing_worse(payload: bytes) -> None:
    with contextlib.suppress(MalformedError):
        assert read_hold(payload).duration_samples > 0


@given(st.integers(0, 500), st.binary(min_size=1, max_size=4))
def test_a_damaged_loop_is_malformed_or_still_a_loop(place: int, damage: bytes) -> None:
    packed = bytearray(pack_hold(loop(1)))
    packed[place : place + len(damage)] = damage
    with contextlib.suppress(MalformedError):
        assert read_hold(bytes(packed)).duration_samples == 46_080


@given(st.integers(1, 6), st.integers(0, 10**7))
def test_filling_lies_on_the_grid_and_goes_round(units: int, number: int) -> None:
    music = loop(units)
    message = fill_message(music, "hall", "run", 7, number)
    assert read_programme(pack(message)) == message
    again = fill_message(music, "hall", "run", 7, number + 9 * units)
    assert (again.aac, again.mp3, again.opus) == (message.aac, message.mp3, message.opus)
    following = fill_message(music, "hall", "run", 7, number + 1)
    assert music.aac.index(following.aac[0]) == (music.aac.index(message.aac[-1]) + 1) % len(
        music.aac
    )
    assert music.opus.index(following.opus[0]) == (music.opus.index(message.opus[-1]) + 1) % len(
        music.opus
    )
    assert music.mp3.index(following.mp3[0]) == (music.mp3.index(message.mp3[-1]) + 1) % len(
        music.mp3
    )


def test_an_older_loop_is_read_and_fills_without_opus() -> None:
    music = loop(1)
    older = read_hold(msgspec.msgpack.encode([music.aac, music.mp3]))
    assert (older.aac, older.mp3, older.opus) == (music.aac, music.mp3, ())
    filled = fill_message(older, "hall", "run", 7, 3)
    assert filled.opus == ()
    assert read_programme(pack(filled)) == filled


def test_a_loop_survives_packing_and_has_one_name() -> None:
    packed = pack_hold(loop(2))
    assert read_hold(packed) == loop(2)
    assert hold_name(packed) == hold_name(pack_hold(read_hold(packed)))
    assert hold_name(packed) != hold_name(pack_hold(loop(1)))


@pytest.mark.parametrize(
    "bad",
    [
        HoldLoop((), ()),
        HoldLoop(loop(1).aac[1:], loop(1).mp3),
        HoldLoop(loop(1).aac, loop(2).mp3),
        loop(HOLD_UNITS_MAX + 1, 4),
        loop(1, AAC_UNIT_BYTES_MAX + 4),
        loop(1, 0),
        loop(1, 8, MP3_FRAME_BYTES - 4),
        HoldLoop(loop(1).aac, loop(1).mp3, loop(1).opus[1:]),
        HoldLoop(loop(1).aac, loop(1).mp3, loop(2).opus),
        loop(1, opus_bytes=OPUS_PACKET_BYTES_MAX + 4),
        loop(1, opus_bytes=0),
    ],
)
def test_a_loop_off_its_limits_is_refused(bad: HoldLoop) -> None:
    with pytest.raises(MalformedError, match="hold loop"):
        read_hold(pack_hold(bad))


def test_a_huge_or_deep_payload_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(MalformedError, match="limit"):
        read_hold(bytes(HOLD_BYTES_MAX + 1))
    with pytest.raises(MalformedError, match="not a hold loop"):
        read_hold(b"\x91" * 100_000)
    with pytest.raises(MalformedError, match="not a hold loop"):
        read_hold(msgspec.msgpack.encode({"aac": []}))
