"""Sends notifications to browsers: encrypted (RFC 8291), with the house's key (VAPID, RFC 8292)."""

import asyncio
import base64
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from rostra.domain.errors import HouseError
from rostra.watch.drivers.outward import Answer, InsideError, Outward, UnreachableError
from rostra.watch.outbox import Outcome, Verdict
from rostra.watch.subscribers import Browser

if TYPE_CHECKING:
    from py_vapid import Vapid02

PUSHES_AT_ONCE: Final = 16
"""Push services answer within a second; one that does not holds a place for ten."""
PUSH_LIFE_S: Final = 6 * 3_600
"""TTL (RFC 8030, 5.2): a browser that wakes later reads the page instead of old news."""
VAPID_LIFE_S: Final = 12 * 3_600
"""RFC 8292, 2: at most 24 hours."""
VAPID_FILE: Final = "watch-vapid.pem"

_GONE: Final = frozenset({404, 410})
_BUSY: Final = frozenset({429, 502, 503, 504})
_PRIVATE_FILE: Final = 0o600
_PRIVATE_FOLDER: Final = 0o700


class Vapid:
    """The house's key towards push services; browsers are subscribed to its open half."""

    def __init__(self, pem: bytes, contact: str) -> None:
        self._pem = pem
        self._contact = contact
        self._signer: Vapid02 | None = None

    @property
    def public(self) -> str:
        """What a page gives as `applicationServerKey`, in base64url."""
        key = load_pem_private_key(self._pem, None).public_key()
        point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return base64.urlsafe_b64encode(point).rstrip(b"=").decode()

    def authorization(self, origin: str, now_s: int) -> str:
        """The Authorization header for one push service (`https://HOST[:PORT]`)."""
        claims = {"aud": origin, "exp": now_s + VAPID_LIFE_S, "sub": self._contact}
        return str(self._vapid().sign(claims)["Authorization"])

    def _vapid(self) -> "Vapid02":
        if self._signer is None:
            from py_vapid import Vapid02  # noqa: PLC0415 - brings much that a start does not need

            self._signer = Vapid02.from_pem(self._pem)
        return self._signer


class Pushes:
    """Posts notifications to browsers' push services."""

    at_once = PUSHES_AT_ONCE

    def __init__(self, outward: Outward, vapid: Vapid, now_s: Callable[[], int]) -> None:
        self._outward = outward
        self._vapid = vapid
        self._now_s = now_s

    async def send(self, browser: Browser, payload: bytes, topic: str, *, urgent: bool) -> Outcome:
        """Post once. While a browser sleeps a newer one of the same `topic` replaces this one."""
        try:
            body = await asyncio.to_thread(encrypted, browser, payload)
        except (ValueError, TypeError):
            return Outcome(Verdict.GONE, "the browser's keys are no point of P-256")
        origin = "/".join(browser.endpoint.split("/")[:3])
        headers = {
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(PUSH_LIFE_S),
            "Urgency": "high" if urgent else "normal",
            "Topic": topic_of(topic),
            "Authorization": await asyncio.to_thread(
                self._vapid.authorization, origin, self._now_s()
            ),
        }
        try:
            answer = await self._outward.post(browser.endpoint, headers, body)
        except InsideError as error:
            return Outcome(Verdict.GONE, str(error))
        except UnreachableError as error:
            return Outcome(Verdict.LATER, str(error))
        return outcome_of(answer)


def encrypted(browser: Browser, payload: bytes) -> bytes:
    """The payload for this browser alone; ValueError for keys that are no keys."""
    from pywebpush import WebPusher  # noqa: PLC0415 - brings two HTTP clients that are not used

    about = {
        "endpoint": browser.endpoint,
        "keys": {"p256dh": browser.p256dh, "auth": browser.auth},
    }
    body: bytes = WebPusher(about).encode(payload)["body"]
    return body


def topic_of(subject: str) -> str:
    """A Topic header (RFC 8030, 5.4: at most 32 characters of base64url)."""
    digest = hashlib.sha256(subject.encode()).digest()
    return base64.urlsafe_b64encode(digest)[:32].decode()


def outcome_of(answer: Answer) -> Outcome:
    """What a push service's answer means (RFC 8030, 7.3: 404 and 410 are for ever)."""
    if 200 <= answer.status < 300:  # noqa: PLR2004 - RFC 9110: successful
        return Outcome(Verdict.SENT)
    why = f"the push service answered {answer.status}"
    if answer.status in _GONE:
        return Outcome(Verdict.GONE, why)
    if answer.status in _BUSY or answer.status >= 500:  # noqa: PLR2004 - RFC 9110: server error
        return Outcome(Verdict.LATER, why, answer.after_s)
    return Outcome(Verdict.REFUSED, why)


def vapid_at(folder: Path, contact: str) -> Vapid:
    """The key below `folder`, made once; HouseError when it cannot be had.

    `contact` is `mailto:…` or `https://…`: where a push service complains (RFC 8292, 2.1).
    """
    path = folder / VAPID_FILE
    try:
        folder.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
        if not path.exists():
            _make(path)
        return Vapid(path.read_bytes(), contact)
    except OSError as error:
        sentence = f"{path} cannot be used ({error.strerror}). Restore it: browsers know it."
        raise HouseError(sentence) from error


def _make(path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    beside = path.with_name(f".{path.name}.{os.urandom(4).hex()}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE_FILE)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(pem)
        os.link(beside, path)
    except FileExistsError:
        pass
    finally:
        beside.unlink(missing_ok=True)
