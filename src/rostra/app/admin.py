"""Health and metrics of one process, on a loopback port of its own."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from rostra.domain.errors import HouseError

StartResponse = Callable[[str, list[tuple[str, str]]], Any]


class _Quiet(WSGIRequestHandler):
    """A scrape every few seconds is no news."""

    timeout = 5.0

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Say nothing."""


class Admin:
    """Serves `/healthz` and `/metrics` on 127.0.0.1 from a thread until closed.

    `healthy` returns None when all is well, else the sentence that says what is not.
    """

    def __init__(
        self, port: int, registry: CollectorRegistry, healthy: Callable[[], str | None]
    ) -> None:
        self._registry = registry
        self._healthy = healthy
        self._closing = False
        try:
            self._server = make_server(
                "127.0.0.1", port, self._answer, WSGIServer, handler_class=_Quiet
            )
        except OSError as error:
            sentence = f"Port {port} on 127.0.0.1 cannot be taken: {error.strerror}. Free it, or"
            sentence += " choose another block with --port."
            raise HouseError(sentence) from error
        self._thread = threading.Thread(target=self._serve, name="admin", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """The port that was taken (useful when 0 was asked for)."""
        return self._server.server_port

    def close(self) -> None:
        """Stop serving."""
        self._closing = True
        # It waits for a connection; one that says nothing wakes it.
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), timeout=1.0).close()
        self._thread.join()
        self._server.server_close()

    def _serve(self) -> None:
        """Wait for one request after another: `serve_forever` would wake twice a second."""
        while not self._closing:
            self._server.handle_request()

    def _answer(self, environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == "/metrics":
            start("200 OK", [("Content-Type", CONTENT_TYPE_LATEST)])
            return [generate_latest(self._registry)]
        if path == "/healthz":
            trouble = self._healthy()
            start("200 OK" if trouble is None else "503 Service Unavailable", _TEXT)
            return [(trouble or "ok").encode() + b"\n"]
        start("404 Not Found", _TEXT)
        return [b"Here are only /healthz and /metrics.\n"]


_TEXT = [("Content-Type", "text/plain; charset=utf-8")]
