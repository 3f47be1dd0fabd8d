"""Listening tickets: who may hear a space, checked by an edge alone before it allocates anything.

A ticket is `base64url(msgpack) "." base64url(HMAC-SHA-256)` (RFC 2104) under a key that desk and
edges share. Links to the stage are signed with Ed25519 (`tickets`), which lets a process check what
it cannot sign; one check of it takes about 60 µs, though, and 10,000 joins a second would spend
two thirds of a core on it. An edge that lost the key could let listeners in: it can do that anyway.
"""

import base64
import binascii
import hmac
from enum import StrEnum
from typing import Final

import msgspec

from rostra.domain.errors import PeerError

LISTENING_CHARS_MAX: Final = 256
"""A ticket of the longest space's id has 130 characters; nothing longer is even hashed."""

KEY_BYTES_MIN: Final = 32
"""As long as the hash (RFC 2104, section 3)."""


HOURS_DEFAULT: Final = 24
"""How long a ticket is good where nobody says: an evening and what runs late."""

HOURS_MAX: Final = 31 * 24
"""A ticket cannot be called back: none is good for longer than a month."""


class ListeningRole(StrEnum):
    """For whom a ticket was made; all but listeners pass an edge's limits by a reserved door."""

    LISTENER = "listener"
    HOST = "host"
    RECORDER = "recorder"
    WATCH = "watch"


RESERVED: Final = frozenset(ListeningRole) - {ListeningRole.LISTENER}
"""Without these the evening itself is lost: they come in while a crowd is at the door."""


class ListeningTicket(msgspec.Struct, frozen=True, array_like=True):
    """One permission to hear one space until `expires_utc_s`."""

    role: ListeningRole
    space: str
    expires_utc_s: int


class Fault(StrEnum):
    """What can be wrong with a ticket."""

    MISSING = "missing"
    FORGED = "forged"
    """Not signed by this house, or damaged: nobody can tell which."""
    EXPIRED = "expired"
    OTHER_SPACE = "other_space"


class ListeningTicketError(PeerError):
    """The ticket does not let anybody in; `fault` says why."""

    status = 403

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(f"This listening ticket does not open the door: {fault.value}.")


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(ListeningTicket)


def sign(ticket: ListeningTicket, key: bytes) -> str:
    """The ticket as a word for a URL's query."""
    body = _word(_ENCODER.encode(ticket))
    return f"{body}.{_word(_digest(key, body))}"


def verify(word: str, key: bytes, now_utc_s: int, space: str) -> ListeningTicket:
    """The ticket in `word` if it opens this space now; ListeningTicketError otherwise."""
    if not word:
        raise ListeningTicketError(Fault.MISSING)
    ticket = _genuine(word, key)
    if ticket.expires_utc_s <= now_utc_s:
        raise ListeningTicketError(Fault.EXPIRED)
    if ticket.space != space:
        raise ListeningTicketError(Fault.OTHER_SPACE)
    return ticket


def _genuine(word: str, key: bytes) -> ListeningTicket:
    """The ticket, whose signature is compared as text: there is one way to write it."""
    body, dot, signature = word.partition(".")
    if len(word) > LISTENING_CHARS_MAX or not dot or not word.isascii():
        raise ListeningTicketError(Fault.FORGED)
    if not hmac.compare_digest(_word(_digest(key, body)), signature):
        raise ListeningTicketError(Fault.FORGED)
    try:
        return _DECODER.decode(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (binascii.Error, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ListeningTicketError(Fault.FORGED) from error


def _digest(key: bytes, body: str) -> bytes:
    return hmac.digest(key, body.encode("ascii"), "sha256")


def _word(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
