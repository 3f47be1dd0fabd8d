"""Secrets and names that the desk makes up, and the only form in which secrets are kept."""

import hashlib
import secrets
from typing import Final

from rostra.domain.schedule import SPACE_ID_ALPHABET, SPACE_ID_CHARS

SECRET_BYTES: Final = 32
"""256 bits for cookies and invitations: beyond guessing, so a plain SHA-256 may be stored."""

SECRET_CHARS_MAX: Final = 128
"""Ours have 43 characters; a bound on what is hashed."""

_ID_BYTES: Final = 8


def new_secret() -> str:
    """A cookie's or an invitation's word, fit for a URL."""
    return secrets.token_urlsafe(SECRET_BYTES)


def hash_of(secret: str) -> str:
    """SHA-256 in hexadecimal: what the store keeps of a secret."""
    return hashlib.sha256(secret[:SECRET_CHARS_MAX].encode()).hexdigest()


def new_id() -> str:
    """An account's or a link's id."""
    return secrets.token_hex(_ID_BYTES)


def new_space_id() -> str:
    """A space's id: ten characters that are hard to guess and easy to read aloud."""
    return "".join(secrets.choice(SPACE_ID_ALPHABET) for _ in range(SPACE_ID_CHARS))


def same(given: str, expected: str) -> bool:
    """Compare in constant time; an empty `expected` fits nothing."""
    return bool(expected) and secrets.compare_digest(given.encode(), expected.encode())
