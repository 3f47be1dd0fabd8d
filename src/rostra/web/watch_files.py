"""Answers with a board's public files: strong ETag, 304, HEAD, CORS, and a cache of 30 seconds."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from rostra.domain.language import preferred
from rostra.watch.published import MAX_AGE_S, Document, Printed
from rostra.web.languages import in_language
from rostra.web.watch_site import site_of

METHODS: Final = ["GET", "HEAD", "OPTIONS"]
_OPEN: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}
"""Everybody's pages may read these files: they hold nothing of anybody."""
_PREFLIGHT: Final = {
    "Access-Control-Allow-Methods": ", ".join(METHODS),
    "Access-Control-Allow-Headers": "If-None-Match, Cache-Control",
    "Access-Control-Max-Age": "86400",
}
_MISSING: Final = "There is nothing at this address. Begin with /status/api/v2/summary.json."


def offer(router: APIRouter, route: str) -> None:
    """Let `router` answer at `route` (below `/status`) with the file of that path."""
    router.add_api_route(route, _answering(route), methods=METHODS, response_model=None)


def _answering(route: str) -> Callable[[Request], Awaitable[Response]]:
    async def read(request: Request) -> Response:
        return answer(request, route.removeprefix("/").format(**request.path_params))

    return read


def answer(request: Request, path: str) -> Response:
    """The public file at `path` below `/status/`, as it is on the newest board."""
    if request.method == "OPTIONS":
        return Response(status_code=204, headers={**_OPEN, **_PREFLIGHT})
    document = printed_of(request).get(path)
    return _missing(request) if document is None else sent(request, document)


def sent(request: Request, document: Document) -> Response:
    """A public file, or 304 for who has it."""
    headers = _headers(document)
    if matches(request.headers.get("if-none-match", ""), document.etag):
        return Response(status_code=304, headers=headers)
    # The server leaves the body of a HEAD away, and keeps its length.
    return Response(document.body, media_type=document.media, headers=headers)


def printed_of(request: Request) -> Printed:
    """The files of the newest board; made anew only when there is another board."""
    state: Any = request.app.state
    board = site_of(request).board()
    kept: Printed | None = getattr(state, "printed", None)
    if kept is None or kept.board is not board:
        kept = Printed(board)
        state.printed = kept
    return kept


def matches(asked: str, etag: str) -> bool:
    """Whether one of the tags of If-None-Match is `etag`, compared weakly (RFC 9110, 13.1.2)."""
    if asked.strip() == "*":
        return True
    return etag in {tag.strip().removeprefix("W/") for tag in asked.split(",")}


def _headers(document: Document) -> dict[str, str]:
    headers = {**_OPEN, "ETag": document.etag, "Cache-Control": f"public, max-age={MAX_AGE_S}"}
    if document.media.startswith("image/svg"):
        # An SVG that is opened as a page could run what stands in it; nothing may.
        headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    return headers


def _missing(request: Request) -> Response:
    language = preferred(request.headers.get("accept-language", ""))
    error = {"sentence": in_language(_MISSING, language), "field": None}
    headers = {**_OPEN, "Cache-Control": "no-store", "Content-Language": language}
    return JSONResponse({"error": error}, 404, headers)
