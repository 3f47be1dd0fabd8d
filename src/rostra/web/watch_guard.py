"""Stands before every route of the watch: bodies, foreign origins, headers on every answer."""

import time
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rostra.watch.intake import REPORT_BYTES_MAX
from rostra.web.body import replay, whole_body
from rostra.web.errors import answer
from rostra.web.guard import is_own
from rostra.web.watch_site import Site

WATCH_BODY_BYTES_MAX: Final = 64 * 1024
"""The largest ordinary request is a post-mortem (20,000 characters of UTF-8, as percent escapes for
the most part ASCII), or what a probe found while it was cut off."""

REPORT_PATHS: Final = frozenset({"/status/api/reports", "/status/report"})
"""Anybody may write to these: their bodies are small."""

OPEN_PATHS: Final = frozenset({"/status/api/reports", "/status/api/challenge"})
"""Any site's page may ask these: the listener's page is another site than the watch. No cookie
means anything here, so that none can be abused; floods are met by proof of work."""

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_METHODS: Final = _SAFE | {"POST", "PUT", "PATCH", "DELETE"}
_EVERYWHERE: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # The form needs an Origin that says where it comes from; `no-referrer` would make it `null`.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "microphone=(), camera=(), geolocation=()",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
"""What no route need think of; a page sets its own Content-Security-Policy."""


class WatchGuard:
    """ASGI middleware; what it refuses never reaches a route."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self._app = app
        self._site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        try:
            await self._serve(scope, receive, _Answering(self._site, scope, send))
        finally:
            self._site.metrics.seconds.observe(time.perf_counter() - started)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        if request.method in _SAFE:
            await self._app(scope, receive, send)
            return
        sentence = foreign_write(request.headers, scope["path"], self._site.board().public_url)
        if sentence is not None:
            await self._refuse(request, 403, sentence, "origin")(scope, receive, send)
            return
        small = scope["path"] in REPORT_PATHS
        bytes_max = REPORT_BYTES_MAX if small else WATCH_BODY_BYTES_MAX
        body = await whole_body(request, receive, bytes_max)
        if isinstance(body, bytes):
            await self._app(scope, replay(body, receive), send)
            return
        await self._refuse(request, *body)(scope, receive, send)

    def _refuse(self, request: Request, status: int, sentence: str, reason: str) -> Response:
        self._site.metrics.refused.labels(reason).inc()
        return answer(request, status, sentence, headers={"Connection": "close"})


class _Answering:
    """Adds the headers that every answer has, and counts it."""

    def __init__(self, site: Site, scope: Scope, send: Send) -> None:
        self._metrics = site.metrics
        self._method = scope["method"] if scope["method"] in _METHODS else "other"
        self._safe = scope["method"] in _SAFE
        self._open = scope["path"] in OPEN_PATHS
        self._send = send

    async def __call__(self, message: Message) -> None:
        """Pass one message of the answer on."""
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _EVERYWHERE.items():
                headers.setdefault(name, value)
            if self._open:
                headers["Access-Control-Allow-Origin"] = "*"
            if not self._safe:
                headers.setdefault("Cache-Control", "no-store")
            self._metrics.requests.labels(self._method, str(message["status"])).inc()
        await self._send(message)


def foreign_write(headers: Headers, path: str, public_url: str) -> str | None:
    """Why a state-changing request is refused as another site's doing, or None.

    A browser says where a request comes from (Fetch Metadata, else Origin: RFC 6454); what
    carries a cookie must say so. Bearer tokens are never sent by another site's page, and mail
    programs that unsubscribe with one click (RFC 8058) send neither.
    """
    if path in OPEN_PATHS or headers.get("authorization", "").lower().startswith("bearer "):
        return None
    site, source = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        own = site in {"same-origin", "none"}
    elif source is not None:
        own = is_own(source, headers, public_url)
    else:
        own = "cookie" not in headers
    if own:
        return None
    return "Another site's page asked for this. Open this page's own address and try there."
