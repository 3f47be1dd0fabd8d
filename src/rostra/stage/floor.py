"""Who is on stage, who is muted, and who may change that.

A place is kept while its holder's connection is lost; a removed person does not come back with an
old ticket. Microseconds of one clock come in as `now_us`.
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Final

from rostra.domain.errors import ForbiddenError, NotFoundError, PeerError
from rostra.domain.limits import COMMANDS_PER_S_MAX, NAME_CHARS_MAX, SPEAKERS_MAX
from rostra.domain.space import Role
from rostra.wire.states import OnStage

PLACE_KEPT_US: Final = 300_000_000
"""Five minutes: a train's tunnel or a router's restart; then somebody else may have the place."""

NEVER_CAME_US: Final = 30_000_000
"""Who was answered but never connected holds a place no longer than this."""

COMING_US: Final = 5_000_000
"""A connection takes 0.2 s, 2 s on a bad network: on a full stage, who was answered longer ago and
is not there gives way to whoever comes; to hosts and to those who come back, at once."""

HOST_PLACES: Final = 1
"""Places beyond the stage's for a host while no host is here: somebody must be able to clear it."""

REMOVED_MAX: Final = 200
"""Removed people remembered, the oldest forgotten first: a host removes a handful, and the space's
state, which every edge has, carries them (4 kB)."""

_SECOND_US: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Place:
    """One participant's place; `away_since_us` is None while they are connected."""

    id: str
    name: str
    role: Role
    muted: bool
    away_since_us: int | None
    came: bool = False
    """Whether they were ever connected."""

    @property
    def here(self) -> bool:
        """Whether their connection stands."""
        return self.away_since_us is None


@dataclass(slots=True)
class _Bucket:
    """A token bucket: `COMMANDS_PER_S_MAX` at once, refilled over a second."""

    tokens: float = COMMANDS_PER_S_MAX
    filled_us: int = 0

    def take(self, now_us: int) -> bool:
        gained = (now_us - self.filled_us) * COMMANDS_PER_S_MAX / _SECOND_US
        self.tokens = min(float(COMMANDS_PER_S_MAX), self.tokens + max(gained, 0.0))
        self.filled_us = now_us
        if self.tokens < 1.0:
            return False
        self.tokens -= 1.0
        return True


