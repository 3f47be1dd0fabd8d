"""Which addresses of others the house may connect to when a stranger names them (SSRF)."""

import ipaddress
import re
from typing import Final

from rostra.domain.errors import PeerError

URL_CHARS_MAX: Final = 1_024
"""Push services' endpoints have 150 to 500 characters; a longer one is no address of a person."""
PORT_MAX: Final = 65_535
UNPRIVILEGED_PORT: Final = 1_024

_URL: Final = re.compile(
    r"(?P<scheme>https?)://"
    r"(?P<host>[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\])"
    r"(?::(?P<port>[0-9]{1,5}))?(?P<path>[/?][\x21\x24-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7e]*)?"
)
"""RFC 3986 without user, password and fragment: what has them is a trap or a mistake."""

_TUNNELS: Final = tuple(
    map(ipaddress.ip_network, ("2002::/16", "2001::/32", "64:ff9b::/96", "64:ff9b:1::/48"))
)
"""6to4, Teredo and NAT64: each can carry an inner address that is private."""
_INNER_NAMES: Final = ("localhost", ".localhost", ".local", ".internal", ".intranet", ".home.arpa")


def is_outside(address: str) -> bool:
    """Whether an IP address is the open Internet's, not this machine's or its network's.

    Refused are private, loopback, link-local (with the clouds' metadata service), shared,
    multicast, reserved and documentation addresses (IANA's special-purpose registries), also as
    IPv4 mapped into IPv6, and tunnels.
    """
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return is_outside(str(parsed.ipv4_mapped))
        if any(parsed in tunnel for tunnel in _TUNNELS):
            return False
    return parsed.is_global and not parsed.is_multicast and not parsed.is_reserved


def is_loopback(address: str) -> bool:
    """Whether an IP address is this machine's own: tests alone may ask for it."""
    try:
        return ipaddress.ip_address(address.partition("%")[0]).is_loopback
    except ValueError:
        return False


def checked_url(text: str, *, loopback: bool = False) -> str:
    """An `https` address that may be called; PeerError (422) says what is wrong with it.

    Names are not resolved here: that is done, and judged, each time something is sent. With
    `loopback` (tests alone) `http` and this machine pass too.
    """
    found = _URL.fullmatch(text) if len(text) <= URL_CHARS_MAX else None
    if found is None:
        raise PeerError(_NO_URL, 422)
    if loopback:
        return text
    if found["scheme"] != "https":
        sentence = "The address must begin with https://. Give that one."
        raise PeerError(sentence, 422)
    port = int(found["port"] or 443)
    if port > PORT_MAX or (port < UNPRIVILEGED_PORT and port != 443):  # noqa: PLR2004 - https
        sentence = "The address has a port that is not called: take 443, or one from 1024 on."
        raise PeerError(sentence, 422)
    if not _host_may_be_outside(found["host"].lower()):
        sentence = "The address is of an inner network. Give one that the Internet reaches."
        raise PeerError(sentence, 422)
    return text


def _host_may_be_outside(host: str) -> bool:
    if host.startswith("["):
        return is_outside(host[1:-1])
    # A last label of digits makes a name an IPv4 address in some of its old forms (WHATWG URL).
    if host.rpartition(".")[2].isdigit() or host.rpartition(".")[2].startswith("0x"):
        return is_outside(host)
    return "." in host and not host.endswith(_INNER_NAMES)


_NO_URL: Final = (
    "That is no address that can be called. Give one such as https://example.org/hook, "
    "without user, password and '#'."
)
