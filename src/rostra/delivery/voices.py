"""Takes what listeners send, within limits, and merges it for the next tally."""

from functools import partial
from typing import Annotated, Final, Literal

import msgspec

from rostra.delivery.allowance import NS_PER_S, Allowance, Rate
from rostra.delivery.asking import Asking, check_asking, check_listed, read_back, read_question
from rostra.delivery.bodies import WRITTEN_BYTES_MAX, ListenerId, Voice, line, read, voice_of
from rostra.delivery.hands import HAND_NS, Hands, Source
from rostra.delivery.polling import Polling, check_open, read_vote
from rostra.delivery.refusals import Code, RefusedError
from rostra.domain.limits import NAME_CHARS_MAX
from rostra.domain.voices import (
    ASKS_PER_TALLY_MAX,
    CLAIM,
    HANDS_PER_TALLY_MAX,
    NOTE_CHARS_MAX,
)
from rostra.wire.messages import SpaceTally
from rostra.wire.states import SpaceState

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

HAND_EXAMPLE: Final = '{"up": true, "listener": "…"}'


class Reaction(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /live/SPACE/reactions`."""

    reaction: Literal["clap", "heart", "laugh", "wow", "agree"]
    listener: ListenerId


class Hand(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /live/SPACE/hands`; only who gives a claim can be invited."""

    up: bool
    listener: ListenerId
    claim: Annotated[str, msgspec.Meta(pattern=rf"\A(?:{CLAIM})?\Z")] = ""
    name: str = ""
    note: str = ""


KEYLESS: Final = partial(voice_of, b"")
"""Voices of an edge that shares no key."""

_REACTION: Final = msgspec.json.Decoder(Reaction)
_HAND: Final = msgspec.json.Decoder(Hand)


def read_reaction(body: bytes) -> Reaction:
    """Parse strictly; RefusedError (400, 413) for everything else."""
    return read(_REACTION, body, '{"reaction": "clap", "listener": "…"}')


def read_hand(body: bytes) -> Hand:
    """Parse strictly, the texts as they are kept; RefusedError (400, 413) for everything else."""
    one = read(_HAND, body, HAND_EXAMPLE, WRITTEN_BYTES_MAX)
    name = line(one.name, NAME_CHARS_MAX, HAND_EXAMPLE)
    note = line(one.note, NOTE_CHARS_MAX, HAND_EXAMPLE)
    return Hand(one.up, one.listener, one.claim, name, note)


class Voices:
    """What came since the last tally, by space; every limit is kept here."""

    def __init__(self, voice: Voice = KEYLESS) -> None:
        self._reacting = Allowance(REACTIONS_PER_LISTENER, LISTENERS_MAX)
        self._raising = Allowance(HANDS_PER_LISTENER, LISTENERS_MAX)
        self._sources = Allowance(VOICES_PER_SOURCE, SOURCES_MAX)
        self._prefixes = Allowance(VOICES_PER_PREFIX, SOURCES_MAX)
        self._all = Allowance(VOICES_PER_EDGE, 1)
        self._reactions: dict[str, dict[str, int]] = {}
        self._hands: dict[str, dict[str, bool]] = {}
        self._asks: dict[str, dict[str, tuple[str, str, str]]] = {}
        self._up = Hands()
        self._asking = Asking(voice, self._within, self._all)
        self._polling = Polling(voice, self._within, self._all)
        self.taken = dict.fromkeys(("reactions", "hands", "questions", "backs", "votes"), 0)
        self.refused = {"source": 0, "prefix": 0, "body": 0, "listener": 0, "edge": 0}
        """By what refused it."""

    def take(self, state: SpaceState, name: str, body: bytes, source: Source, now_ns: int) -> str:
        """One POST to `name`; RefusedError says why it does not count.

        The address is asked first, so that a flood of nonsense costs its own allowance; then the
        prefix, for whoever has one IPv6 /64 commonly has others. Questions, backs and votes are
        for a space alone whose `state` asks for them. Returns a question's id, else nothing.
        """
        self._within("source", self._sources.take(source.address, now_ns))
        self._within("prefix", self._prefixes.take(source.prefix, now_ns))
        try:
            found = self._read(state, name, body, source, now_ns)
        except RefusedError as error:
            self.refused["body"] += error.code in {Code.BAD_BODY, Code.TOO_LARGE}
            raise
        self.taken[name] += 1
        return found

    def told(self, space: str) -> tuple[dict[str, int], dict[str, bool]]:
        """Reactions by kind, and who raised (True) or lowered a hand, since this was last asked."""
        return self._reactions.pop(space, {}), self._hands.pop(space, {})

    def tallied(self, row: SpaceTally) -> SpaceTally:
        """A row of the tally with what was said in its space since the last one."""
        reactions, hands = self.told(row.space)
        questions, backs = self._asking.told(row.space)
        return msgspec.structs.replace(
            row,
            reactions=reactions,
            hands=hands,
            asks=self._asks.pop(row.space, {}),
            questions=questions,
            backs=backs,
            votes=self._polling.told(row.space),
        )

    def untold(self, row: SpaceTally) -> None:
        """These were told and did not arrive: tell them again, unless there is newer word.

        Reactions are not: they would be about another moment.
        """
        space = row.space
        waiting = self._hands.get(space, {})
        back = [(one, up) for one, up in row.hands.items() if one not in waiting]
        again = dict(back[: HANDS_PER_TALLY_MAX - len(waiting)])
        for one in again.keys() & row.asks.keys():
            if self._asks_waiting() < ASKS_PER_TALLY_MAX:
                self._asks.setdefault(space, {})[one] = row.asks[one]
        if row.hands:
            self._hands[space] = {**again, **waiting}
        self._asking.untold(space, row.questions, row.backs)
        self._polling.untold(space, row.votes)

    def forget(self, space: str) -> None:
        """The space is over."""
        self.tallied(SpaceTally(space))
        self._up.forget(space)

    def _read(self, state: SpaceState, name: str, body: bytes, source: Source, now_ns: int) -> str:
        if name == "reactions":
            self._react(state.id, read_reaction(body), now_ns)
        elif name == "hands":
            self._raise(state.id, read_hand(body), source, now_ns)
        else:
            return self._asked(state, name, body, source, now_ns)
        return ""

    def _asked(self, state: SpaceState, name: str, body: bytes, source: Source, now_ns: int) -> str:
        """What a space must ask for: 409 where it does not."""
        if name == "questions":
            question = read_question(body)
            check_asking(state)
            return self._asking.ask(state.id, question, source, now_ns)
        if name == "backs":
            back = read_back(body)
            check_listed(state, back.question)
            self._asking.back(state.id, back, source, now_ns)
        else:
            vote = read_vote(body)
            check_open(state, vote)
            self._polling.vote(state.id, vote, source, now_ns)
        return ""

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
        self._ask(space, one)
        hands[one.listener] = one.up

    def _ask(self, space: str, one: Hand) -> None:
        asks = self._asks.setdefault(space, {})
        asks.pop(one.listener, None)
        if one.up and one.claim and self._asks_waiting() < ASKS_PER_TALLY_MAX:
            # Beyond it the hand is told alone, and its words when it is raised again.
            asks[one.listener] = one.claim, one.name, one.note

    def _asks_waiting(self) -> int:
        return sum(map(len, self._asks.values()))

    def _within(self, limit: str, wait_ns: int) -> None:
        if wait_ns:
            self.refused[limit] += 1
            raise RefusedError(Code.TOO_OFTEN, seconds=-(-wait_ns // NS_PER_S))
