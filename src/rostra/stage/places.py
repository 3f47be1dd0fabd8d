"""One participant's place: who they are, where they sit, and how long they may talk."""

import re
from dataclasses import dataclass
from typing import Final

from rostra.domain.errors import PeerError
from rostra.domain.limits import COMMANDS_PER_S_MAX, NAME_CHARS_MAX
from rostra.domain.space import Role
from rostra.stage.bans import UNKNOWN, Marks
from rostra.wire.states import OnStage

ON_STAGE: Final = "stage"
BACKSTAGE: Final = "backstage"
WHERE: Final = (ON_STAGE, BACKSTAGE)

HOSTS: Final = frozenset({Role.HOST, Role.COHOST})
"""Who runs the floor."""

PHOTO_CHARS_MAX: Final = 70
"""A photograph's name (`wire.photos`): a word, and the SHA-256 of what it holds in hexadecimal."""

_PHOTO: Final = re.compile(rf"[A-Za-z0-9_-]{{1,{PHOTO_CHARS_MAX}}}", re.ASCII)
_SECOND_US: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Arrival:
    """How somebody comes: what they are known by, and whether a host called them.

    `photo` is the name of an object, or empty. `called` is who claims an invitation; `returning`
    who shows the ticket of an earlier connection; `language` what they read.
    """

    marks: Marks = UNKNOWN
    photo: str = ""
    called: bool = False
    returning: bool = False
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Place:
    """One participant's place; `away_since_us` is None while they are connected.

    `until_us` (monotonic) and `until_utc_us` are when their time is up, 0 without a limit.
    """

    id: str
    name: str
    role: Role
    muted: bool
    away_since_us: int | None
    came: bool = False
    """Whether they were ever connected."""
    where: str = ON_STAGE
    until_us: int = 0
    until_utc_us: int = 0
    warned: bool = False
    """Whether they were told that their time is nearly up."""
    photo: str = ""
    marks: Marks = UNKNOWN

    @property
    def here(self) -> bool:
        """Whether their connection stands."""
        return self.away_since_us is None

    @property
    def is_host(self) -> bool:
        """Whether they run the floor."""
        return self.role in HOSTS

    def time_is_up(self, now_us: int) -> bool:
        """Whether they have used what a host gave them."""
        return 0 < self.until_us <= now_us

    def seen(self, *, speaking: bool) -> OnStage:
        """The place as everybody may know it."""
        return OnStage(
            id=self.id,
            name=self.name,
            role=self.role.value,
            muted=self.muted,
            here=self.here,
            speaking=speaking and self.here and not self.muted,
            where=self.where,
            until_utc_us=self.until_utc_us,
            photo=self.photo,
        )


@dataclass(slots=True)
class Ration:
    """A token bucket: `COMMANDS_PER_S_MAX` at once, refilled over a second."""

    tokens: float = COMMANDS_PER_S_MAX
    filled_us: int = 0

    def take(self, now_us: int) -> bool:
        """Count one command; False beyond the ration."""
        gained = (now_us - self.filled_us) * COMMANDS_PER_S_MAX / _SECOND_US
        self.tokens = min(float(COMMANDS_PER_S_MAX), self.tokens + max(gained, 0.0))
        self.filled_us = now_us
        if self.tokens < 1.0:
            return False
        self.tokens -= 1.0
        return True


def photo_of(word: str) -> str:
    """The name of an object as it may stand in an address; anything else is no photograph."""
    return word if _PHOTO.fullmatch(word) else ""


def one_line(text: str) -> str:
    """Printable, without line ends and doubled spaces."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def tidy_name(name: str) -> str:
    """One printable line; PeerError if it is too long."""
    tidy = one_line(name)
    if len(tidy) > NAME_CHARS_MAX:
        sentence = f"A name has at most {NAME_CHARS_MAX} characters; this one has {len(tidy)}."
        raise PeerError(sentence)
    return tidy or "Speaker"
