"""Takes votes of the poll that is open, for the next tally."""

from collections.abc import Mapping
from typing import Annotated, Final

import msgspec

from rostra.delivery.allowance import NS_PER_S, Allowance, Rate
from rostra.delivery.bodies import ListenerId, Voice, Within, read
from rostra.delivery.hands import Source
from rostra.delivery.refusals import Code, RefusedError
from rostra.domain.voices import HASHES_PER_TALLY_MAX, POLL_CHOICES_MAX, POLL_ID_CHARS_MAX
from rostra.wire.states import SpaceState

VOTES_PER_LISTENER: Final = Rate(per_s=1 / 2, burst=4)
"""A vote, and a change of mind or two."""

VOTES_PER_SOURCE: Final = Rate(per_s=1, burst=100)
"""From one address, whose listeners may all be one script: a school of 500 behind one line has
voted within seven minutes, and no machine counts for more than 60 a minute."""

VOTES_PER_PREFIX: Final = Rate(per_s=5, burst=500)
"""From one IPv4 /24 or IPv6 /48: a carrier has thousands of phones behind one."""

LISTENERS_MAX: Final = 50_000
"""Listeners whose pace is remembered, about 9 MB."""

SOURCES_MAX: Final = 20_000
"""Addresses, and prefixes, whose pace is remembered."""

VOTE_EXAMPLE: Final = '{"poll": "…", "choice": 0, "listener": "…"}'


class Vote(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `POST /live/SPACE/votes`; choices count from 0."""

    poll: Annotated[str, msgspec.Meta(min_length=1, max_length=POLL_ID_CHARS_MAX)]
    choice: Annotated[int, msgspec.Meta(ge=0, lt=POLL_CHOICES_MAX)]
    listener: ListenerId


_VOTE: Final = msgspec.json.Decoder(Vote)


def read_vote(body: bytes) -> Vote:
    """Parse strictly; RefusedError (400, 413) for everything else."""
    return read(_VOTE, body, VOTE_EXAMPLE)


def check_open(state: SpaceState, vote: Vote) -> None:
    """RefusedError: 409 unless this poll is open, 400 for a choice that it does not have."""
    poll = state.poll
    if poll is None or poll.id != vote.poll or not poll.open:
        raise RefusedError(Code.POLL_CLOSED)
    if vote.choice >= len(poll.choices):
        raise RefusedError(Code.BAD_BODY, example=VOTE_EXAMPLE)


class Polling:
    """Votes since the last tally, by space; of a listener the last one counts."""

    def __init__(self, voice: Voice, within: Within, everybody: Allowance) -> None:
        self._voice = voice
        self._within = within
        self._everybody = everybody
        self._voting = Allowance(VOTES_PER_LISTENER, LISTENERS_MAX)
        self._sources = Allowance(VOTES_PER_SOURCE, SOURCES_MAX)
        self._prefixes = Allowance(VOTES_PER_PREFIX, SOURCES_MAX)
        self._votes: dict[str, tuple[str, dict[int, int]]] = {}
        """By space: the poll, and who chose what."""

    def vote(self, space: str, one: Vote, source: Source, now_ns: int) -> None:
        """A vote of the open poll; RefusedError where it is too many."""
        self._within("listener", self._voting.take(one.listener, now_ns))
        self._within("source", self._sources.take(source.address, now_ns))
        self._within("prefix", self._prefixes.take(source.prefix, now_ns))
        self._within("edge", self._everybody.take(None, now_ns))
        self._within("edge", 0 if self._waiting() < HASHES_PER_TALLY_MAX else NS_PER_S)
        poll, votes = self._votes.get(space, ("", {}))
        if poll != one.poll:
            votes = {}  # of a poll that is over
        votes[self._voice(space, one.listener)] = one.choice
        self._votes[space] = one.poll, votes

    def told(self, space: str) -> dict[str, dict[int, tuple[int, ...]]]:
        """Who chose what, since this was last asked: poll, choice, hashes."""
        poll, votes = self._votes.pop(space, ("", {}))
        chosen: dict[int, list[int]] = {}
        for who, choice in votes.items():
            chosen.setdefault(choice, []).append(who)
        return {poll: {one: tuple(who) for one, who in chosen.items()}} if chosen else {}

    def untold(self, space: str, votes: Mapping[str, Mapping[int, tuple[int, ...]]]) -> None:
        """These did not arrive: tell them again, unless there is newer word or another poll."""
        for poll, chosen in votes.items():
            now, waiting = self._votes.get(space, (poll, {}))
            if now != poll:
                continue
            back = {who: choice for choice, all_ in chosen.items() for who in all_}
            if self._waiting() + len(back) <= HASHES_PER_TALLY_MAX:
                self._votes[space] = poll, {**back, **waiting}

    def _waiting(self) -> int:
        return sum(len(votes) for _, votes in self._votes.values())