@dataclass(slots=True)
class Floor:
    """The places of one stage, in order of arrival."""

    speakers_max: int = SPEAKERS_MAX
    _places: dict[str, Place] = field(default_factory=dict)
    _buckets: dict[str, _Bucket] = field(default_factory=dict)
    _removed: dict[str, None] = field(default_factory=dict)

    def make_way(
        self, participant: str, role: Role, now_us: int, *, returning: bool = False
    ) -> tuple[str, ...]:
        """Who have to give their places up before this participant's `join`; often nobody.

        On a full stage those are who were answered longest ago and never came, so that a stage
        full of offers that came to nothing keeps nobody out. `returning` is who was here before.
        """
        if participant in self._places or participant in self._removed:
            return ()
        needed = len(self._places) - self._places_for(role) + 1
        at_once = returning or role is Role.HOST
        ghosts = sorted(
            (place.away_since_us, place.id)
            for place in self._places.values()
            if place.away_since_us is not None
            and not place.came
            and (at_once or now_us - place.away_since_us > COMING_US)
        )
        if needed <= 0 or len(ghosts) < needed:
            return ()
        return tuple(ghost for _, ghost in ghosts[:needed])

    def join(self, participant: str, name: str, role: Role, now_us: int) -> bool:
        """Give a place, or the kept one back; True if it is new.

        A place is away until `connected`. Raises PeerError (409) when the stage is full and
        ForbiddenError for somebody who was removed.
        """
        if participant in self._removed:
            sentence = "A host took you off this stage. Ask the host for a new link."
            raise ForbiddenError(sentence)
        if participant in self._places:
            return False
        if not self._fits(role):
            sentence = f"The stage is full: {self.speakers_max} people are on it. Try again later."
            raise PeerError(sentence, status=409)
        self._places[participant] = Place(
            participant, _tidy(name), role, muted=False, away_since_us=now_us
        )
        self._buckets[participant] = _Bucket(filled_us=now_us)
        return True

    def _places_for(self, role: Role) -> int:
        """How many places there are; a host finds one more while no host is here."""
        host_here = any(one.here and one.role is Role.HOST for one in self._places.values())
        return self.speakers_max + (HOST_PLACES if role is Role.HOST and not host_here else 0)

    def _fits(self, role: Role) -> bool:
        return len(self._places) < self._places_for(role)

    def restore(self, people: Iterable[OnStage], now_us: int, removed: Iterable[str] = ()) -> None:
        """Keep the places of a stage that another studio ran: everybody away, the muted muted.

        Whoever was removed there stays removed here.
        """
        self._removed = dict.fromkeys(tuple(removed)[-REMOVED_MAX:])
        for one in people:
            if not self._fits(Role(one.role)):
                continue
            self._places[one.id] = Place(
                one.id, one.name, Role(one.role), one.muted, away_since_us=now_us, came=True
            )
            self._buckets[one.id] = _Bucket(filled_us=now_us)

    def connected(self, participant: str) -> bool:
        """Their connection stands; True if that is news."""
        place = self._places.get(participant)
        if place is None or place.here:
            return False
        self._places[participant] = replace(place, away_since_us=None, came=True)
        return True

    def lost(self, participant: str, now_us: int) -> bool:
        """Their connection is gone, the place is kept; True if that is news."""
        place = self._places.get(participant)
        if place is None or not place.here:
            return False
        self._places[participant] = replace(place, away_since_us=now_us)
        return True

    def mute(self, by: str, who: str, *, on: bool) -> bool:
        """Mute or unmute `who` (empty: oneself); True if that changed anything.

        A host mutes anybody, but nobody unmutes somebody else: a microphone is opened by its
        owner alone. Raises ForbiddenError, or NotFoundError for who is not on stage.
        """
        place = self.place(who or by)
        if place.id != by:
            self.require_host(by, "mute others")
            if not on:
                sentence = f"Only {place.name} can unmute {place.name}. Ask them to."
                raise ForbiddenError(sentence)
        if place.muted == on:
            return False
        self._places[place.id] = replace(place, muted=on)
        return True

    def remove(self, by: str, who: str) -> Place:
        """A host takes somebody off the stage for good. Raises ForbiddenError, NotFoundError."""
        self.require_host(by, "take people off the stage")
        place = self.place(who)
        if place.id == by:
            sentence = "You cannot remove yourself. Leave the stage instead."
            raise ForbiddenError(sentence)
        if len(self._removed) >= REMOVED_MAX:
            del self._removed[next(iter(self._removed))]
        self._removed[place.id] = None
        self.leave(place.id)
        return place

    def leave(self, participant: str) -> bool:
        """Give the place up; True if there was one."""
        self._buckets.pop(participant, None)
        return self._places.pop(participant, None) is not None

    def expired(self, now_us: int) -> tuple[str, ...]:
        """Who has been away for so long that their place is free."""
        return tuple(
            place.id
            for place in self._places.values()
            if place.away_since_us is not None
            and now_us - place.away_since_us > (PLACE_KEPT_US if place.came else NEVER_CAME_US)
        )

    def spend(self, participant: str, now_us: int) -> None:
        """Count one command; PeerError (429) beyond `COMMANDS_PER_S_MAX` a second."""
        bucket = self._buckets.get(participant)
        if bucket is None or not bucket.take(now_us):
            sentence = f"More than {COMMANDS_PER_S_MAX} commands a second. Wait a moment."
            raise PeerError(sentence, status=429)

    def require_host(self, participant: str, what: str) -> None:
        """ForbiddenError unless the participant is a host."""
        if self.place(participant).role is not Role.HOST:
            sentence = f"Only a host can {what}."
            raise ForbiddenError(sentence)

    def place(self, participant: str) -> Place:
        """The participant's place; NotFoundError (404) if there is none."""
        place = self._places.get(participant)
        if place is None:
            sentence = f"{participant[:40]!r} is not on this stage."
            raise NotFoundError(sentence)
        return place

    def __contains__(self, participant: object) -> bool:
        return participant in self._places

    def __len__(self) -> int:
        return len(self._places)

    @property
    def removed(self) -> tuple[str, ...]:
        """Who may not come back, oldest first."""
        return tuple(self._removed)

    @property
    def lasting(self) -> tuple[object, ...]:
        """What must outlast a crash; it changes when somebody comes, goes, or is muted."""
        places = ((one.id, one.role, one.muted) for one in self._places.values())
        return (*places, len(self._removed), next(reversed(self._removed), ""))

    @property
    def muted(self) -> frozenset[str]:
        """Who may not be heard."""
        return frozenset(place.id for place in self._places.values() if place.muted)

    def people(self, speaking: AbstractSet[str] = frozenset()) -> tuple[OnStage, ...]:
        """The stage as everybody may know it, in order of arrival."""
        return tuple(
            OnStage(
                id=place.id,
                name=place.name,
                role=place.role.value,
                muted=place.muted,
                here=place.here,
                speaking=place.id in speaking and place.here and not place.muted,
            )
            for place in self._places.values()
        )


def _tidy(name: str) -> str:
    """One printable line; PeerError if it is too long."""
    tidy = " ".join("".join(char if char.isprintable() else " " for char in name).split())
    if len(tidy) > NAME_CHARS_MAX:
        sentence = f"A name has at most {NAME_CHARS_MAX} characters; this one has {len(tidy)}."
        raise PeerError(sentence)
    return tidy or "Speaker"
