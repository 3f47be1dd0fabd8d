"""An hour of programme with losses, silences and late messages, read by a strict reader."""

import random
from collections import Counter

import pytest
from tests.fakes.grid_messages import loop as hold_loop
from tests.fakes.grid_messages import message, state
from tests.fakes.hls_rules import Watched

from rostra.delivery.channel import Channel
from rostra.delivery.filling import MESSAGE_NS
from rostra.delivery.listing import SEGMENTS_LISTED
from rostra.delivery.refusals import RefusedError
from rostra.domain.grid import MESSAGES_PER_SEGMENT
from rostra.domain.media import Codec
from rostra.domain.space import State
from rostra.wire.hold import fill_message
from rostra.wire.messages import ProgrammeMessage
from rostra.wire.playlist import MediaPlaylist

HOUR = 33_750
"""Messages."""
CLOSELY = 2_000
"""Messages after each of which the playlist is read; later one in a dozen, by chance."""
OFTEN = 1 / 12
LOST = 0.002
LATE = 0.002
LATE_BY_MAX = 12
SILENT = 0.0002
SILENT_FOR_MAX = 60


def filler(run: str, epoch_utc_us: int, number: int) -> ProgrammeMessage:
    return fill_message(hold_loop(), "hall", run, epoch_utc_us, number)


class Evening:
    """What reaches the edge, and when: each message lost, late, or within a studio's silence."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.due: dict[int, list[int]] = {}
        number = 0
        while number < HOUR:
            if self.chance.random() < SILENT:
                number += self.chance.randint(5, SILENT_FOR_MAX)
            if self.chance.random() >= LOST:
                late = self.chance.randint(1, LATE_BY_MAX) if self.chance.random() < LATE else 0
                self.due.setdefault(number + late, []).append(number)
            number += 1


class Visitor:
    """Reads the playlist, and now and then everything that it names."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.watched = Watched()
        self.seen: Counter[str] = Counter()

    def look(self) -> None:
        try:
            text = self.channel.shelf.media(Codec.AAC).decode()
        except RefusedError:
            return
        now = self.watched.see(text)
        if self.watched.reads % 20 == 0:
            for name in names(now):
                assert self.fetch(name), name
            if now.segments[0].number > SEGMENTS_LISTED:
                gone = self.channel.shelf._listing.kept[-SEGMENTS_LISTED - 1]
                left = "seg" if gone.real else "fill-edge-0"
                assert self.fetch(f"{left}-{gone.number}.m4s"), "6.2.2-M8: it stays a while"

    def fetch(self, name: str) -> bytes:
        shelf = self.channel.shelf
        kind, *rest = name.removesuffix(".m4s").split("-")
        self.seen[kind] += 1
        match kind:
            case "seg":
                return shelf.segment(int(rest[0]))
            case "part":
                return shelf.part(int(rest[0]), int(rest[1]))
            case "fill":
                return shelf.fill("edge-0", int(rest[-1]))
        return shelf.fill_part("edge-0", int(rest[-2]), int(rest[-1]))


def names(playlist: MediaPlaylist) -> list[str]:
    parts = [part for segment in playlist.segments for part in segment.parts]
    named = [part.name for part in (*parts, *playlist.next_parts)]
    return named + [segment.name for segment in playlist.segments]


def test_an_hour_of_playlists_breaks_no_rule() -> None:
    evening = Evening(seed=8216)
    channel = Channel("hall", "edge-0", filler)
    channel.learn(state(), 0, 0)
    visitor = Visitor(channel)
    newest = 0
    for turn in range(HOUR):
        now_ns = turn * MESSAGE_NS
        steps = channel.due(now_ns)
        for number in evening.due.get(turn, ()):
            steps += channel.take(message(number), now_ns)
            for step in steps:
                channel.out(step)
            steps = []
        for step in steps:
            channel.out(step)
        newest = max(newest, channel.window.newest)
        if turn < CLOSELY or evening.chance.random() < OFTEN:
            visitor.look()
    channel.learn(state(State.ENDED), now_ns, 0)
    assert channel.ends(10**15)
    visitor.look()
    last = visitor.watched.last
    assert last is not None
    assert last.over
    assert last.segments[-1].number == newest // MESSAGES_PER_SEGMENT
    assert visitor.watched.reads > CLOSELY
    assert last.discontinuity_sequence > 50
    assert min(visitor.seen[kind] for kind in ("seg", "part", "fill", "fillpart")) > 10


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        ("#EXT-X-PROGRAM", "#EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM", "M10"),
        ("MEDIA-SEQUENCE:0", "MEDIA-SEQUENCE:1", "M|removed"),
        ("\nseg-1.", "\nfill-edge-0-1.", "6.2.1-M10"),
        ("part-2-0", "part-2-9", "M10"),
        ("DURATION=0.32000", "DURATION=0.10000", "4.4.4.9"),
        ("=1.60000", "=0.30000", "PART-HOLD-BACK"),
        ('T:TYPE=PART,URI="part-2-2', 'T:TYPE=PART,URI="part-2-1', "6.2.6"),
    ],
)
def test_the_strict_reader_is_strict(before: str, after: str, rule: str) -> None:
    channel = Channel("hall", "edge-0", filler)
    for number in range(2 * MESSAGES_PER_SEGMENT + 6):
        for step in channel.take(message(number), 0):
            channel.out(step)
    text = channel.shelf.media(Codec.AAC).decode()
    watched = Watched()
    watched.see(text)
    watched.see(text)
    with pytest.raises(AssertionError, match=rule):
        watched.see(text.replace(before, after, 1))
