"""For every join time, bucket and outage: what a push listener gets is one unbroken timeline."""

from functools import partial
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fakes.grid_messages import first_pts, loop, message

from rostra.delivery.channel import Channel
from rostra.delivery.cutting import BURST_BEYOND_TICK, BURST_MESSAGES, NOBODY_YET, PUSH_FORMS, Form
from rostra.delivery.filling import FILL_AFTER_NS, MESSAGE_NS
from rostra.domain.grid import TICK_MESSAGES
from rostra.domain.media import FRAME_SAMPLES, Codec
from rostra.wire.hold import fill_message
from rostra.wire.mp4 import init_segment, opus_init_segment
from rostra.wire.mp4_read import MediaFragment, Mp4Reader

LENGTH = 60
INITS = {Form.PUSH: init_segment(), Form.OPUS: opus_init_segment()}
FORMS = st.sampled_from(sorted(PUSH_FORMS))


def fragments(data: bytes, form: Form) -> list[MediaFragment]:
    boxes = Mp4Reader().feed(INITS[form] + data)
    return [box for box in boxes if isinstance(box, MediaFragment)]


def gapless(parts: list[MediaFragment]) -> bool:
    return all(a.end_pts == b.base_pts for a, b in pairwise(parts))


@given(
    start=st.integers(0, 1_000),
    joins=st.integers(0, LENGTH - 4),
    bucket=st.integers(0, 17),
    tick=st.sampled_from(TICK_MESSAGES),
    form=FORMS,
)
@settings(deadline=None)
def test_every_join_is_gapless(start: int, joins: int, bucket: int, tick: int, form: Form) -> None:
    channel = Channel("hall", "edge-0", None)
    channel.cutter.tick_messages = tick
    bucket %= tick
    data, at = b"", NOBODY_YET
    for number in range(start, start + LENGTH):
        for step in channel.take(message(number), 0):
            channel.out(step)
        if number == start + joins:
            unit = channel.cutter.burst(form, channel.cutter.last_cut(bucket))
            data, at = (unit.plain, unit.at) if unit else (b"", at)
        elif number > start + joins and number % tick == bucket:
            due = channel.cutter.resume(form, at, number)
            assert due is not None
            data, at = data + due.plain, due.at
    parts = fragments(data, form)
    assert gapless(parts)
    if parts:
        assert len(parts[0].units) <= 6 * max(BURST_MESSAGES, tick + BURST_BEYOND_TICK)
        last_cut = channel.cutter.last_cut(bucket)
        assert parts[-1].end_pts == first_pts(form, last_cut + 1)


@st.composite
def evenings(draw: st.DrawFn) -> list[tuple[int, int]]:
    """Messages as `(number, arrival)`: with jitter, losses, silences, and late ones."""
    arrivals = []
    now = 0
    for number in range(40):
        now += draw(st.integers(0, 3 * MESSAGE_NS))
        if draw(st.integers(0, 9)) == 0:
            now += draw(st.integers(0, 3 * FILL_AFTER_NS))
        if draw(st.integers(0, 9)) > 1:
            arrivals.append((number, now))
    return arrivals


@given(evening=evenings())
@settings(deadline=None)
def test_whatever_the_studio_does_numbers_follow_one_another(
    evening: list[tuple[int, int]],
) -> None:
    channel = Channel("hall", "edge-0", partial(fill_message, loop(), "hall"))
    out: list[int] = []
    for number, arrival in evening:
        for step in (*channel.due(arrival), *channel.take(message(number), arrival)):
            channel.out(step)
            out.append(step.message.number)
            if step.real:
                assert step.message == message(step.message.number)
    assert out == list(range(out[0], out[0] + len(out))) if out else True


@given(evening=evenings(), tick=st.sampled_from(TICK_MESSAGES), form=FORMS)
@settings(deadline=None)
def test_filling_never_breaks_a_listeners_timeline(
    evening: list[tuple[int, int]], tick: int, form: Form
) -> None:
    channel = Channel("hall", "edge-0", partial(fill_message, loop(), "hall"))
    channel.cutter.tick_messages = tick
    data = b""
    for number, arrival in evening:
        for step in (*channel.due(arrival), *channel.take(message(number), arrival)):
            channel.out(step)
            if step.message.number % tick == 0:
                data += channel.cutter.tick(form, step.message.number).plain
    parts = fragments(data, form)
    assert gapless(parts)
    frame = FRAME_SAMPLES[Codec.OPUS if form is Form.OPUS else Codec.AAC]
    assert all(part.base_pts % frame == 0 for part in parts)
