"""What every guard before an application's routes does: times, counts, and adds headers."""

import time
from collections.abc import Mapping
from typing import Final, Protocol

from prometheus_client import Counter, Histogram
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rostra.web.errors import answer

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing (RFC 9110, 9.2.1)."""

_METHODS: Final = SAFE | {"POST", "PUT", "PATCH", "DELETE"}


class Counted(Protocol):
    """What a guard counts with."""

    @property
    def requests(self) -> Counter:
        """Requests answered, by method and status."""
        ...

    @property
    def seconds(self) -> Histogram:
        """Time from a request's head to the end of its answer."""
        ...

    @property
    def refused(self) -> Counter:
        """Requests refused before they reached their route, by reason."""
        ...


class Guarding:
    """ASGI middleware; a guard says what it adds (`headers`) and what it lets through (`serve`)."""

    def __init__(self, app: ASGIApp, metrics: Counted) -> None:
        self.app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        answering = _Answering(self._metrics, scope, send, self.headers(scope))
        try:
            await self.serve(scope, receive, answering)
        finally:
            self._metrics.seconds.observe(time.perf_counter() - started)

    def headers(self, scope: Scope) -> Mapping[str, str]:
        """Headers that an answer has where its route has not set them."""
        raise NotImplementedError

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request of HTTP through to the application, or refuse it."""
        raise NotImplementedError

    def refuse(self, request: Request, status: int, sentence: str, reason: str) -> Response:
        """The answer to a request that reaches no route."""
        self._metrics.refused.labels(reason).inc()
        return answer(request, status, sentence, headers={"Connection": "close"})


class _Answering:
    """Adds the headers that every answer has, and counts it."""

    def __init__(
        self, metrics: Counted, scope: Scope, send: Send, headers: Mapping[str, str]
    ) -> None:
        self._metrics = metrics
        self._method = scope["method"] if scope["method"] in _METHODS else "other"
        self._headers = headers
        self._send = send

    async def __call__(self, message: Message) -> None:
        """Pass one message of the answer on."""
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in self._headers.items():
                headers.setdefault(name, value)
            self._metrics.requests.labels(self._method, str(message["status"])).inc()
        await self._send(message)
