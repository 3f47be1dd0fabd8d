"""Where the watch listens: its public port, with TLS once it has it, and a port on loopback."""

import asyncio
import contextlib
import errno
import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import uvicorn

from rostra.app.config import EVERYWHERE, Settings
from rostra.app.watch_protocol import HeadTimedProtocol
from rostra.domain.errors import HouseError

if TYPE_CHECKING:
    from rostra.app.watch_tls import Certificates

CONNECTIONS_MAX: Final = 2_048
"""Connections of one door at once: 500 reports a second that wait for two seconds, and readers.
Beyond it uvicorn answers 503 by itself."""
BACKLOG: Final = 2_048
"""Connections that may wait to be accepted while an outage brings everybody at once."""
KEEP_ALIVE_S: Final = 65
"""Longer than the front door keeps an idle connection, so that it never meets a closed one."""
GOODBYE_S: Final = 2
"""Time for requests under way on a stop; the house waits three seconds for the whole process."""
LOOPBACK: Final = "127.0.0.1"


class _Server(uvicorn.Server):
    """One of two servers in a loop, which hear of signals by whoever runs both."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield


class Door:
    """Serves one application on sockets of its own until it is told to end."""

    def __init__(
        self,
        app: Any,  # noqa: ANN401 - ASGI
        sockets: list[socket.socket],
        settings: Settings,
    ) -> None:
        self._app = app
        self._sockets = sockets
        self._proxies = [*settings.watch.proxies, *settings.edge.proxies]
        self._server: _Server | None = None
        self._ending = False

    async def serve(self, certificates: "Certificates | None" = None) -> None:
        """Serve until `end`; with `certificates` in TLS from the first one on.

        Until then, and without any, it is plain HTTP: the page answers in either case.
        """
        while not self._ending:
            secure = certificates is not None and certificates.ready
            self._server = server = self._made(certificates if secure else None)
            changed = None
            if certificates is not None and not secure:
                changed = asyncio.create_task(self._until_ready(certificates, server))
            try:
                await server.serve(sockets=[one.dup() for one in self._sockets])
            finally:
                if changed is not None:
                    changed.cancel()
        for one in self._sockets:
            one.close()

    def end(self) -> None:
        """Take nobody new, and end when those under way are answered, or `GOODBYE_S` later."""
        self._ending = True
        if self._server is not None:
            self._server.should_exit = True

    @property
    def started(self) -> bool:
        """Whether it answers."""
        return self._server is not None and self._server.started

    @staticmethod
    async def _until_ready(certificates: "Certificates", server: _Server) -> None:
        await certificates.first.wait()
        server.should_exit = True

    def _made(self, certificates: "Certificates | None") -> _Server:
        config = uvicorn.Config(
            self._app,
            http=HeadTimedProtocol,
            ws="none",
            lifespan="off",
            access_log=False,
            log_config=None,
            server_header=False,
            # So `request.client` and its scheme are the asker's.
            proxy_headers=True,
            forwarded_allow_ips=self._proxies,
            limit_concurrency=CONNECTIONS_MAX,
            backlog=BACKLOG,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=GOODBYE_S,
        )
        config.load()
        config.ssl = certificates.context if certificates is not None else None
        return _Server(config)


def public_sockets(settings: Settings) -> list[socket.socket]:
    """The public port on `watch.bind`, or on every address of IPv4 and IPv6.

    Two sockets and no dual one: addresses of IPv4 stay what they are for `proxies` and budgets.
    HouseError where the port cannot be taken.
    """
    port = settings.watch_port
    if settings.watch.bind:
        return [_listening(settings.watch.bind, port, "watch.bind")]
    found = [_listening(EVERYWHERE, port, "the watch")]
    with contextlib.suppress(HouseError):  # a machine may have no IPv6
        found.append(_listening("::", port, "the watch"))
    return found


def loopback_socket(settings: Settings) -> socket.socket:
    """The port for the front door, and for health and metrics; HouseError as above."""
    return _listening(LOOPBACK, settings.watch_health_port, "the watch's health")


def _listening(host: str, port: int, what: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    door = socket.socket(family, socket.SOCK_STREAM)
    try:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            door.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        door.bind((host, port))
    except OSError as error:
        door.close()
        remedy = "Free it, or choose another block with --port"
        if error.errno == errno.EADDRNOTAVAIL:
            remedy = "Mend watch.bind"
        sentence = f"Port {port} on {host} for {what} cannot be taken: {error.strerror}. {remedy}."
        raise HouseError(sentence) from error
    return door
