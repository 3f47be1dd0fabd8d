"""The desk's process: store, key and backbone put together, and served on a loopback port."""

import signal
import socket
from pathlib import Path
from types import FrameType
from typing import Any, Final

import structlog
import uvicorn
import uvloop
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from rostra.app.accounts import offer_ownership, open_books
from rostra.app.config import IceServer, Settings
from rostra.app.dist import dist_folder
from rostra.app.machine import MachineClock, fresh_id
from rostra.app.secrets import credentials, listening_key, operator_token
from rostra.app.uploads import Workshop
from rostra.domain.errors import HouseError
from rostra.store.opening import Store
from rostra.web.deps import Deps, Outside
from rostra.web.factory import create_app
from rostra.wire.drivers.nats import NatsBackbone

CONNECTIONS_MAX: Final = 512
"""Connections from the front door at once; beyond it uvicorn answers 503 by itself."""

BACKLOG: Final = 512
"""Connections that may wait to be accepted."""

KEEP_ALIVE_S: Final = 65
"""Longer than the front door keeps an idle connection, so that it never meets a closed one."""

GOODBYE_S: Final = 2
"""Time for requests under way on a stop; the house waits three seconds for the whole process."""

_log = structlog.get_logger("desk")


class _Ending:
    """Hears the word to end, also before uvicorn listens to signals itself."""

    def __init__(self) -> None:
        self.told = False
        self._server: uvicorn.Server | None = None

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        """The signal came."""
        self.told = True
        if self._server is not None:
            self._server.should_exit = True

    def stop(self, server: uvicorn.Server) -> None:
        """Have this server end at the word, or as it begins if the word came before."""
        self._server = server
        server.should_exit = self.told


def run(settings: Settings) -> int:
    """The desk's process, until SIGTERM or SIGINT; HouseError says why it cannot start.

    It needs its store, its key and its port, but not the backbone: that may come later.
    """
    ending = _Ending()
    for number in (signal.SIGTERM, signal.SIGINT):
        # uvicorn takes these over and raises them again at its end; the default would kill us.
        signal.signal(number, ending)
    key = desk_key(settings.secrets)
    store = open_books(settings)
    try:
        offer_ownership(settings, store, MachineClock().now().utc_us)
        with _listening(settings.desk_port) as door:
            uvloop.run(_serve(settings, store, key, door, ending))
    finally:
        store.close()
    return 0


async def _serve(
    settings: Settings,
    store: Store,
    key: Ed25519PrivateKey,
    door: socket.socket,
    ending: _Ending,
) -> None:
    who = credentials(settings, "desk")
    backbone = await NatsBackbone.connect(
        settings.nats_url, who.user, who.password, "desk", must=False
    )
    deps = Deps(_outside(settings, store, key, backbone))
    backbone.on_connected(deps.definitions.tell_all)
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(deps),
            http="httptools",
            ws="none",
            lifespan="on",
            access_log=False,
            log_config=None,
            server_header=False,
            proxy_headers=True,
            forwarded_allow_ips="127.0.0.1",
            limit_concurrency=CONNECTIONS_MAX,
            backlog=BACKLOG,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=GOODBYE_S,
        )
    )
    ending.stop(server)
    try:
        await server.serve(sockets=[door])
    finally:
        await backbone.close()
    if not server.started and not ending.told:
        sentence = "The desk could not start. Its log says why."
        raise HouseError(sentence)


def _outside(
    settings: Settings, store: Store, key: Ed25519PrivateKey, backbone: NatsBackbone
) -> Outside:
    return Outside(
        accounts=store.accounts,
        spaces=store.spaces,
        backbone=backbone,
        clock=MachineClock(),
        key=key,
        salt=fresh_id().encode(),
        origin=settings.origin,
        origin_fixed=bool(settings.domain),
        listening_key=listening_key(settings),
        operator_token=_operator_token(settings),
        accounts_open=settings.accounts.open,
        dist=_dist(),
        workshop=Workshop(backbone),
        ice_servers=tuple(map(_ice_server, settings.stage.ice_servers)),
        owner_came=lambda: (settings.secrets / "owner.url").unlink(missing_ok=True),
    )


def desk_key(folder: Path) -> Ed25519PrivateKey:
    """The key that signs links; HouseError if it is not there, or something else is."""
    path = folder / "desk.key"
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        sentence = f"The desk's key {path} cannot be used ({error}). Restore it from a backup."
        raise HouseError(sentence) from error
    if not isinstance(key, Ed25519PrivateKey):
        sentence = f"The desk's key {path} is not Ed25519. Restore it from a backup."
        raise HouseError(sentence)
    return key


def _listening(port: int) -> socket.socket:
    door = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind(("127.0.0.1", port))
    except OSError as error:
        door.close()
        sentence = f"Port {port} on 127.0.0.1 cannot be taken: {error.strerror}. Free it, or"
        sentence += " choose another block with --port."
        raise HouseError(sentence) from error
    return door


def _operator_token(settings: Settings) -> str:
    try:
        return operator_token(settings)
    except HouseError as error:
        _log.warning("no operator can command this desk", reason=error.sentence)
        return ""


def _dist() -> Path | None:
    try:
        return dist_folder()
    except HouseError as error:
        _log.warning("no pages", reason=error.sentence)
        return None


def _ice_server(server: IceServer) -> dict[str, Any]:
    """As a browser's RTCIceServer takes it: no empty names."""
    given: dict[str, Any] = {"urls": list(server.urls)}
    if server.username:
        given |= {"username": server.username, "credential": server.credential}
    return given
