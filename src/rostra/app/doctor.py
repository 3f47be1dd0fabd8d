"""`rostra doctor`: what on this machine limits the house, and the command that lifts it."""

import contextlib
import ctypes.util
import resource
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from rostra.app.addresses import addresses, require_free
from rostra.app.binaries import find_binary
from rostra.app.config import Settings
from rostra.app.dist import dist_folder
from rostra.app.doctor_finding import Finding
from rostra.app.doctor_watch import watch_findings
from rostra.app.edge_certificate import find, read
from rostra.app.house_state import NoHouseError, read_state
from rostra.delivery.drivers import handles as edge_handles
from rostra.domain.errors import HouseError

BACKLOG_WANTED: Final = 4_096
"""Connections that a crowd opens between two turns of an edge's loop."""
TCP_KB_A_LISTENER: Final = 16
"""Kernel memory of a listener's socket at 48 kbit/s with a second waiting, generously."""
DISK_FREE_WANTED: Final = 2 * 1024**3
"""A day of journals and an evening's objects, with room for the database."""
CERTIFICATE_DAYS_WANTED: Final = 14
"""Caddy renews a certificate of 90 days when 30 are left: with fewer than these it has failed."""
DAY_S: Final = 86_400
PYTHON_MIN: Final = (3, 11)


def examine(settings: Settings) -> list[Finding]:
    """Look at everything; changes nothing."""
    return list(_looks(settings))


def _looks(settings: Settings) -> Iterator[Finding]:
    yield python(sys.version_info[:3])
    yield handles(resource.getrlimit(resource.RLIMIT_NOFILE), settings.edge.listeners_max)
    yield backlog(_number("/proc/sys/net/core/somaxconn"))
    listeners = settings.edge_count * settings.edge.listeners_max
    yield tcp_memory(_third("/proc/sys/net/ipv4/tcp_mem"), resource.getpagesize(), listeners)
    yield _disk(settings.data)
    yield clock(_clock_synchronised())
    yield _ports(settings)
    yield libopus(ctypes.util.find_library("opus"))
    for name in ("nats-server", "caddy"):
        yield _binary(name)
    yield _pages()
    yield microphones(settings)
    if settings.domain or settings.edge.tls_cert:
        yield certificate(settings, time.time())
    yield from watch_findings(settings)


def python(version: tuple[int, ...]) -> Finding:
    """Whether this Python is new enough."""
    found = ".".join(map(str, version))
    if version >= PYTHON_MIN:
        return Finding("python", "ok", found)
    return Finding("python", "bad", found, "everything", "apt install python3.11")


def handles(limits: tuple[int, int], listeners_max: int) -> Finding:
    """Whether an edge may open a handle for each of its connections."""
    wanted = edge_handles.wanted(listeners_max)
    soft, hard = (sys.maxsize if one == resource.RLIM_INFINITY else one for one in limits)
    found = f"{_word(soft)} of at most {_word(hard)} file handles a process"
    if hard >= wanted:  # an edge lifts its own soft limit
        return Finding("file handles", "ok", found)
    places = edge_handles.places(listeners_max, hard)
    limits_what = f"connections of one edge to {places.connections}, {places.listeners} listeners"
    remedy = f"systemctl edit rostra: LimitNOFILE={wanted}; or /etc/security/limits.conf"
    return Finding("file handles", "weak", found, limits_what, remedy)


def backlog(somaxconn: int | None) -> Finding:
    """Whether the kernel lets a crowd wait at the door."""
    if somaxconn is None:
        return Finding("somaxconn", "ok", "not known on this system")
    if somaxconn >= BACKLOG_WANTED:
        return Finding("somaxconn", "ok", str(somaxconn))
    remedy = f"sysctl -w net.core.somaxconn={BACKLOG_WANTED}"
    return Finding("somaxconn", "weak", str(somaxconn), "joins in one burst", remedy)


def tcp_memory(pages: int | None, page_bytes: int, listeners: int) -> Finding:
    """Whether the kernel's memory for TCP holds every listener's socket."""
    if pages is None:
        return Finding("tcp_mem", "ok", "not known on this system")
    room = pages * page_bytes // (TCP_KB_A_LISTENER * 1024)
    found = f"{pages * page_bytes // 1024**2} MB for all sockets"
    if room >= listeners:
        return Finding("tcp_mem", "ok", found)
    wanted = listeners * TCP_KB_A_LISTENER * 1024 // page_bytes
    remedy = f"sysctl -w net.ipv4.tcp_mem='{wanted // 2} {wanted * 3 // 4} {wanted}'"
    return Finding("tcp_mem", "weak", found, f"listeners of this machine to about {room}", remedy)


