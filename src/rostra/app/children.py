"""The processes of a house: how each is started, and how it shows that it is ready."""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from rostra.app.binaries import find_binary
from rostra.app.config import Settings
from rostra.app.edge_rows import read_rows
from rostra.app.frontdoor import caddyfile
from rostra.app.nats_config import ROLES, nats_config
from rostra.app.secrets import credentials, write_private

NATS_MEMORY: Final = "160MiB"
"""What the backbone's runtime aims at: its memory store and some room (GOMEMLIMIT)."""
FRONTDOOR_MEMORY: Final = "96MiB"
"""The same for the front door, which holds no sound."""


@dataclass(frozen=True, slots=True)
class Child:
    """One process to keep alive.

    `health` are URLs that answer 200 when it is ready; `address` is where others reach it.
    `foreign` says that its lines are not in our own form and are put into it; `quiet` that
    nobody wants what it prints. `once` says that exit code 0 is its end, and no failure.
    """

    role: str
    argv: tuple[str, ...]
    address: str
    health: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    foreign: bool = False
    quiet: bool = False
    once: bool = False
    resting: Callable[[], Iterable[str]] = tuple
    """Those of `health` that need not answer at the moment."""


def infrastructure(settings: Settings) -> list[Child]:
    """The backbone (unless it is somewhere else) and the front door; writes their files."""
    found = [] if settings.nats.url else [_nats(settings)]
    return [*found, _frontdoor(settings)]


def roles(settings: Settings) -> list[Child]:
    """Desk, studio and edges."""
    edges = range(settings.edge_count)
    return [
        _role(settings, "studio", f"127.0.0.1:{settings.studio_port}"),
        _role(settings, "desk", f"127.0.0.1:{settings.desk_port}"),
        Child(
            "edges",
            argv(settings, "edge"),
            f"{settings.edge_bind}:{settings.edge_port(0)}",
            tuple(_healthz(settings.edge_admin_port(index)) for index in edges),
            resting=partial(_drained, settings),
        ),
    ]


def _nats(settings: Settings) -> Child:
    path = settings.secrets / "nats.conf"
    passwords = {role: credentials(settings, role).password for role in ROLES}
    store = settings.data / "nats"
    text = nats_config(settings.nats_port, settings.nats_health_port, store, passwords)
    write_private(path, text)
    return Child(
        "nats",
        (find_binary("nats-server"), "-c", str(path.absolute())),
        f"127.0.0.1:{settings.nats_port}",
        (_healthz(settings.nats_health_port),),
        {"GOMEMLIMIT": NATS_MEMORY},
        foreign=True,
    )


def _frontdoor(settings: Settings) -> Child:
    path = settings.data / "run" / "Caddyfile"
    write_private(path, caddyfile(settings))
    home = str((settings.data / "caddy").absolute())
    return Child(
        "frontdoor",
        (find_binary("caddy"), "run", "--adapter", "caddyfile", "--config", str(path.absolute())),
        settings.origin,
        (_healthz(settings.frontdoor_port),),
        {"GOMEMLIMIT": FRONTDOOR_MEMORY, "XDG_DATA_HOME": home, "XDG_CONFIG_HOME": home},
        foreign=True,
    )


def _role(settings: Settings, role: str, address: str) -> Child:
    return Child(role, argv(settings, role), address, (f"http://{address}/healthz",))


def argv(settings: Settings, role: str) -> tuple[str, ...]:
    """The command of a role, with every option that differs by command line."""
    given = ["--data", str(Path(settings.data).absolute()), "--port", str(settings.port)]
    if settings.domain:
        given += ["--domain", settings.domain]
    return (sys.executable, "-m", "rostra", role, *given)


def _drained(settings: Settings) -> Iterable[str]:
    rows = [row for row in read_rows(settings) if row.drained]
    return [_healthz(settings.edge_admin_port(row.index)) for row in rows]


def _healthz(port: int) -> str:
    return f"http://127.0.0.1:{port}/healthz"
