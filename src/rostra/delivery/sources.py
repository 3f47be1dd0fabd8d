"""Whose request it is: the client's address as the edge believes it, behind known proxies.

The rule is the rightmost untrusted one: each proxy appends whom it saw, so only what was appended
by a proxy that the operator named is true; whatever stands further left may be invented.
"""

import ipaddress
import re
from typing import Final

FORWARDED_HOPS_MAX: Final = 16
"""Proxies looked at in one X-Forwarded-For, from the right; no real way has more than four."""

_PORT: Final = r"(?::[0-9]{1,5})?"
_FORMS: Final = re.compile(
    rf"(?P<v4>[0-9.]{{7,15}}){_PORT}|\[(?P<boxed>[0-9A-Fa-f:.]{{2,45}})\]{_PORT}"
    r"|(?P<v6>[0-9A-Fa-f:.]{2,45})"
)
"""What proxies write: an IPv4 or a bracketed IPv6 address with or without a port, or a bare IPv6
one. Names, `unknown` and obfuscated identifiers (RFC 7239, section 6) say nothing here."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Proxies = tuple[Network, ...]


def networks(words: tuple[str, ...]) -> Proxies:
    """Addresses and networks such as "10.0.0.0/8" or "::1"; ValueError for what is neither."""
    if any("%" in word for word in words):
        sentence = "a network has no scope"
        raise ValueError(sentence)
    return tuple(ipaddress.ip_network(word) for word in words)


LOOPBACK: Final = networks(("127.0.0.0/8", "::1"))
"""Where the house's own front door comes from."""


def plain_source(peer: str) -> str:
    """`source_of` where nobody speaks for the peer: as most joiners come, and so made cheap.

    The kernel spells IPv4 in canonical form; only IPv6 has a scope, or IPv4 inside.
    """
    return source_of(peer, "") if ":" in peer else peer


def source_of(peer: str, forwarded: str, proxies: Proxies = LOOPBACK) -> str:
    """The client's address in canonical form, or empty where `peer` is no address.

    Args:
        peer: Address of the socket's other end.
        forwarded: X-Forwarded-For; several lines of it joined by commas.
        proxies: Networks whose word is believed.
    """
    known = _plain(peer)
    if known is None:
        return ""
    if not forwarded:
        return str(known)
    for hop in _last_hops(forwarded):
        if not _among(known, proxies):
            break
        named = _read(hop)
        if named is None:
            break
        known = named
    return str(known)


def believed(peer: str, proxies: Proxies) -> bool:
    """Whether an address is one of our proxies': it stands for others, and never for itself."""
    address = _plain(peer) if proxies else None
    return address is not None and _among(address, proxies)


def is_among(peer: str, proxies: Proxies) -> bool:
    """Whether the other end of a socket is one of them."""
    address = _plain(peer)
    return address is not None and _among(address, proxies)


def _last_hops(forwarded: str) -> list[str]:
    """The last hops, nearest first; what is further away is left out."""
    return forwarded.rsplit(",", FORWARDED_HOPS_MAX)[: -FORWARDED_HOPS_MAX - 1 : -1]


def _read(hop: str) -> Address | None:
    form = _FORMS.fullmatch(hop.strip(" \t"))
    return _plain(form["v4"] or form["boxed"] or form["v6"]) if form else None


def _plain(word: str) -> Address | None:
    """An address without scope; an IPv4 one that came through an IPv6 socket is IPv4 again."""
    try:
        address = ipaddress.ip_address(word.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _among(address: Address, proxies: Proxies) -> bool:
    return any(address in network for network in proxies)