def clock(synchronised: bool | None) -> Finding:  # noqa: FBT001 - what the kernel says, or nothing
    """Whether this machine's clock follows the world's."""
    if synchronised:
        return Finding("clock", "ok", "synchronised")
    found = "not synchronised" if synchronised is False else "nobody says whether it is right"
    limits = "starting on the second, and the latency that listeners are shown"
    return Finding("clock", "weak", found, limits, "timedatectl set-ntp true")


def libopus(found: str | None) -> Finding:
    """Whether there is an Opus library; a wheel's own does as well."""
    if found:
        return Finding("libopus", "ok", found)
    with contextlib.suppress(HouseError, ImportError, OSError):
        from rostra.stage.drivers.opus import Encoder  # noqa: PLC0415 - loads the library

        Encoder()
        return Finding("libopus", "ok", "from a wheel")
    return Finding("libopus", "bad", "not found", "everybody on stage", "apt install libopus0")


def microphones(settings: Settings) -> Finding:
    """Whether a phone's browser will give its microphone to this origin."""
    if settings.domain:
        return Finding("secure origin", "ok", settings.origin)
    return Finding(
        "secure origin",
        "weak",
        f"{settings.origin} is plain HTTP",
        "microphones: browsers give them on this machine only, not to phones on the network",
        "rostra serve --domain NAME (a public name with ports 80 and 443), or ssh -L to speak",
    )


def certificate(settings: Settings, now_s: float) -> Finding:
    """Whether edges have a certificate, and for how long."""
    limits = "listeners: without their own TLS all sound goes through the front door"
    pair = find(settings)
    if pair is None:
        remedy = "let ports 80 and 443 of the domain reach this machine: the front door gets one"
        return Finding("certificate", "weak", "the front door has none yet", limits, remedy)
    try:
        not_after_s = read(pair).not_after_s
    except HouseError as error:
        remedy = "mend the files, or edge.tls_cert and edge.tls_key"
        return Finding("certificate", "weak", error.sentence, limits, remedy)
    days = int((not_after_s - now_s) // DAY_S)
    found = f"{pair.certificate} ends in {days} days" if days >= 0 else f"{pair.certificate} ended"
    if days >= CERTIFICATE_DAYS_WANTED:
        return Finding("certificate", "ok", found)
    return Finding(
        "certificate",
        "weak" if days >= 0 else "bad",
        found,
        "everybody from then on: browsers load no page and no sound",
        "see why it is not renewed: ports 80 and 443, or whoever writes the files",
    )


def _disk(folder: Path) -> Finding:
    place = folder.absolute()
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    found = f"{free / 1024**3:.1f} GB free at {place}"
    if free >= DISK_FREE_WANTED:
        return Finding("disk", "ok", found)
    return Finding("disk", "weak", found, "journals and accounts", "--data on another disk")


def _ports(settings: Settings) -> Finding:
    with contextlib.suppress(NoHouseError):
        state = read_state(settings)
        return Finding("ports", "ok", f"held by this house (process {state.pid})")
    try:
        require_free(addresses(settings))
    except HouseError as error:
        return Finding("ports", "bad", error.sentence, "everything", "--port of a free block")
    return Finding("ports", "ok", f"{settings.port} and its block are free")


def _binary(name: str) -> Finding:
    try:
        return Finding(name, "ok", find_binary(name))
    except HouseError as error:
        return Finding(name, "bad", error.sentence, "everything", "make setup")


def _pages() -> Finding:
    try:
        return Finding("pages", "ok", str(dist_folder()))
    except HouseError as error:
        return Finding("pages", "bad", error.sentence, "every page", "make setup")


def _clock_synchronised() -> bool | None:
    """The kernel's word (adjtimex(2): 5 means unsynchronised); None where it has none."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "adjtimex"):
        return libc.adjtimex(ctypes.create_string_buffer(1024)) not in (-1, 5)
    return None


def _number(path: str) -> int | None:
    with contextlib.suppress(OSError, ValueError):
        return int(Path(path).read_text())
    return None


def _third(path: str) -> int | None:
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int(Path(path).read_text().split()[2])
    return None


def _word(limit: int) -> str:
    return "unlimited" if limit == sys.maxsize else str(limit)
