"""Who may not come back: by account, by device, by the link they came with, by listener.

Nobody's address is among them: a household, an office or a mobile network shares one.
"""

import base64
import hashlib
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final

from rostra.domain.errors import ForbiddenError
from rostra.stage import newest

HASH_CHARS: Final = 22
"""132 bits of a SHA-256 in base64url: no two people meet in them."""

BANS_MAX: Final = 200
"""Hashes that are remembered, the oldest forgotten first: seventy banned people or more, 5 kB of
the space's state."""

CLOSED_LINKS_MAX: Final = 100
"""Closed links that are remembered: links for one person each have 16 characters, 2 kB."""

_BANNED: Final = "A host has banned you from this stage. You can still listen."
_CLOSED: Final = "This link has been closed by a host. Ask the host for a new one."
_CALLED: Final = "Your time on stage is over. Raise your hand to come again."


@dataclass(frozen=True, slots=True)
class Marks:
    """What somebody is known by: the subject of their link, and hashes; empty what is unknown."""

    link: str = ""
    account: str = ""
    device: str = ""
    listener: str = ""

    @property
    def hashes(self) -> tuple[str, ...]:
        """Those that are known, the link excepted."""
        return tuple(one for one in (self.account, self.device, self.listener) if one)

    def or_else(self, before: "Marks") -> "Marks":
        """These, and what was known before where they know nothing."""
        return Marks(
            self.link or before.link,
            self.account or before.account,
            self.device or before.device,
            self.listener or before.listener,
        )


UNKNOWN: Final = Marks()


def mark_of(kind: str, word: str) -> str:
    """The hash that stands for an account, a device or a listener; empty for an empty word."""
    if not word:
        return ""
    digest = hashlib.sha256(f"{kind}\0{word}".encode("utf-8", "replace")).digest()
    return base64.urlsafe_b64encode(digest).decode("ascii")[:HASH_CHARS]


@dataclass(slots=True)
class Bans:
    """The bans of one space."""

    _hashes: dict[str, None] = field(default_factory=dict)
    _links: dict[str, None] = field(default_factory=dict)

    def restore(self, hashes: Iterable[str], links: Iterable[str]) -> None:
        """Take over those of another studio."""
        self._hashes = dict.fromkeys(tuple(hashes)[-BANS_MAX:])
        self._links = dict.fromkeys(tuple(links)[-CLOSED_LINKS_MAX:])

    @property
    def hashes(self) -> tuple[str, ...]:
        """Banned accounts, devices and listeners, oldest first."""
        return tuple(self._hashes)

    @property
    def closed_links(self) -> tuple[str, ...]:
        """Links that let nobody in any more, oldest first."""
        return tuple(self._links)

    def add(self, marks: Marks, spared: AbstractSet[str] = frozenset()) -> None:
        """Ban whoever has one of these marks, those that are `spared` excepted; close the link."""
        for one in marks.hashes:
            if one not in spared:
                newest.keep(self._hashes, one, None, BANS_MAX)
        if marks.link:
            newest.keep(self._links, marks.link, None, CLOSED_LINKS_MAX)

    def banned(self, marks: Marks) -> bool:
        """Whether one of these marks is banned; a closed link alone bans nobody."""
        return any(one in self._hashes for one in marks.hashes)

    def check(self, marks: Marks, *, returning: bool, has_place: bool) -> None:
        """ForbiddenError for whoever may not come on stage.

        Others who came by a link that was closed since keep their places and come back to them;
        who has none any more needs a new link, for nobody can tell them from who was banned. Who
        came by an invitation and has left needs a new one.
        """
        if self.banned(marks):
            raise ForbiddenError(_BANNED)
        if marks.link in self._links and not has_place:
            raise ForbiddenError(_CLOSED)
        if returning and not marks.link and not has_place:
            raise ForbiddenError(_CALLED)
