"""People of the house: an account, its role, and the rules for names and passwords."""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rostra.domain.errors import PeerError
from rostra.domain.limits import NAME_CHARS_MAX

PASSWORD_CHARS_MIN: Final = 10
"""Ten characters and a slow hash are out of reach for guessing at the limited rate."""

PASSWORD_CHARS_MAX: Final = 256
"""Longer than any passphrase; a bound on what is hashed."""


class AccountRole(StrEnum):
    """What an account may do in the house."""

    OWNER = "owner"
    """Runs the house: invites people and may act on every space."""
    MEMBER = "member"
    """Plans spaces and acts on its own."""


@dataclass(frozen=True, slots=True)
class Account:
    """One person with a password here; `created_utc_us` in microseconds since 1970, UTC."""

    id: str
    name: str
    role: AccountRole
    created_utc_us: int


class NameTakenError(PeerError):
    """Another account has this name, letter case aside (409)."""

    status = 409


class InvitationError(PeerError):
    """The invitation was used, has expired, or never existed (403)."""

    status = 403


def checked_name(name: str, what: str = "name") -> str:
    """The name as it is kept: NFC, spaces trimmed; PeerError (422) says what is wrong with it."""
    kept = unicodedata.normalize("NFC", name).strip()
    if not kept:
        sentence = f"The {what} is empty. Give at least one letter."
        raise PeerError(sentence, status=422)
    if len(kept) > NAME_CHARS_MAX:
        sentence = f"The {what} has {len(kept)} characters; at most {NAME_CHARS_MAX} fit."
        raise PeerError(sentence, status=422)
    if any(unicodedata.category(char).startswith("C") for char in kept):
        sentence = f"The {what} holds a character that cannot be shown. Type it anew."
        raise PeerError(sentence, status=422)
    return kept


def name_key(name: str) -> str:
    """What two names must differ in: compatibility forms and letter case do not count."""
    return unicodedata.normalize("NFKC", name).casefold().strip()


def checked_password(password: str) -> str:
    """The password, unchanged; PeerError (422) if it is too short or too long."""
    if len(password) < PASSWORD_CHARS_MIN:
        sentence = f"The password has {len(password)} characters; {PASSWORD_CHARS_MIN} are needed."
        raise PeerError(sentence, status=422)
    if len(password) > PASSWORD_CHARS_MAX:
        sentence = f"The password exceeds {PASSWORD_CHARS_MAX} characters. Take a shorter one."
        raise PeerError(sentence, status=422)
    return password
