"""Stands before every route: size and time of bodies, foreign origins, headers on every answer."""

import re
import time
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rostra.domain.limits import SDP_BYTES_MAX
from rostra.web.body import replay, whole_body
from rostra.web.caller import COOKIE
from rostra.web.deps import Deps
from rostra.web.errors import answer

BODY_BYTES_MAX: Final = 32 * 1024
"""The largest ordinary request is a space with a description: 8 kB of UTF-8, more as escapes."""

STAGE_BODY_BYTES_MAX: Final = SDP_BYTES_MAX + 16 * 1024
"""An offer with its ticket, name, and the escapes of JSON for each line of SDP."""

_STAGE: Final = re.compile(r"/api/v1/spaces/[^/]{1,64}/(?:stage|claim)")
UPLOAD: Final = re.compile(r"/api/v1/spaces/[^/]{1,64}/(hold|photo|announcements/[a-z]{1,20})")
"""Files: their routes know who asks before they take the body, in pieces."""

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_METHODS: Final = _SAFE | {"POST", "PUT", "PATCH", "DELETE"}
_EVERYWHERE: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
}
_NO_CONTENT_CSP: Final = "default-src 'none'; frame-ancestors 'none'"


class Guard:
    """ASGI middleware; what it refuses never reaches a route."""

    def __init__(self, app: ASGIApp, deps: Deps) -> None:
        self._app = app
        self._deps = deps

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        guarded = _Answering(self._deps, scope, send)
        try:
            await self._serve(scope, receive, guarded)
        finally:
            self._deps.metrics.seconds.observe(time.perf_counter() - started)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        if request.method in _SAFE:
            await self._app(scope, receive, send)
            return
        refusal = self._foreign(request)
        if refusal is None and UPLOAD.fullmatch(request.url.path):
            await self._app(scope, receive, send)
            return
        if refusal is None:
            body = await whole_body(request, receive, _bytes_max(request))
            if isinstance(body, bytes):
                await self._app(scope, replay(body, receive), send)
                return
            refusal = self._refuse(request, *body)
        await refusal(scope, receive, send)

    def _foreign(self, request: Request) -> Response | None:
        sentence = foreign_sentence(request.headers, self._deps.outside.origin)
        return None if sentence is None else self._refuse(request, 403, sentence, "origin")

    def _refuse(self, request: Request, status: int, sentence: str, reason: str) -> Response:
        self._deps.metrics.refused.labels(reason).inc()
        return answer(request, status, sentence, headers={"Connection": "close"})


class _Answering:
    """Adds the headers that every answer has, and counts it."""

    def __init__(self, deps: Deps, scope: Scope, send: Send) -> None:
        self._deps = deps
        self._method = scope["method"] if scope["method"] in _METHODS else "other"
        self._api = scope["path"].startswith("/api/")
        self._send = send

    async def __call__(self, message: Message) -> None:
        """Pass one message of the answer on."""
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _EVERYWHERE.items():
                headers.setdefault(name, value)
            headers.setdefault("Content-Security-Policy", _NO_CONTENT_CSP)
            if self._api:
                headers.setdefault("Cache-Control", "no-store")
            self._deps.metrics.requests.labels(self._method, str(message["status"])).inc()
        await self._send(message)


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
