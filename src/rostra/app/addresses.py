"""The ports that a house takes, and who holds one that is not free."""

import errno
import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import psutil

from rostra.app.config import EVERYWHERE, Settings
from rostra.app.watch_record import read_record
from rostra.domain.errors import HouseError

EVERY_FAMILY: Final = ""
"""Every address of this machine in IPv6 and IPv4 at once, as the front door listens."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where one process of the house listens."""

    host: str
    port: int
    what: str


def addresses(settings: Settings) -> Iterator[Address]:
    """Every TCP address that `rostra serve` will listen on, but those of a watch that runs."""
    if settings.domain:
        yield Address(EVERY_FAMILY, 80, "the front door")
        yield Address(EVERY_FAMILY, 443, "the front door")
    else:
        yield Address(EVERY_FAMILY, settings.port, "the front door")
    for index in range(settings.edge_count):
        yield Address(settings.edge_bind, settings.edge_port(index), f"edge {index}")
        yield Address("127.0.0.1", settings.edge_admin_port(index), f"edge {index}'s health")
    if not settings.nats.url:
        yield Address("127.0.0.1", settings.nats_port, "the backbone")
        yield Address("127.0.0.1", settings.nats_health_port, "the backbone's health")
    yield Address("127.0.0.1", settings.desk_port, "the desk")
    yield Address("127.0.0.1", settings.studio_port, "the studio's health")
    yield Address("127.0.0.1", settings.house_port, "the house's health")
    yield Address("127.0.0.1", settings.frontdoor_port, "the front door's health")
    yield from _of_the_watch(settings)


def _of_the_watch(settings: Settings) -> Iterator[Address]:
    """What a watch on this data folder holds already is its own."""
    record = read_record(settings) if settings.watch.on else None
    held = {record.port, record.health_port} if record is not None else set()
    found = (
        Address(settings.watch.bind or EVERY_FAMILY, settings.watch_port, "the watch"),
        Address("127.0.0.1", settings.watch_health_port, "the watch's health"),
    )
    if settings.watch.on:
        yield from (one for one in found if one.port not in held)


def require_free(wanted: Iterable[Address]) -> None:
    """HouseError naming the port, its holder if known, and the remedy, unless all are free."""
    for address in wanted:
        trouble = _trouble(address)
        if trouble is not None:
            raise HouseError(_sentence(address, trouble))


def _trouble(address: Address) -> int | None:
    """The error number that binding gives, or None."""
    if address.host != EVERY_FAMILY:
        family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
        return _bound(family, address.host, address.port)
    if socket.has_dualstack_ipv6():
        return _bound(socket.AF_INET6, "::", address.port)
    return _bound(socket.AF_INET, EVERYWHERE, address.port)


def _bound(family: socket.AddressFamily, host: str, port: int) -> int | None:
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6 and host == "::":
            probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as error:
            return error.errno
    return None


def _sentence(address: Address, number: int) -> str:
    where = f"Port {address.port} for {address.what}"
    if number == errno.EADDRINUSE:
        return (
            f"{where} is taken{_held_by(address.port)}."
            " Stop that process, or choose another block of ports with --port."
        )
    if number == errno.EACCES:
        return (
            f"{where} is for privileged users only. Choose a port above 1024 with --port, or run"
            " 'sysctl net.ipv4.ip_unprivileged_port_start=80'."
        )
    if number == errno.EADDRNOTAVAIL:
        return f"{where}: this machine has no address {address.host}. Mend edge.bind."
    return f"{where} cannot be used (error {errno.errorcode.get(number, number)})."


def _held_by(port: int) -> str:
    """` by NAME (process PID)` as far as this user may know it."""
    try:
        for connection in psutil.net_connections(kind="tcp"):
            if connection.status != psutil.CONN_LISTEN or connection.laddr[1:] != (port,):
                continue
            if connection.pid:
                return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
    except psutil.Error:
        return ""
    return ""
