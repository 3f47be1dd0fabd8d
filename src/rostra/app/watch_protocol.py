"""HTTP at the watch's doors: who does not finish a request's head gives its place back."""

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_S: Final = 10.0
"""A browser sends its head at once, a phone far out within seconds. Without this bound whoever
holds connections open and says nothing takes every place of a door (slowloris)."""


class HeadTimedProtocol(HttpToolsProtocol):
    """uvicorn's protocol, with a bound on the time of a connection's first and next heads."""

    def __init__(self, *given: Any, **named: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(*given, **named)
        self._head: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._wait()

    def on_message_begin(self) -> None:
        """The first byte of a head came."""
        super().on_message_begin()
        if self._head is None:
            self._wait()

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._done()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is waited for any more."""
        self._done()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._head = self.loop.call_later(HEAD_S, self.transport.abort)

    def _done(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None
