"""One edge process: a listener loop, its bridge to the backbone, its health and metrics."""

import functools
import ipaddress
import json
import signal
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
import structlog

from rostra.app.admin import Admin
from rostra.app.config import Settings
from rostra.app.edge_bridge import Bridge, Connect
from rostra.app.edge_crowd import new_crowd, shared_secret
from rostra.app.edge_drain import Drain
from rostra.app.edge_metrics import registry_of
from rostra.app.edge_options import filled
from rostra.app.edge_rows import read_order
from rostra.app.edge_tls import CertificateWatch
from rostra.app.machine import fresh_id
from rostra.app.parents import heed_orders
from rostra.app.secrets import listening_key
from rostra.delivery.access import OPEN, Access
from rostra.delivery.answers import Asset
from rostra.delivery.budgets import Limits
from rostra.delivery.crowd import Crowd
from rostra.delivery.cutting import TICK
from rostra.delivery.doorkeeper import Doorkeeper
from rostra.delivery.drivers.hall import Hall
from rostra.delivery.drivers.handshakes import Tls
from rostra.delivery.drivers.loop import EdgeLoop
from rostra.delivery.elastic import Elastic, Step
from rostra.delivery.moving import MOVE_WITHIN_S
from rostra.delivery.pages import Template
from rostra.delivery.service import Service
from rostra.delivery.sources import networks
from rostra.delivery.spaces import Directory
from rostra.domain.errors import HouseError
from rostra.domain.ports import Backbone
from rostra.wire.drivers.nats import NatsBackbone
from rostra.wire.hold import HoldLoop
from rostra.wire.states import EdgeInfo

STUCK_AFTER_S: Final = 5.0
"""A loop that has not turned for this long is not healthy; its sweep turns it twice a second."""

NS_PER_S: Final = 1_000_000_000

OPEN_WAIT_NS: Final = 2 * NS_PER_S
"""How long a new edge waits to be told of the spaces before it answers without them."""

DRAINED: Final = 0
"""Exit code of an edge that was emptied: it is not started again."""

ENDED: Final = 143
"""Exit code of one that was told to end, as of who dies of SIGTERM: it is, unless all end."""

_log = structlog.get_logger("edge")


@dataclass(frozen=True)
class Stock:
    """What every edge of this machine serves from memory; read once, before the fork."""

    template: Template | None
    assets: Mapping[str, Asset]
    loop: HoldLoop | None
    access: Access = OPEN
    """How each of them stands towards the outside."""
    steps: tuple[Step, ...] = (Step(TICK),)
    """The ladder that an edge climbs under load."""
    tls: Tls | None = None
    """How edges speak TLS; None where they never do."""


def info_of(settings: Settings, index: int, *, secure: bool = False) -> EdgeInfo:
    """How edge `index` is to be reached: see `docs/operating/edges.md`.

    An https page may not load media over http: with a domain its own port is named when it is
    `secure`, which is when it has a certificate.
    """
    name, port = settings.edge_id(index), settings.edge_port(index)
    bases = tuple(filled(base, index, port) for base in settings.edge.bases)
    public = secure and not ipaddress.ip_address(settings.edge_bind).is_loopback
    if not bases and (public or not settings.domain):
        bases = (f":{port}",)
    through = (f"/e/{name}",) if settings.edge.frontdoor else ()
    return EdgeInfo(name, (*bases, *through), settings.edge.weight)


def access_of(settings: Settings) -> Access:
    """How every edge of this machine stands towards the outside; HouseError without its key."""
    origin = settings.origin if settings.domain else ""
    edge = settings.edge
    limits = Limits(**edge.budgets.model_dump())
    keeper = Doorkeeper(listening_key(settings), required=edge.tickets == "required")
    proxies = networks(edge.proxies)
    siblings = tuple(info_of(settings, index, secure=True) for index in range(settings.edge_count))
    outside = (origin, proxies, edge.origins, edge.csp_sources)
    return Access(*outside, siblings, limits, keeper, edge.frontdoor, watch_of(settings))


