"""A name that caches may keep has one content, whatever two edges lose, wait for and mend."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fakes.grid_messages import loop as hold_loop
from tests.fakes.grid_messages import message

from rostra.delivery.channel import Channel
from rostra.delivery.filling import MESSAGE_NS
from rostra.delivery.refusals import RefusedError
from rostra.domain.grid import (
    MESSAGES_PER_SEGMENT,
    PARTS_PER_SEGMENT,
    message_pts,
)
from rostra.domain.media import Codec
from rostra.wire.hold import fill_message
from rostra.wire.messages import Notice, ProgrammeMessage
from rostra.wire.playlist_read import read_media

MESSAGES = 4 * MESSAGES_PER_SEGMENT
SEGMENTS = range(MESSAGES // MESSAGES_PER_SEGMENT + 1)
LOST = None

# What becomes of one message on its way: it is there at once, late by so many, or never comes.
FATES = st.one_of(st.just(0), st.just(0), st.just(0), st.integers(1, 15), st.just(LOST))
BURSTS = st.tuples(st.integers(0, MESSAGES), st.integers(0, 25), FATES)


@st.composite
def ways(draw: st.DrawFn) -> list[int | None]:
    """The fate of each message at one edge: single ones, and stretches of one fate."""
    fates: list[int | None] = [0] * MESSAGES
    for first, length, fate in draw(st.lists(BURSTS, max_size=6)):
        fates[first : first + length] = [fate] * len(fates[first : first + length])
    return fates


def said(number: int) -> ProgrammeMessage:
    """A message with now and then a notice."""
    told = () if number % 4 else (Notice("caption", message_pts(number), {"text": str(number)}),)
    return message(number, notices=told)


def filler(run: str, epoch_utc_us: int, number: int) -> ProgrammeMessage:
    return fill_message(hold_loop(), "hall", run, epoch_utc_us, number)


@dataclass
class Edge:
    """One edge, fed by the turn of the grid."""

    name: str
    fates: list[int | None]
    own: dict[tuple[Codec, str], bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.channel = Channel("hall", self.name, filler)
        self.due: dict[int, list[int]] = {}
        for number, fate in enumerate(self.fates):
            if fate is not None:
                self.due.setdefault(number + fate, []).append(number)

    def turn(self, at: int) -> None:
        now_ns = at * MESSAGE_NS
        for step in self.channel.due(now_ns):
            self.channel.out(step)
        for number in self.due.get(at, ()):
            for step in self.channel.take(said(number), now_ns):
                self.channel.out(step)

    def cacheable(self) -> Iterator[tuple[tuple[Codec, str], bytes]]:
        """Whatever it gives under the names that all edges share, listed or not."""
        shelf = self.channel.shelf
        for codec in (Codec.AAC, Codec.OPUS):
            for number in SEGMENTS:
                with suppress(RefusedError):
                    yield (codec, f"seg-{number}"), shelf.segment(number, codec)
                for part in range(PARTS_PER_SEGMENT):
                    with suppress(RefusedError):
                        yield (codec, f"part-{number}-{part}"), shelf.part(number, part, codec)

    def listed(self) -> list[str]:
        with suppress(RefusedError):
            now = read_media(self.channel.shelf.media(Codec.AAC).decode())
            parts = [part for one in now.segments for part in one.parts]
            named = [part.name for part in (*parts, *now.next_parts)]
            return named + [segment.name for segment in now.segments]
        return []

    def check_fills(self, names: list[str]) -> None:
        """A fill has this edge's name and, once listed, the same bytes for as long as it is."""
        for name in names:
            if not name.startswith("fill"):
                continue
            kind, rest = name.removesuffix(".m4s").split(f"-{self.name}-")
            number, _, part = rest.partition("-")
            shelf, named = self.channel.shelf, (self.name, int(number))
            body = shelf.fill(*named) if kind == "fill" else shelf.fill_part(*named, int(part))
            assert self.own.setdefault((Codec.AAC, name), body) == body


@given(ways(), ways())
@settings(max_examples=40, deadline=None)
def test_a_name_that_may_be_cached_has_one_content(
    here: list[int | None], there: list[int | None]
) -> None:
    edges = Edge("edge-0", here), Edge("edge-1", there)
    given: dict[tuple[Codec, str], bytes] = {}
    for at in range(MESSAGES + 16):
        for edge in edges:
            edge.turn(at)
            if at % 3 and at < MESSAGES:
                continue
            for key, body in edge.cacheable():
                assert given.setdefault(key, body) == body, (edge.name, key)
            names = edge.listed()
            edge.check_fills(names)
            for name in names:
                stem = name.removesuffix(".m4s")
                assert name.startswith("fill") or (Codec.AAC, stem) in given, name
    expected = b"".join(given.get((Codec.AAC, f"part-1-{part}"), b"") for part in range(6))
    assert given.get((Codec.AAC, "seg-1"), expected) == expected
