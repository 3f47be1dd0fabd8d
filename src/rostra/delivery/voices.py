"""Takes reactions and hands from listeners, within limits, and merges them for the next tally."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal, TypeVar

import msgspec

from rostra.delivery.allowance import NS_PER_S, Allowance, Rate
from rostra.delivery.hands import HAND_NS, Hands, Source
from rostra.delivery.refusals import Code, RefusedError
from rostra.domain.voices import HANDS_PER_TALLY_MAX, LISTENER

VOICE_BYTES_MAX: Final = 1_024
"""A body has at most 110 bytes as our page writes it."""

REACTIONS_PER_LISTENER: Final = Rate(per_s=2, burst=5)
"""A person who claps along; faster is a script."""

HANDS_PER_LISTENER: Final = Rate(per_s=1, burst=3)
"""Up, down by mistake, and up again."""

VOICES_PER_SOURCE: Final = Rate(per_s=50, burst=500)
"""From one address, right or wrong: a school of 500 behind one claps once at the same moment."""

VOICES_PER_PREFIX: Final = Rate(per_s=200, burst=1_000)
"""From one IPv4 /24 or IPv6 /48, right or wrong: a whole one takes a tenth of what an edge does."""

VOICES_PER_EDGE: Final = Rate(per_s=2_000, burst=4_000)
"""What an edge takes from all together: about a tenth of its core."""

LISTENERS_MAX: Final = 50_000
"""Listeners whose pace is remembered, about 9 MB; it is forgotten for who was silent longest."""

SOURCES_MAX: Final = 20_000
"""Addresses, and prefixes, whose pace is remembered, about 3 MB each."""

_Id = Annotated[str, msgspec.Meta(pattern=rf"\A{LISTENER}\Z")]


class Reaction(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /live/SPACE/reactions`."""

    reaction: Literal["clap", "heart", "laugh", "wow", "agree"]
    listener: _Id


class Hand(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /live/SPACE/hands`."""

    up: bool
    listener: _Id


_REACTION: Final = msgspec.json.Decoder(Reaction)
_HAND: Final = msgspec.json.Decoder(Hand)
_T = TypeVar("_T")


def read_reaction(body: bytes) -> Reaction:
    """Parse strictly; RefusedError (400, 413) for everything else."""
    return _read(_REACTION, body, '{"reaction": "clap", "listener": "…"}')


def read_hand(body: bytes) -> Hand:
    """Parse strictly; RefusedError (400, 413) for everything else."""
    return _read(_HAND, body, '{"up": true, "listener": "…"}')


def _read(decoder: msgspec.json.Decoder[_T], body: bytes, example: str) -> _T:
    if len(body) > VOICE_BYTES_MAX:
        raise RefusedError(Code.TOO_LARGE, limit=VOICE_BYTES_MAX)
    try:
        return decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise RefusedError(Code.BAD_BODY, example=example) from error


class Voices:
    """What came since the last tally, by space; every limit is kept here."""

    def __init__(self) -> None:
        self._reacting = Allowance(REACTIONS_PER_LISTENER, LISTENERS_MAX)
        self._raising = Allowance(HANDS_PER_LISTENER, LISTENERS_MAX)
        self._sources = Allowance(VOICES_PER_SOURCE, SOURCES_MAX)
        self._prefixes = Allowance(VOICES_PER_PREFIX, SOURCES_MAX)
        self._all = Allowance(VOICES_PER_EDGE, 1)
        self._reactions: dict[str, dict[str, int]] = {}
        self._hands: dict[str, dict[str, bool]] = {}
        self._up = Hands()
        self.taken = {"reactions": 0, "hands": 0}
        self.refused = {"source": 0, "prefix": 0, "body": 0, "listener": 0, "edge": 0}
        """By what refused it."""

    def take(self, space: str, name: str, body: bytes, source: Source, now_ns: int) -> None:
        """One POST to `name` ("reactions", "hands"); RefusedError says why it does not count.

        The address is asked first, so that a flood of nonsense costs its own allowance; then the
        prefix, for whoever has one IPv6 /64 commonly has others.
        """
        self._within("source", self._sources.take(source.address, now_ns))
        self._within("prefix", self._prefixes.take(source.prefix, now_ns))
        try:
            if name == "reactions":
                self._react(space, read_reaction(body), now_ns)
            else:
                self._raise(space, read_hand(body), source, now_ns)
        except RefusedError as error:
            self.refused["body"] += error.code in {Code.BAD_BODY, Code.TOO_LARGE}
            raise
        self.taken[name] += 1

    def told(self, space: str) -> tuple[dict[str, int], dict[str, bool]]:
        """Reactions by kind, and who raised (True) or lowered a hand, since this was last asked."""
        return self._reactions.pop(space, {}), self._hands.pop(space, {})

    def untold(self, space: str, hands: Mapping[str, bool]) -> None:
        """These were told and did not arrive: tell them again, unless there is newer word.

        Reactions are not: they would be about another moment.
        """
        waiting = self._hands.get(space, {})
        back = [(one, up) for one, up in hands.items() if one not in waiting]
        self._hands[space] = {**dict(back[: HANDS_PER_TALLY_MAX - len(waiting)]), **waiting}

    def forget(self, space: str) -> None:
        """The space is over."""
        self.told(space)
        self._up.forget(space)

    def _react(self, space: str, one: Reaction, now_ns: int) -> None:
        self._within("listener", self._reacting.take(one.listener, now_ns))
        self._within("edge", self._all.take(None, now_ns))
        counts = self._reactions.setdefault(space, {})
        counts[one.reaction] = counts.get(one.reaction, 0) + 1

    def _raise(self, space: str, one: Hand, source: Source, now_ns: int) -> None:
        self._within("listener", self._raising.take(one.listener, now_ns))
        self._within("edge", self._all.take(None, now_ns))
        hands = self._hands.setdefault(space, {})
        if one.listener not in hands and len(hands) >= HANDS_PER_TALLY_MAX:
            self._within("edge", NS_PER_S)
        if not one.up:
            self._up.lowered(space, one.listener)
        elif not self._up.raised(space, one.listener, source, now_ns):
            self._within("source", HAND_NS)
        hands[one.listener] = one.up

    def _within(self, limit: str, wait_ns: int) -> None:
        if wait_ns:
            self.refused[limit] += 1
            raise RefusedError(Code.TOO_OFTEN, seconds=-(-wait_ns // NS_PER_S))
