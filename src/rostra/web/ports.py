"""What the desk's pages and API need kept for them; `store` gives it in SQL."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from rostra.domain.accounts import Account, AccountRole
from rostra.domain.errors import HouseError
from rostra.domain.schedule import Happening, PlannedSpace
from rostra.domain.space import State


class Accounts(Protocol):
    """People, their sessions, and the invitations to an account.

    Cookies and invitations come as SHA-256 in hexadecimal, never as themselves. Every method
    blocks, is one transaction, and raises HouseError when the database does not answer.
    """

    def has_owner(self) -> bool:
        """Whether anybody can run this house."""
        ...

    def register(self, account: Account, password_hash: str, invitation: str | None) -> Account:
        """Add an account; an invitation is used up and gives its role.

        Raises NameTakenError or InvitationError; then nothing has changed.
        """
        ...

    def credentials(self, name: str) -> tuple[Account, str] | None:
        """The account of this name and its password's hash."""
        ...

    def invite(
        self, invitation: str, role: AccountRole, invited_by: str | None, expires_utc_us: int
    ) -> None:
        """Keep a new invitation."""
        ...

    def invitation_open(self, invitation: str, now_utc_us: int) -> bool:
        """Whether an invitation can still be used."""
        ...

    def open_session(
        self, session: str, account_id: str, now_utc_us: int, expires_utc_us: int
    ) -> None:
        """Keep a new session."""
        ...

    def session_account(self, session: str, now_utc_us: int) -> Account | None:
        """Whose session it is, unless it has expired."""
        ...

    def close_session(self, session: str) -> None:
        """Forget a session."""
        ...


class Spaces(Protocol):
    """Spaces as planned, the last state that a studio told, and their history.

    Every method blocks and raises HouseError when the database does not answer.
    """

    def add(self, space: PlannedSpace) -> None:
        """Keep a new space."""
        ...

    def get(self, space_id: str) -> PlannedSpace | None:
        """The space of this id, or None."""
        ...

    def not_over(self, after: PlannedSpace | None = None) -> list[PlannedSpace]:
        """The spaces that may still be heard, by T0: the first 500, or those after `after`."""
        ...

    def owned_by(self, account_id: str) -> list[PlannedSpace]:
        """An account's spaces, newest T0 first."""
        ...

    def open_count(self, account_id: str) -> int:
        """How many spaces of an account are not over."""
        ...

    def set_state(self, space_id: str, state: State) -> None:
        """Note the state that a studio told."""
        ...

    def cancel(self, space_id: str) -> PlannedSpace | None:
        """Call a space off; returns it as it is now, or None."""
        ...

    def furnish(self, space_id: str, names: Mapping[str, str]) -> PlannedSpace | None:
        """Note the objects of its hold audio (`hold`) and announcements; returns the space.

        An empty name takes one away; what is not named stays.
        """
        ...

    def keep(self, happening: Happening) -> bool:
        """Add a line to a space's history; False if there is no such space."""
        ...


@dataclass(frozen=True, slots=True)
class Made:
    """What was made of a file: the object's name; of sound its length, loudness, and if cut."""

    name: str
    seconds: float = 0.0
    lufs: float = 0.0
    cut: bool = False


class Workshop(Protocol):
    """Makes objects of uploaded files and stores them; PeerError says what is wrong with one."""

    async def hold(self, source: Path, *, announcement: bool) -> Made:
        """Hold audio, or an announcement, of a sound file."""
        ...

    async def photo(self, source: Path) -> Made:
        """A photograph of a picture file."""
        ...


class NoWorkshop:
    """A desk that takes no files."""

    async def hold(self, source: Path, *, announcement: bool) -> Made:
        """HouseError."""
        raise _nothing_here(source, announcement=announcement)

    async def photo(self, source: Path) -> Made:
        """HouseError."""
        raise _nothing_here(source)


def _nothing_here(_source: Path, *, announcement: bool = False) -> HouseError:
    _ = announcement
    sentence = "This desk takes no files."
    return HouseError(sentence)
