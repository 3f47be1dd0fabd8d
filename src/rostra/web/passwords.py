"""Passwords: Argon2id, and the same time spent on a name that does not exist."""

from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""OWASP's first choice for small servers: 19 MiB, two passes, one lane."""

_NOBODY: Final = (
    "$argon2id$v=19$m=19456,t=2,p=1$fyDrmpko2NA67PWz7sjAjw$"
    "L8aI06p+qhyUB4n3qykFuGY2iPaq5oz/4lLCYrp3Gb8"
)


def hash_password(password: str) -> str:
    """The password as it is stored. Blocks for some 20 ms."""
    return _HASHER.hash(password)


def password_fits(stored: str | None, password: str) -> bool:
    """Whether `password` is the one behind `stored`. Blocks for some 20 ms either way.

    None, for a name that nobody has, costs the same: the time tells no names.
    """
    try:
        fits = _HASHER.verify(stored or _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return fits and stored is not None
