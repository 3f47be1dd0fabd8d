"""For every join time and tick change: what a listener gets is one unbroken timeline."""

from dataclasses import dataclass, field
from itertools import pairwise

from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.fakes.grid_messages import first_pts, message

from rostra.delivery.channel import Channel
from rostra.delivery.cutting import PUSH_FORMS, Form
from rostra.delivery.drivers.fanout import Events, Fan
from rostra.delivery.drivers.groups import Listener
from rostra.delivery.drivers.stats import Stats
from rostra.domain.grid import TICK_MESSAGES, message_pts
from rostra.wire import icy
from rostra.wire.mp4 import init_segment, opus_init_segment
from rostra.wire.mp4_read import Emsg, MediaFragment, Mp4Reader
from rostra.wire.notices import read as read_notice

LENGTH = 160
INITS = {Form.PUSH: init_segment(), Form.OPUS: opus_init_segment()}


@dataclass
class Ear:
    """What a listener's connection took; while `full` it takes nothing."""

    number: int
    heard: bytearray = field(default_factory=bytearray)
    full: bool = False
    narrow: bool = False
    """It takes a write in pieces."""
    placed: bool = False
    """It came when its bucket had been cut, so that its place is known at once."""

    def fileno(self) -> int:
        return self.number

    def send(self, data: bytes) -> int:
        if self.full:
            raise BlockingIOError
        taken = bytes(data[:100] if self.narrow else data)
        self.heard += taken
        return len(taken)


class Room:
    """One space's channel and fan, with ears in the place of sockets."""

    def __init__(self, tick: int) -> None:
        self.channel = Channel("hall", "edge-0", None, tick)
        self.fan = Fan(self.channel.cutter, Stats(), Events(_nothing, _nothing, _no))
        self.ears: dict[int, tuple[Ear, Listener]] = {}
        self.tick = tick

    def join(self, number: int, form: Form, *, burst: bool) -> Ear:
        ear = Ear(number)
        group = self.fan.group(form, chunked=False)
        listener = Listener(ear, group)  # type: ignore[arg-type]
        unit = self.fan.start(group, burst=burst)
        head = INITS.get(form, b"")
        ear.narrow = len(self.ears) % 2 == 1
        self.fan.first(listener, head + (unit.plain if unit else b""), unit, 0)
        ear.narrow = False
        self.fan.pay(listener)
        ear.placed = unit is not None
        self.ears[number] = (ear, listener)
        return ear

    def change(self, tick: int, lead_s: float) -> None:
        newest = self.channel.window.newest
        self.channel.ticks.announce(tick, newest, lead_s, longer=tick > self.tick)
        self.tick = tick

    def out(self, number: int) -> None:
        for step in self.channel.take(message(number), 0):
            tick = self.channel.ticks.begins(step.message.number)
            if tick is not None:
                self.fan.retick(tick)
            self.channel.out(step)
            self.fan.cut(step.message.number, 0)


def _nothing(_: Listener) -> None:
    """It owes, or has paid: a test says when it can be written again."""


def _no(_: Listener) -> None:
    sentence = "no listener owes or leaves here"
    raise AssertionError(sentence)


@st.composite
def evenings(draw: st.DrawFn) -> tuple[int, dict[int, tuple[int, float]], dict[int, bool]]:
    """The first tick; changes by message: tick and lead; joins by message, with burst or not."""
    places = st.integers(0, LENGTH - 60)
    change = st.tuples(st.sampled_from(TICK_MESSAGES), st.floats(0, 3))
    return (
        draw(st.sampled_from(TICK_MESSAGES)),
        draw(st.dictionaries(places, change, max_size=6)),
        draw(st.dictionaries(places, st.booleans(), min_size=1, max_size=20)),
    )


