"""What the watch looks at: components as they are configured, and the words for their status.

The words of `Status` and `Impact` are those of Atlassian Statuspage's public API, which other
people's programs read.
"""

from enum import StrEnum
from typing import Final

import msgspec

COMPONENTS_MAX: Final = 200
"""A page that lists more is read by nobody; each costs probes and a baseline of its own."""
ID_CHARS_MAX: Final = 40
"""Fits a path, a badge's file name and a label of Prometheus."""
ID_PATTERN: Final = r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?"


class Status(StrEnum):
    """How a component is, from best to worst; `MAINTENANCE` is announced work."""

    OPERATIONAL = "operational"
    MAINTENANCE = "under_maintenance"
    DEGRADED = "degraded_performance"
    PARTIAL = "partial_outage"
    MAJOR = "major_outage"


class Impact(StrEnum):
    """What an incident, or the whole page, comes to."""

    NONE = "none"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"
    MAINTENANCE = "maintenance"


class Target(StrEnum):
    """How a component is probed."""

    HTTP = "http"
    """A page or an API: resolve, connect, TLS, answer."""
    TCP = "tcp"
    """A port that takes connections."""
    TLS = "tls"
    """A certificate: valid, for this name, and not soon over."""
    HLS = "hls"
    """A stream of HLS: playlist, segments that follow on, sound."""
    SPACE = "space"
    """A space of Rostra, or a house, of which whatever is open is heard."""
    NONE = "none"
    """No probe: people's reports alone."""


class Component(msgspec.Struct, frozen=True):
    """One thing that people depend on, as it is configured."""

    id: str
    name: str
    target: Target = Target.NONE
    address: str = ""
    """What is probed: `https://…`, `HOST:PORT`, a playlist's or a space's page's address."""
    description: str = ""
    group: str = ""
    every_s: float = 20.0
    """How often each place probes it."""
    timeout_s: float = 10.0
    """How long one probe may take in all."""
    depends_on: tuple[str, ...] = ()
    """Components whose trouble explains this one's: not counted as unrelated neighbours."""