def watch_of(settings: Settings) -> str:
    """Where pages reach the watch without the front door, as `Access.watch` has it."""
    if settings.watch.public_url:
        return settings.watch_url
    return f":{settings.watch_port}" if settings.watch.on else ""


def assemble(server: socket.socket, info: EdgeInfo, stock: Stock, listeners_max: int) -> EdgeLoop:
    """A listener loop on `server` that knows no space yet."""
    directory = Directory(info)
    elastic = Elastic(stock.steps)
    edge = EdgeLoop(
        server,
        lambda stats, events: Hall(directory, stock.loop, stats, events, elastic.step.tick),
        lambda hall: Service(directory, hall.channels, stock.template, stock.assets, stock.access),
        listeners_max,
        elastic,
    )
    edge.service.crowd = new_crowd()
    if stock.tls is not None:
        edge.speak(stock.tls)
    return edge


def run_child(settings: Settings, index: int, server: socket.socket, stock: Stock) -> int:
    """Serve until SIGTERM or SIGINT, or until drained (SIGUSR1); the process's exit code."""
    info = info_of(settings, index, secure=stock.tls is not None and stock.tls.ready)
    loop = assemble(server, info, stock, settings.edge.listeners_max)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: loop.stop())
    bridge = Bridge(_connect(settings, info.id, loop), loop, info, fresh_id())
    registry = registry_of(loop, bridge)
    drain = Drain(loop, bridge)
    watch = _watch(settings, index, loop, bridge)
    signal.signal(signal.SIGUSR1, lambda _number, _frame: drain.ask(_within_s(settings)))
    heed_orders()
    admin = Admin(settings.edge_admin_port(index), registry, lambda: trouble_of(loop))
    # The parent's socket lets people wait: better a moment later than "ask again".
    loop.keep_door_shut(OPEN_WAIT_NS)
    bridge.start()
    _log.info("edge is open", edge=info.id, port=server.getsockname()[1])
    try:
        loop.run()
    finally:
        watch.close()
        drain.close()
        bridge.stop()
        admin.close()
    return DRAINED if drain.done else ENDED


def _watch(settings: Settings, index: int, loop: EdgeLoop, bridge: Bridge) -> CertificateWatch:
    """Takes each new certificate, and names the edge's own port once there is one."""

    def told() -> None:
        directory = loop.service.directory
        bases = info_of(settings, index, secure=True).bases
        if bases != directory.me.bases:
            directory.me = msgspec.structs.replace(directory.me, bases=bases)
            bridge.tell(directory.me)

    return CertificateWatch(settings, loop, told)


def _within_s(settings: Settings) -> int:
    order = read_order(settings)
    return MOVE_WITHIN_S if order is None else order.within_s


def trouble_of(loop: EdgeLoop) -> str | None:
    """What is wrong with an edge, or None."""
    age_s = (time.monotonic_ns() - loop.turned_ns) / NS_PER_S
    if age_s > STUCK_AFTER_S:
        return f"The listener loop has not turned for {age_s:.0f} seconds."
    return None


def _connect(settings: Settings, name: str, loop: EdgeLoop) -> Connect:
    path = _credentials_file(settings)
    return functools.partial(_join_backbone, settings.nats_url, path, name, loop.service.crowd)


def _credentials_file(settings: Settings) -> Path:
    return settings.secrets / "nats-edge.json"


async def _join_backbone(url: str, path: Path, name: str, crowd: Crowd) -> Backbone:
    """Connect, and keep trying inside the backbone; HouseError while there are no credentials."""
    user, password = _credentials(path)
    crowd.share(shared_secret(password))  # before any space is known, hence before any listener
    return await NatsBackbone.connect(url, user, password, name, must=False)


def _credentials(path: Path) -> tuple[str, str]:
    try:
        word = json.loads(path.read_text(encoding="utf-8"))
        return str(word["user"]), str(word["password"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        sentence = f"{path} does not hold the edge's name and password: start 'rostra serve' once."
        raise HouseError(sentence) from error
