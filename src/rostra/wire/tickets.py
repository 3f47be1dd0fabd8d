"""Signed tickets: permissions that a process checks by itself, without asking anybody.

A ticket is `base64url(msgpack) "." base64url(Ed25519 signature)` (RFC 8032): the desk signs links,
the studio signs resume tickets, and each process holds only the public keys of those it believes.
"""

import base64
import binascii
from enum import StrEnum

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from rostra.domain.errors import PeerError
from rostra.domain.limits import TICKET_CHARS_MAX


class TicketKind(StrEnum):
    """What a ticket permits."""

    HOST = "host"
    SPEAKER = "speaker"
    RESUME = "resume"
    OPERATOR = "operator"


class Ticket(msgspec.Struct, frozen=True, array_like=True):
    """One permission for one space until `expires_utc_s`.

    `subject` names who holds it: a participant's id in a resume ticket, else the link's own id.
    `role` is the role a resume ticket restores, `link` the link that its holder came with, or
    empty for who was invited, and `listener` the hash of the latter's id as a listener.
    """

    kind: TicketKind
    space: str
    subject: str
    expires_utc_s: int
    name: str = ""
    role: str = ""
    link: str = ""
    listener: str = ""


class TicketError(PeerError):
    """The ticket is forged, broken or for something else (403), or has expired (401)."""

    status = 403


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Ticket)
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def sign(ticket: Ticket, key: Ed25519PrivateKey) -> str:
    """The ticket as a word for a URL."""
    body = _ENCODER.encode(ticket)
    return f"{_word(body)}.{_word(key.sign(body))}"


def verify(
    word: str,
    keys: tuple[Ed25519PublicKey, ...],
    now_utc_s: int,
    space: str,
    kinds: frozenset[TicketKind],
) -> Ticket:
    """Return the ticket in `word` if one of `keys` signed it for this space, kind and time.

    Raises TicketError with a sentence for a person.
    """
    body, signature = _parts(word)
    if not any(_signed(key, signature, body) for key in keys):
        sentence = "This link was not made by this house. Ask the host for a new one."
        raise TicketError(sentence)
    try:
        ticket = _DECODER.decode(body)
    except _UNREADABLE as error:
        sentence = "This link is damaged. Copy it again from where you got it."
        raise TicketError(sentence) from error
    if ticket.expires_utc_s <= now_utc_s:
        sentence = "This link has expired. Ask the host for a new one."
        raise TicketError(sentence, status=401)
    if ticket.space != space or ticket.kind not in kinds:
        sentence = "This link is for something else. Open it as you received it."
        raise TicketError(sentence)
    return ticket


def peek_space(word: str) -> str:
    """The space that a ticket claims to be for, unverified: only to route it to who verifies."""
    body, _ = _parts(word)
    try:
        return _DECODER.decode(body).space
    except _UNREADABLE as error:
        sentence = "This link is damaged. Copy it again from where you got it."
        raise TicketError(sentence) from error


def _parts(word: str) -> tuple[bytes, bytes]:
    if len(word) > TICKET_CHARS_MAX or word.count(".") != 1:
        sentence = "This link is incomplete. Copy it again from where you got it."
        raise TicketError(sentence)
    body, signature = word.split(".")
    try:
        return _bytes(body), _bytes(signature)
    except (binascii.Error, ValueError) as error:
        sentence = "This link is damaged. Copy it again from where you got it."
        raise TicketError(sentence) from error


def _signed(key: Ed25519PublicKey, signature: bytes, body: bytes) -> bool:
    try:
        key.verify(signature, body)
    except InvalidSignature:
        return False
    return True


def _word(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _bytes(word: str) -> bytes:
    padded = word + "=" * (-len(word) % 4)
    return base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True)
