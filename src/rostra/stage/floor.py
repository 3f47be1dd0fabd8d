"""Who is on stage and behind it, who is muted, and who may change that.

A place is kept while its holder's connection is lost; a removed person does not come back with an
old ticket. Microseconds of one clock come in as `now_us`.
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Final

from rostra.domain.errors import ForbiddenError, NotFoundError, PeerError
from rostra.domain.limits import COMMANDS_PER_S_MAX, SPEAKERS_MAX
from rostra.domain.space import Role
from rostra.stage import newest
from rostra.stage.bans import Bans
from rostra.stage.invitations import Invitations
from rostra.stage.lock import Lock
from rostra.stage.parted import Parted
from rostra.stage.places import BACKSTAGE, ON_STAGE, Arrival, Place, Ration, tidy_name
from rostra.stage.queue import Queue
from rostra.stage.rights import RIGHTS, require
from rostra.stage.seating import Seating, seating_of, unheard
from rostra.wire.stagelink import Remove, Told
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

ROLES_MAX: Final = 100
"""Roles that hosts gave and that are remembered beyond a place, the oldest forgotten first."""

NEWCOMER: Final = Arrival()


@dataclass(slots=True)
class Floor:
    """The places of one stage, in order of arrival, and all that hosts have decided about it.

    `queue`, `invitations`, `bans` and `lock` are rules of their own; `arrive` is where those who
    come with a link arrive; `message` and `next_up` are what hosts say to everybody.
    """

    speakers_max: int = SPEAKERS_MAX
    queue: Queue = field(default_factory=Queue)
    invitations: Invitations = field(default_factory=Invitations)
    bans: Bans = field(default_factory=Bans)
    lock: Lock = field(default_factory=Lock)
    arrive: str = ON_STAGE
    message: str = ""
    next_up: tuple[str, str] = ("", "")
    """Participant or claim, and name, of who speaks next."""
    _places: dict[str, Place] = field(default_factory=dict)
    _rations: dict[str, Ration] = field(default_factory=dict)
    _removed: dict[str, None] = field(default_factory=dict)
    _roles: dict[str, Role] = field(default_factory=dict)
    _parted: Parted = field(default_factory=Parted)
    _told: list[tuple[str, Told]] = field(default_factory=list)

    # -- coming and going

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

    def check(self, participant: str, arrival: Arrival) -> None:
        """ForbiddenError for somebody who was removed or banned, or whose way in is closed."""
        if participant in self._removed:
            sentence = "A host took you off this stage. Ask the host for a new link."
            raise ForbiddenError(sentence)
        self.bans.check(
            arrival.marks, returning=arrival.returning, has_place=participant in self._places
        )

    def join(
        self, participant: str, name: str, role: Role, now_us: int, arrival: Arrival = NEWCOMER
    ) -> bool:
        """Give a place, or the kept one back; True if it is new.

        A place is away until `connected`. A role that a host gave counts more than `role`. Raises
        PeerError (409) when the stage is full, and what `check` raises.
        """
        self.check(participant, arrival)
        kept = self._places.get(participant)
        if kept is not None:
            known = arrival.marks.or_else(kept.marks)
            self._places[participant] = replace(
                kept, marks=known, photo=arrival.photo or kept.photo
            )
            return False
        role = self._roles.get(participant, role)
        if not self._fits(role):
            sentence = (
                f"The stage is full: {self.speakers_max} people are on it or behind it. "
                "Try again later."
            )
            raise PeerError(sentence, status=409)
        place = Place(
            participant,
            tidy_name(name),
            role,
            muted=False,
            away_since_us=now_us,
            where=self._where(role, now_us, called=arrival.called),
            photo=arrival.photo,
            marks=arrival.marks,
        )
        self._places[participant] = self._as_before(place, now_us, called=arrival.called)
        self._rations[participant] = Ration(filled_us=now_us)
        return True

    def _as_before(self, place: Place, now_us: int, *, called: bool) -> Place:
        """Who has left and comes again sheds nothing that a host has decided about them."""
        before = self._parted.before(place.id, place.marks, self.places)
        if before is None or called or place.is_host:
            return place
        return replace(
            place,
            where=before.where if before.where == BACKSTAGE else place.where,
            muted=before.time_is_up(now_us),
            until_us=before.until_us,
            until_utc_us=before.until_utc_us,
            warned=before.warned,
        )

    def _where(self, role: Role, now_us: int, *, called: bool) -> str:
        """Where a newcomer arrives: hosts on stage, others behind a stage that is locked."""
        if role in {Role.HOST, Role.COHOST}:
            return ON_STAGE
        if self.lock.reason(now_us):
            return BACKSTAGE
        return ON_STAGE if called else self.arrive

    def _places_for(self, role: Role) -> int:
        """How many places there are; a host finds one more while no host is here."""
        more = role in {Role.HOST, Role.COHOST} and not self._host_here()
        return self.speakers_max + (HOST_PLACES if more else 0)

    def _host_here(self) -> bool:
        return any(one.here and one.is_host for one in self._places.values())

    def _fits(self, role: Role) -> bool:
        return len(self._places) < self._places_for(role)

    def restore(self, people: Iterable[OnStage], now_us: int, removed: Iterable[str] = ()) -> None:
        """Keep the places of a stage that another studio ran: everybody away, the muted muted.

        Whoever was removed there stays removed here. `keeping.restore` does the rest.
        """
        self._removed = dict.fromkeys(tuple(removed)[-REMOVED_MAX:])
        for one in people:
            if not self._fits(Role(one.role)):
                continue
            self._places[one.id] = Place(
                one.id,
                one.name,
                Role(one.role),
                one.muted,
                away_since_us=now_us,
                came=True,
                where=one.where,
                photo=one.photo,
            )
            self._rations[one.id] = Ration(filled_us=now_us)

    def connected(self, participant: str, now_us: int = 0) -> bool:
        """Their connection stands; True if that is news."""
        place = self._places.get(participant)
        if place is None or place.here:
            return False
        self._places[participant] = replace(place, away_since_us=None, came=True)
        self.lock.watch(now_us, host_here=self._host_here())
        return True

    def lost(self, participant: str, now_us: int) -> bool:
        """Their connection is gone, the place is kept; True if that is news."""
        place = self._places.get(participant)
        if place is None or not place.here:
            return False
        self._places[participant] = replace(place, away_since_us=now_us)
        self.lock.watch(now_us, host_here=self._host_here())
        return True

    def leave(self, participant: str) -> bool:
        """Give the place up; True if there was one."""
        self._rations.pop(participant, None)
        place = self._places.pop(participant, None)
        if place is not None:
            self._parted.keep(place)
        return place is not None

    def expired(self, now_us: int) -> tuple[str, ...]:
        """Who has been away for so long that their place is free."""
        return tuple(
            place.id
            for place in self._places.values()
            if place.away_since_us is not None
            and now_us - place.away_since_us > (PLACE_KEPT_US if place.came else NEVER_CAME_US)
        )

    # -- what hosts and others decide

    def mute(self, by: str, who: str, *, on: bool, now_us: int = 0) -> bool:
        """Mute or unmute `who` (empty: oneself); True if that changed anything.

        A host mutes anybody, but nobody unmutes somebody else: a microphone is opened by its
        owner alone, unless the stage is locked or their time is up. Raises ForbiddenError, or
        NotFoundError for who is not on stage.
        """
        place = self.place(who or by)
        if place.id != by:
            self.require_host(by, "mute others")
            if not on:
                sentence = f"Only {place.name} can unmute {place.name}. Ask them to."
                raise ForbiddenError(sentence)
        if not on and place.muted:
            self._check_unmute(place, now_us)
        if place.muted == on:
            return False
        self.change(replace(place, muted=on))
        return True

    def _check_unmute(self, place: Place, now_us: int) -> None:
        if place.time_is_up(now_us):
            sentence = "Your time is up. Ask a host for more."
            raise ForbiddenError(sentence)
        if not place.is_host and self.lock.reason(now_us):
            sentence = "The stage is locked: nobody unmutes until a host is here and unlocks it."
            raise ForbiddenError(sentence)

    def remove(self, by: str, who: str) -> Place:
        """A host takes somebody off the stage for good. Raises ForbiddenError, NotFoundError."""
        right = RIGHTS[Remove]
        require(right, self.place(by))
        place = self.place(who)
        if place.id == by:
            sentence = "You cannot remove yourself. Leave the stage instead."
            raise ForbiddenError(sentence)
        require(right, self.place(by), place)
        self.keep_out(place.id)
        return place

    def keep_out(self, participant: str) -> None:
        """Take the place away, and refuse the participant from now on."""
        newest.keep(self._removed, participant, None, REMOVED_MAX)
        self._roles.pop(participant, None)
        self.leave(participant)

    def set_role(self, who: str, role: Role) -> None:
        """Give a role that lasts: it comes back with the resume ticket."""
        newest.keep(self._roles, who, role, ROLES_MAX)
        self.change(replace(self.place(who), role=role))

    def change(self, place: Place) -> None:
        """Put a changed place where the one before was."""
        self._places[place.id] = place

    def tell(self, who: str, told: Told) -> None:
        """Have a word said to one participant."""
        self._told.append((who, told))

    def take_told(self) -> tuple[tuple[str, Told], ...]:
        """What is to be said now, each once."""
        told, self._told = tuple(self._told), []
        return told

    def spend(self, participant: str, now_us: int) -> None:
        """Count one command; PeerError (429) beyond `COMMANDS_PER_S_MAX` a second."""
        ration = self._rations.get(participant)
        if ration is None or not ration.take(now_us):
            sentence = f"More than {COMMANDS_PER_S_MAX} commands a second. Wait a moment."
            raise PeerError(sentence, status=429)

    def require_host(self, participant: str, what: str) -> None:
        """ForbiddenError unless the participant is a host or a co-host."""
        if not self.place(participant).is_host:
            sentence = f"Only a host can {what}."
            raise ForbiddenError(sentence)

    def watch(self, now_us: int) -> None:
        """See whether a host is here."""
        self.lock.watch(now_us, host_here=self._host_here())

    # -- as it is now

    def place(self, participant: str) -> Place:
        """The participant's place; NotFoundError (404) if there is none."""
        place = self._places.get(participant)
        if place is None:
            sentence = f"{participant[:40]!r} is not on this stage."
            raise NotFoundError(sentence)
        return place

    @property
    def places(self) -> tuple[Place, ...]:
        """All of them, in order of arrival."""
        return tuple(self._places.values())

    def __contains__(self, participant: object) -> bool:
        return participant in self._places

    def __len__(self) -> int:
        return len(self._places)

    @property
    def removed(self) -> tuple[str, ...]:
        """Who may not come back, oldest first."""
        return tuple(self._removed)

    @property
    def roles(self) -> dict[str, Role]:
        """The roles that hosts gave, oldest first."""
        return self._roles

    @property
    def lasting(self) -> tuple[object, ...]:
        """What must outlast a crash; it changes with places, rights and what hosts decided."""
        places = ((one.id, one.role, one.muted, one.where, one.until_utc_us) for one in self.places)
        return (
            *places,
            (*self._removed,)[-1:],
            (*self._roles.items(),),
            (self.bans.hashes, self.bans.closed_links, self.invitations.open),
            (self.lock.by_host, self.lock.hosted, self.arrive, self.message, self.next_up),
        )

    @property
    def muted(self) -> frozenset[str]:
        """Who may not be heard."""
        return frozenset(place.id for place in self._places.values() if place.muted)

    def unheard(self, seats: AbstractSet[str]) -> frozenset[str]:
        """Of those who have a seat, who may be in no mix."""
        return unheard(seats, self._places.values())

    def seating(self, *, live: bool) -> Seating:
        """Who is heard where."""
        return seating_of(self._places.values(), live=live)

    def people(self, speaking: AbstractSet[str] = frozenset()) -> tuple[OnStage, ...]:
        """Everybody on stage and behind it, in order of arrival."""
        return tuple(place.seen(speaking=place.id in speaking) for place in self._places.values())
