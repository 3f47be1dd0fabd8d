"""Tells reporters apart for one window without knowing who they are: a keyed hash whose key dies.

A reporter is known as HMAC-SHA256 (RFC 2104), cut to 128 bits, of the component, the address (an
IPv6 one by its /64) and one of a few places for devices behind it. The key is random and deleted
with its window; then nobody, the house included, can say which address a hash came from, not even
by trying all of them. Another component's hash is another one, so that nobody's reports of
several components can be put together.
"""

import hashlib
import hmac
from typing import Final

from rostra.watch.kinds import WINDOW_S
from rostra.watch.moments import US_PER_S

KEY_BYTES: Final = 32
"""As many as SHA-256 yields: no key could be tried out."""

HASH_BYTES: Final = 16
"""In a window of a million reporters two meet with a chance of 1 to 10^27."""

DEVICES_MAX: Final = 5
"""Reporters that one address can be, by the page's device word: a household, or a corner of an
office. Whoever makes up words counts as five and not more."""

PREFIX_COUNTED_MAX: Final = 50
"""Reports that count from one /24 (IPv6: /48), a component and window, even with proofs: a
provider's street may be in trouble whole, and a rented network is no crowd."""

WINDOWS_AHEAD_MAX: Final = 2
"""A clock that stepped back by an hour keeps its window; one that was wrong by more begins anew,
or a reporter would count once only until the wrong time comes."""


def window_of(utc_us: int) -> int:
    """The number of the window that a moment lies in."""
    return utc_us // (WINDOW_S * US_PER_S)


def reporter(key: bytes, component: str, address: str, device: str = "") -> str:
    """The reporter's hash, in hexadecimal.

    Args:
        key: This window's key, of `KEY_BYTES`.
        component: What is reported.
        address: An IPv4 address, or the /64 of an IPv6 one, in canonical form.
        device: The page's word, or empty.
    """
    return _hash(key, "reporter", component, address, str(_place(key, device)))


def network(key: bytes, component: str, prefix: str) -> str:
    """The hash of a reporter's wider network, a component's own, in hexadecimal."""
    return _hash(key, "network", component, prefix)


def _place(key: bytes, device: str) -> int:
    """Which of an address's few places a device's word falls on."""
    if not device:
        return 0
    return int.from_bytes(hmac.digest(key, b"device\0" + device.encode(), "sha256")) % DEVICES_MAX


def _hash(key: bytes, *parts: str) -> str:
    # NUL stands in none of the parts: two different lists never read the same.
    whole = "\0".join(parts).encode()
    return hmac.new(key, whole, hashlib.sha256).digest()[:HASH_BYTES].hex()
