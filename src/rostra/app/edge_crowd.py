"""What an edge's audience is made of: the secrets of its hashes, and its chance."""

import hashlib
import secrets
from typing import Final

from rostra.app.machine import fresh_id
from rostra.delivery.crowd import Crowd

SALT_BYTES: Final = 32
"""As long as the hash that it keys (RFC 7693)."""

_PURPOSE: Final = b"rostra unique"


def new_crowd() -> Crowd:
    """An audience whose hashes die with the process."""
    return Crowd(secrets.token_bytes(SALT_BYTES), fresh_id)


def shared_secret(password: str) -> bytes:
    """What all edges of a house have in common, made of the password that they share.

    So the same listener is the same in the sketches of all edges, before and after a restart; and
    nothing has to be kept or sent for it.
    """
    return hashlib.blake2b(password.encode(), digest_size=SALT_BYTES, person=_PURPOSE).digest()
