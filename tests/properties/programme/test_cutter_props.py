from hypothesis import given
from hypothesis import strategies as st

from rostra.domain.grid import (
    AAC_FRAME_SAMPLES,
    MESSAGE_SAMPLES,
    MIX_BLOCK_SAMPLES,
    MP3_FRAME_SAMPLES,
    OPUS_FRAME_SAMPLES,
    mp3_frames_of,
    opus_frames_of,
)
from rostra.programme.cutter import Cutter, Run
from rostra.programme.pace import SKIP_MESSAGES
from rostra.wire.messages import ProgrammeMessage, pack, read_programme


class Codec:
    """Gives numbered frames as samples come in, after a delay, as an encoder does."""

    def __init__(self, frame_samples: int, delay: int) -> None:
        self._frame, self._fed, self._given = frame_samples, -delay, 0

    def feed(self, samples: int) -> list[bytes]:
        self._fed += samples
        ready = max(0, self._fed // self._frame)
        out = [index.to_bytes(4, "big") for index in range(self._given, ready)]
        self._given = max(self._given, ready)
        return out


def encoders() -> tuple[Codec, Codec, Codec]:
    return (
        Codec(AAC_FRAME_SAMPLES, 2_048),
        Codec(MP3_FRAME_SAMPLES, 1_105),
        Codec(OPUS_FRAME_SAMPLES, 312),
    )


@given(st.lists(st.integers(0, 3), max_size=120), st.integers(0, 50))
def test_every_message_is_whole_on_the_grid_and_no_frame_is_lost(
    skips: list[int], begin: int
) -> None:
    cutter = Cutter(Run("hall", "run", 0), begin * SKIP_MESSAGES, begin * SKIP_MESSAGES)
    codecs = encoders()
    fed = 0
    jumps: list[tuple[int, int]] = []
    messages: list[ProgrammeMessage] = []
    for index in range(4 * len(skips)):
        steps = skips[index // 4] if index % 4 == 0 and skips[index // 4] != 3 else 0
        if steps:
            cutter.skip(fed, steps * SKIP_MESSAGES)
            jumps.append((fed, steps))
        fed += MIX_BLOCK_SAMPLES
        messages += cutter.add(*(codec.feed(MIX_BLOCK_SAMPLES) for codec in codecs))
    for index, message in enumerate(messages):
        position = index * MESSAGE_SAMPLES
        jumped = sum(steps for at, steps in jumps if at <= position)
        assert message.number == (begin + jumped) * SKIP_MESSAGES + index
    for message in messages:
        assert read_programme(pack(message)) == message
        assert len(message.mp3) == len(mp3_frames_of(message.number))
        assert len(message.opus) == len(opus_frames_of(message.number))
    units = [int.from_bytes(unit, "big") for message in messages for unit in message.aac]
    assert units == list(range(len(units)))
    heard = [int.from_bytes(frame, "big") for message in messages for frame in message.mp3]
    assert heard == list(range(len(heard)))
    packets = [int.from_bytes(packet, "big") for message in messages for packet in message.opus]
    assert packets == list(range(len(packets)))
    held_back = 2_048 + MIX_BLOCK_SAMPLES + MESSAGE_SAMPLES
    assert len(messages) * MESSAGE_SAMPLES > fed - held_back


@given(st.lists(st.integers(0, 40), min_size=1, max_size=30))
def test_notices_keep_their_order_and_never_travel_before_their_sample(gaps: list[int]) -> None:
    cutter = Cutter(Run("hall", "run", 0), 0, 0)
    pts = 0
    for index, gap in enumerate(gaps):
        pts += gap * 960
        cutter.notice("n", pts, {"i": index})
    codecs = encoders()
    messages: list[ProgrammeMessage] = []
    for _ in range(0, pts + 3 * MESSAGE_SAMPLES, MIX_BLOCK_SAMPLES):
        messages += cutter.add(*(codec.feed(MIX_BLOCK_SAMPLES) for codec in codecs))
    told = [notice for message in messages for notice in message.notices]
    assert [notice.body["i"] for notice in told] == list(range(len(told)))
    for message in messages:
        end = (message.number + 1) * MESSAGE_SAMPLES
        assert all(end - MESSAGE_SAMPLES <= n.pts_samples < end for n in message.notices)
