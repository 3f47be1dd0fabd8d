"""Resolves, connects and speaks TLS as a visitor does, each with its own step and limit."""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from rostra.watch.drivers.probe_steps import FailedError, NoNameError, OwnTroubleError, Trail
from rostra.watch.drivers.threads import in_thread

LOOKUPS_MAX: Final = 16
"""Lookups under way at once: each holds a thread until the system's resolver gives up."""

ADDRESSES_MAX: Final = 4
"""Addresses of one name that are tried, in the resolver's order."""

CONNECT_S: Final = 4.0
"""For one address: a lost SYN is sent again after one and after three seconds (RFC 6298)."""

READ_BYTES: Final = 64 * 1024
PORTS: Final = {"http": 80, "https": 443}

_SILENT: Final = frozenset({socket.EAI_AGAIN, socket.EAI_FAIL})
"""The resolver did not get an answer; EAI_NONAME is an answer."""

Address = tuple[str, int]
"""A numeric address and a port."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to connect. `name` is what a certificate must be for."""

    host: str
    port: int
    tls: bool = False


def _ask(host: str, port: int) -> list[Address]:
    rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys((str(row[4][0]), port) for row in rows))


@dataclass(slots=True)
class Lookups:
    """The system's resolver, asked in threads that nobody has to wait for."""

    ask: Callable[[str, int], list[Address]] = _ask
    under_way: int = 0

    async def addresses(self, host: str, port: int) -> list[Address]:
        """Addresses of a name; NoNameError without any, OwnTroubleError if too many hang."""
        if self.under_way >= LOOKUPS_MAX:
            sentence = "This place has too many lookups that hang."
            raise OwnTroubleError(sentence)
        self.under_way += 1
        try:
            found = await in_thread("lookup", lambda: self.ask(host, port), self._ended)
        except socket.gaierror as error:
            silent = error.errno in _SILENT
            words = "The resolver does not answer." if silent else "There is no such name."
            raise NoNameError(words, silent=silent) from error
        except UnicodeError as error:  # a label too long for IDNA
            words = "There can be no such name."
            raise NoNameError(words, silent=False) from error
        return found[:ADDRESSES_MAX]

    def _ended(self) -> None:
        self.under_way -= 1


@dataclass(frozen=True, slots=True)
class Means:
    """What a place probes with: its resolver, and whom it trusts in TLS."""

    lookups: Lookups = field(default_factory=Lookups)
    trust: ssl.SSLContext = field(default_factory=ssl.create_default_context)


@dataclass(slots=True)
class Line:
    """An open connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    address: Address

    def certificate_end_s(self) -> float | None:
        """When the peer's certificate is over, in seconds since 1970; None without TLS."""
        found = self.writer.get_extra_info("peercert")
        return ssl.cert_time_to_seconds(found["notAfter"]) if found else None


@asynccontextmanager
async def connected(means: Means, endpoint: Endpoint, trail: Trail) -> AsyncIterator[Line]:
    """A connection to `endpoint`; FailedError once a step has failed and was written down."""
    with trail.step("resolve"):
        addresses = await means.lookups.addresses(endpoint.host, endpoint.port)
    with trail.step("connect"):
        line = await _connect(addresses)
    try:
        if endpoint.tls:
            with trail.step("tls"):
                await line.writer.start_tls(means.trust, server_hostname=endpoint.host)
        yield line
    finally:
        # Not `wait_closed`, which never ends once a handshake has failed.
        line.writer.transport.abort()
        await asyncio.sleep(0)


async def _connect(addresses: list[Address]) -> Line:
    """The first address that takes a connection; raises what the last one said."""
    last: OSError = ConnectionRefusedError()
    for address in addresses:
        try:
            async with asyncio.timeout(CONNECT_S):
                reader, writer = await asyncio.open_connection(*address, limit=READ_BYTES)
        except OSError as error:  # TimeoutError is one
            last = error
            continue
        return Line(reader, writer, address)
    raise last


def endpoint_of(url: str) -> tuple[Endpoint, str]:
    """Endpoint and target (`/path?query`) of an address on the web; FailedError for another."""
    try:
        parts = urlsplit(url)
        host, port = _ascii(parts.hostname), parts.port or PORTS.get(parts.scheme, 0)
    except ValueError as error:
        raise _no_address(url) from error
    if parts.scheme not in PORTS or not host:
        raise _no_address(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not target.isascii() or not target.isprintable() or " " in target:
        raise _no_address(url)
    return Endpoint(host, port, tls=parts.scheme == "https"), target


def host_and_port(word: str, port: int = 0) -> Endpoint:
    """The endpoint of `HOST:PORT`, or of `HOST` where there is a usual `port`."""
    try:
        parts = urlsplit(f"//{word.rpartition('//')[2]}")
        host, given = _ascii(parts.hostname), parts.port or port
    except ValueError as error:
        raise _no_address(word) from error
    if not host or not given:
        raise _no_address(word)
    return Endpoint(host, given)


def _ascii(host: str | None) -> str:
    """A name as DNS and headers have it; UnicodeError (a ValueError) if it cannot be one."""
    return (host or "").encode("idna").decode() if not (host or "").isascii() else host or ""


def is_open_address(address: str) -> bool:
    """Whether an address is reachable from anywhere, so that nothing private stands behind it."""
    try:
        return ipaddress.ip_address(address.partition("%")[0]).is_global
    except ValueError:
        return False


def _no_address(word: str) -> FailedError:
    return FailedError(f"{word[:80]!r} is no address that can be probed.")
