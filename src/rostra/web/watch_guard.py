"""Stands before every route of the watch: bodies, foreign origins, headers on every answer."""

from collections.abc import Mapping
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from rostra.watch.intake import REPORT_BYTES_MAX
from rostra.web.body import replay, whole_body
from rostra.web.guard import is_own
from rostra.web.guarding import SAFE, Guarding
from rostra.web.watch_site import Site

WATCH_BODY_BYTES_MAX: Final = 64 * 1024
"""The largest ordinary request is a post-mortem (20,000 characters of UTF-8, as percent escapes for
the most part ASCII), or what a probe found while it was cut off."""

REPORT_PATHS: Final = frozenset({"/status/api/reports", "/status/report"})
"""Anybody may write to these: their bodies are small."""

OPEN_PATHS: Final = frozenset({"/status/api/reports", "/status/api/challenge"})
"""Any site's page may ask these: the listener's page is another site than the watch. No cookie
means anything here, so that none can be abused; floods are met by proof of work."""

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


class WatchGuard(Guarding):
    """ASGI middleware; what it refuses never reaches a route."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        super().__init__(app, site.metrics)
        self._site = site

    def headers(self, scope: Scope) -> Mapping[str, str]:
        """What every answer has; what a write says is of this moment."""
        added = _EVERYWHERE
        if scope["path"] in OPEN_PATHS:
            added = added | {"Access-Control-Allow-Origin": "*"}
        return added if scope["method"] in SAFE else added | {"Cache-Control": "no-store"}

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let through what comes from our own pages and is no larger than it may be."""
        request = Request(scope)
        if request.method in SAFE:
            await self.app(scope, receive, send)
            return
        sentence = foreign_write(request.headers, scope["path"], self._site.board().public_url)
        if sentence is not None:
            await self.refuse(request, 403, sentence, "origin")(scope, receive, send)
            return
        small = scope["path"] in REPORT_PATHS
        bytes_max = REPORT_BYTES_MAX if small else WATCH_BODY_BYTES_MAX
        body = await whole_body(request, receive, bytes_max)
        if isinstance(body, bytes):
            await self.app(scope, replay(body, receive), send)
            return
        await self.refuse(request, *body)(scope, receive, send)


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
