"""Keeps subscribers' addresses encrypted: a stolen copy of the store tells nobody's address.

AES-256-GCM (NIST SP 800-38D) with a random nonce and the subscriber's id as associated data, so
that a row's address cannot be moved to another row unseen. The key is a file of its own beside
the house's other secrets: the store is what is copied to backups and looked at with tools, the
secrets are not. What must be found again without opening (is this address known?) is an
HMAC-SHA256 under a key derived from it, since plain hashes of addresses are guessed in minutes.
"""

import hashlib
import hmac
import os
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from rostra.domain.errors import HouseError

KEY_FILE: Final = "watch-subscribers.key"
KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12

_PRIVATE_FILE: Final = 0o600
_PRIVATE_FOLDER: Final = 0o700


class SealError(HouseError):
    """Something that was sealed does not open: another key, another row, or damage."""


class Sealing:
    """Seals and opens what only this house may read."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(hmac.digest(key, b"seal", "sha256"))
        self._finding = hmac.digest(key, b"find", "sha256")

    def seal(self, plain: bytes, about: str) -> bytes:
        """Nonce, ciphertext and tag; opens again only with the same `about`."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, about.encode())

    def open(self, sealed: bytes, about: str) -> bytes:
        """What was sealed; SealError if it is another row's, damaged, or of another key."""
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about.encode())
        except (InvalidTag, ValueError) as error:
            sentence = f"A subscriber's address cannot be opened. Restore {KEY_FILE} that made it."
            raise SealError(sentence) from error

    def finding(self, channel: str, address: str) -> str:
        """What finds an address again without telling it, in hexadecimal."""
        return hmac.new(self._finding, f"{channel}:{address}".encode(), "sha256").hexdigest()


def hash_of(token: str) -> str:
    """SHA-256 in hexadecimal: what the store keeps of a word of 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def sealing_at(folder: Path) -> Sealing:
    """The sealing of the key below `folder`, made once; HouseError when it cannot be had."""
    path = folder / KEY_FILE
    try:
        folder.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
        if not path.exists():
            _make(path)
        key = bytes.fromhex(path.read_text().strip())
    except (OSError, ValueError) as error:
        sentence = f"{path} cannot be used ({error}). Restore it: it opens subscribers' addresses."
        raise HouseError(sentence) from error
    if len(key) != KEY_BYTES:
        sentence = f"{path} holds no key of {KEY_BYTES} bytes. Restore it."
        raise HouseError(sentence)
    return Sealing(key)


def _make(path: Path) -> None:
    """Written beside and linked, so that of two processes that begin at once one key wins."""
    beside = path.with_name(f".{path.name}.{os.urandom(4).hex()}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE_FILE)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(os.urandom(KEY_BYTES).hex() + "\n")
        os.link(beside, path)
    except FileExistsError:
        pass
    finally:
        beside.unlink(missing_ok=True)