@example(evening=(1, {0: (18, 0.0), 9: (1, 0.0)}, {0: False}), start=1, form=Form.PUSH)
@given(evening=evenings(), start=st.integers(0, 1_000), form=st.sampled_from(sorted(PUSH_FORMS)))
@settings(deadline=None)
def test_no_join_and_no_change_breaks_a_timeline(
    evening: tuple[int, dict[int, tuple[int, float]], dict[int, bool]], start: int, form: Form
) -> None:
    tick, changes, joins = evening
    room = Room(tick)
    for turn in range(LENGTH):
        if turn in changes:
            room.change(*changes[turn])
        if turn in joins:
            room.join(turn, form, burst=joins[turn])
        room.out(start + turn)
    for joined, (ear, listener) in room.ears.items():
        parts = fragments(bytes(ear.heard))
        assert parts, "everybody hears something within three long ticks"
        assert all(a.end_pts == b.base_pts for a, b in pairwise(parts))
        newest = start + LENGTH
        assert parts[-1].end_pts > first_pts(form, newest - room.channel.cutter.tick_messages)
        assert parts[-1].end_pts == first_pts(form, listener.group.at)
        late = parts[0].base_pts - first_pts(form, start + joined)
        assert late <= 0 or not ear.placed, "a joiner begins no later than the newest message"


@given(evening=evenings(), deaf=st.dictionaries(st.integers(20, LENGTH - 60), st.integers(1, 40)))
@settings(deadline=None)
def test_who_was_slow_in_a_change_hears_nothing_twice(
    evening: tuple[int, dict[int, tuple[int, float]], dict[int, bool]], deaf: dict[int, int]
) -> None:
    tick, changes, _ = evening
    room = Room(tick)
    until = 0
    for turn in range(LENGTH):
        if turn in changes:
            room.change(*changes[turn])
        if turn == 5:
            ears = [room.join(form, Form(form), burst=True) for form in ("aac", "icy", "push")]  # type: ignore[arg-type]
        until = max(until, turn + deaf.get(turn, 0))
        if turn >= 5:
            for ear in ears:
                ear.full = turn < until
        room.out(turn)
    frames, titles = icy.IcyReader().feed(bytes(ears[1].heard))
    assert set(titles) <= {""}, "its metadata blocks lie where the player looks for them"
    for sound in (bytes(ears[0].heard), frames):
        places = [int(piece.split(b"/")[-1]) for piece in sound.split(b";")[:-1]]
        assert places == sorted(set(places))
    assert (message(LENGTH - 1 - 36).aac[0] in ears[0].heard) or until > LENGTH - 36


@given(
    old=st.sampled_from(TICK_MESSAGES),
    new=st.sampled_from(TICK_MESSAGES),
    at=st.integers(20, 60),
    lead_s=st.floats(1, 4),
)
@settings(deadline=None)
def test_a_longer_tick_is_announced_to_everybody_before_it_begins(
    old: int, new: int, at: int, lead_s: float
) -> None:
    room = Room(old)
    for turn in range(LENGTH):
        if turn == at:
            room.change(new, lead_s)
        if turn % 4 == 0 and turn < LENGTH - 40:
            room.join(turn, Form.PUSH, burst=True)
        room.out(turn)
    for joined, (ear, _) in room.ears.items():
        told = ticks(bytes(ear.heard))
        begins = told[0][1]["from"] if told else 0
        if joined <= at:
            assert told[0][1]["messages"] == new
        if new > old and joined <= at:
            fragments_before = [f for f in fragments(bytes(ear.heard)) if f.end_pts <= begins]
            assert fragments_before, "the sound goes on between the word and the change"
            assert begins % message_pts(new) == 0
            assert begins - told[0][0] >= message_pts(1) * (lead_s / 0.1067 - old - 1)


def fragments(data: bytes) -> list[MediaFragment]:
    return [box for box in Mp4Reader().feed(data) if isinstance(box, MediaFragment)]


def ticks(data: bytes) -> list[tuple[int, dict[str, int]]]:
    """Where the notice was found, and its body, in order."""
    found = []
    for box in Mp4Reader().feed(data):
        if isinstance(box, Emsg):
            notice = read_notice(box.payload)
            if notice.kind == "tick":
                found.append((notice.pts_samples, dict(notice.body)))
    return found
