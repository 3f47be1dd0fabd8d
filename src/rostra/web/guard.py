"""Stands before every route: size and time of bodies, foreign origins, headers on every answer."""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from rostra.domain.limits import SDP_BYTES_MAX
from rostra.web.body import replay, whole_body
from rostra.web.caller import COOKIE
from rostra.web.deps import Deps
from rostra.web.guarding import SAFE, Guarding

BODY_BYTES_MAX: Final = 32 * 1024
"""The largest ordinary request is a space with a description: 8 kB of UTF-8, more as escapes."""

STAGE_BODY_BYTES_MAX: Final = SDP_BYTES_MAX + 16 * 1024
"""An offer with its ticket, name, and the escapes of JSON for each line of SDP."""

_STAGE: Final = re.compile(r"/api/v1/spaces/[^/]{1,64}/(?:stage|claim)")
UPLOAD: Final = re.compile(r"/api/v1/spaces/[^/]{1,64}/(hold|photo|announcements/[a-z]{1,20})")
"""Files: their routes know who asks before they take the body, in pieces."""

_EVERYWHERE: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
_API: Final = _EVERYWHERE | {"Cache-Control": "no-store"}


class Guard(Guarding):
    """ASGI middleware; what it refuses never reaches a route."""

    def __init__(self, app: ASGIApp, deps: Deps) -> None:
        super().__init__(app, deps.metrics)
        self._origin = deps.outside.origin

    def headers(self, scope: Scope) -> Mapping[str, str]:
        """What every answer has; what the API says is of this moment."""
        return _API if scope["path"].startswith("/api/") else _EVERYWHERE

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let through what comes from our own pages and is no larger than it may be."""
        request = Request(scope)
        if request.method in SAFE:
            await self.app(scope, receive, send)
            return
        refusal = self._foreign(request)
        if refusal is None and UPLOAD.fullmatch(request.url.path):
            await self.app(scope, receive, send)
            return
        if refusal is None:
            body = await whole_body(request, receive, _bytes_max(request))
            if isinstance(body, bytes):
                await self.app(scope, replay(body, receive), send)
                return
            refusal = self.refuse(request, *body)
        await refusal(scope, receive, send)

    def _foreign(self, request: Request) -> Response | None:
        sentence = foreign_sentence(request.headers, self._origin)
        return None if sentence is None else self.refuse(request, 403, sentence, "origin")


def foreign_sentence(headers: Headers, origin: str) -> str | None:
    """Why a state-changing request is refused as another site's doing, or None.

    A browser says where a request comes from (Fetch Metadata, else Origin: RFC 6454); what
    carries a cookie must say so. Programs without a cookie send neither, and bearer tokens
    and links' tickets are never sent by another site's page.
    """
    site = headers.get("sec-fetch-site")
    source = headers.get("origin")
    if headers.get("authorization", "").lower().startswith(("bearer ", "ticket ")):
        return None
    if source is not None and not is_own(source, headers, origin):
        return "Another site's page asked for this. Open this house's own page and try there."
    if site is not None:
        if site in {"same-origin", "none"}:
            return None
        return "Another site's page asked for this. Open this house's own page and try there."
    if source is None and f"{COOKIE}=" in headers.get("cookie", ""):
        return "A request with a cookie must say its Origin. Send it, or use the operator's token."
    return None


def is_own(source: str, headers: Headers, origin: str) -> bool:
    """Whether an Origin is the one that a request was sent to, or the house's own."""
    try:
        given = urlsplit(source).netloc
    except ValueError:
        return False
    hosts = {headers.get("host"), headers.get("x-forwarded-host"), urlsplit(origin).netloc}
    return bool(given) and given in hosts


def _bytes_max(request: Request) -> int:
    stage = _STAGE.fullmatch(request.url.path)
    return STAGE_BODY_BYTES_MAX if stage else BODY_BYTES_MAX
