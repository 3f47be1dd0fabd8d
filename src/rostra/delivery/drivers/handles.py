"""File handles: how many an edge keeps for itself, and how many connections are left for others."""

import resource
import sys
from dataclasses import dataclass
from typing import Final

import structlog

from rostra.delivery.drivers.gate import RESERVED_MAX
from rostra.delivery.refusing import NARROW_MAX

SPARE_CONNECTIONS: Final = 1_024
"""Connections beyond `listeners_max` for pages, HLS, TLS handshakes and refusals in words; then
even those end."""

OWN_HANDLES: Final = 500
"""What an edge opens besides connections: listening sockets, the backbone, files, its health."""

KEPT: Final = OWN_HANDLES + NARROW_MAX + RESERVED_MAX
"""Handles that no listener gets: the edge's own, and the doors past every limit."""

_log = structlog.get_logger("edge")


@dataclass(frozen=True, slots=True)
class Places:
    """How many an edge takes."""

    listeners: int
    connections: int
    """In all, listeners and handshakes included; the doors past every limit are beyond it."""


def limit() -> int:
    """File handles that this process may have now."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if soft == resource.RLIM_INFINITY else soft


def wanted(listeners_max: int) -> int:
    """File handles with which an edge takes so many listeners."""
    return listeners_max + SPARE_CONNECTIONS + KEPT


def places(listeners_max: int, handles: int) -> Places:
    """What so many file handles allow: the reserved doors come before listeners.

    Of very few handles half are kept, and half of the connections are for pages.
    """
    allowed = handles - min(KEPT, handles // 2)
    connections = min(listeners_max + SPARE_CONNECTIONS, allowed)
    return Places(
        min(listeners_max, max(connections - SPARE_CONNECTIONS, connections // 2)), connections
    )


def granted(listeners_max: int) -> Places:
    """What this process may take; a line of the log says so where that is less than configured."""
    handles = limit()
    found = places(listeners_max, handles)
    if found.listeners < listeners_max:
        _log.warning(
            "an edge takes fewer listeners than it is configured for: file handles are short",
            listeners=found.listeners,
            listeners_max=listeners_max,
            handles=handles,
            remedy=f"LimitNOFILE={wanted(listeners_max)}",
        )
    return found
