"""Reads what somebody who subscribes sends: a mailbox, a browser or a program's address."""

import base64
import binascii
import re
from typing import Final

import msgspec

from rostra.domain.errors import PeerError
from rostra.watch.components import COMPONENTS_MAX
from rostra.watch.outside import checked_url
from rostra.watch.subscribers import Address, Browser, Channel, Hook, MailBox, Wish, checked_wish

EMAIL_CHARS_MAX: Final = 254
"""A path of SMTP has 256 octets, its brackets included (RFC 5321, 4.5.3.1.3)."""
LOCAL_CHARS_MAX: Final = 64
"""RFC 5321, 4.5.3.1.1."""
ASK_BYTES_MAX: Final = 16 * 1_024
"""Two hundred components with ids of forty characters, and a push subscription."""

_P256_POINT_BYTES: Final = 65
_AUTH_BYTES: Final = 16
_LOCAL: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
"""A dot-atom (RFC 5322, 3.2.3): quoted local parts exist in standards alone."""
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN: Final = re.compile(rf"(?:{_LABEL}\.)+(?=[A-Za-z0-9-]*[A-Za-z]){_LABEL}")


class Keys(msgspec.Struct, frozen=True):
    """The keys of a browser's push subscription, in base64url."""

    p256dh: str
    auth: str


class PushSubscription(msgspec.Struct, frozen=True, rename="camel"):
    """What `PushSubscription.toJSON()` gives."""

    endpoint: str
    keys: Keys
    expiration_time: float | None = None


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `POST /status/api/subscriptions` takes; each channel has one field for its address."""

    channel: Channel
    address: str = ""
    """With `email`."""
    url: str = ""
    """With `webhook`."""
    subscription: PushSubscription | None = None
    """With `webpush`."""
    components: tuple[str, ...] = ()
    topics: tuple[str, ...] = ("incidents", "maintenance")
    language: str = "en"


class Ask(msgspec.Struct, frozen=True):
    """A checked wish to be told, and where. A hook's secret is still to be made."""

    address: Address
    wish: Wish


_decoder: Final = msgspec.json.Decoder(Body)


def bounded(body: bytes) -> bytes:
    """A request's body, in JSON or a form's; PeerError (413) beyond `ASK_BYTES_MAX`."""
    if len(body) > ASK_BYTES_MAX:
        sentence = f"The request exceeds {ASK_BYTES_MAX} bytes. Name fewer components, or none."
        raise PeerError(sentence, 413)
    return body


def read_ask(body: bytes, known: frozenset[str], *, loopback: bool = False) -> Ask:
    """The wish in a request's JSON; PeerError (413, 422) says what is wrong with it."""
    try:
        asked = _decoder.decode(bounded(body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        sentence = f"The request is no subscription: {str(error)[:200]}. See the reference."
        raise PeerError(sentence, 422) from error
    return checked_ask(asked, known, loopback=loopback)


def checked_ask(asked: Body, known: frozenset[str], *, loopback: bool = False) -> Ask:
    """A wish as JSON or a form gave it, checked; PeerError (422)."""
    if len(asked.components) > COMPONENTS_MAX:
        sentence = "More components are named than there can be. Name none to mean all."
        raise PeerError(sentence, 422)
    wish = checked_wish(asked.components, asked.topics, asked.language, known)
    if asked.channel is Channel.EMAIL:
        return Ask(MailBox(checked_email(asked.address)), wish)
    if asked.channel is Channel.WEBHOOK:
        return Ask(Hook(checked_url(asked.url, loopback=loopback), ""), wish)
    return Ask(_browser(asked.subscription, loopback=loopback), wish)


def checked_email(text: str) -> str:
    """A mailbox as SMTP takes it, its domain in ASCII (IDNA); PeerError (422) if it is none."""
    local, at, domain = text.strip().rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii") if domain else ""
    except UnicodeError:
        domain = ""
    address = f"{local}@{domain.lower()}"
    fits = len(address) <= EMAIL_CHARS_MAX and len(local) <= LOCAL_CHARS_MAX
    if not (at and fits and _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain)):
        sentence = "That is no e-mail address that mail can be sent to. Look for a slip of the pen."
        raise PeerError(sentence, 422)
    return address


def _browser(given: PushSubscription | None, *, loopback: bool) -> Browser:
    if given is None:
        sentence = "The browser's push subscription is missing. Allow notifications and try again."
        raise PeerError(sentence, 422)
    point, word = _bytes(given.keys.p256dh), _bytes(given.keys.auth)
    if len(point) != _P256_POINT_BYTES or point[0] != 4 or len(word) != _AUTH_BYTES:  # noqa: PLR2004 - an uncompressed point (SEC 1)
        sentence = "The keys of the push subscription are not of RFC 8291. Subscribe again."
        raise PeerError(sentence, 422)
    return Browser(
        checked_url(given.endpoint, loopback=loopback), _base64url(point), _base64url(word)
    )


def _bytes(text: str) -> bytes:
    try:
        plain = text.rstrip("=").encode("ascii")
        return base64.b64decode(plain + b"=" * (-len(plain) % 4), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return b""


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
