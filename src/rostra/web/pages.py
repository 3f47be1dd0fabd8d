"""The browser application's pages: one document for all of them, with its assets beside it."""

import base64
import hashlib
import re
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.concurrency import run_in_threadpool

from rostra.web.deps import DepsHere
from rostra.web.errors import UnknownPathError, answer

PAGES: Final = ("/", "/login", "/create", "/schedule", "/settings")
SECRET_PAGES: Final = ("/owner/{token}", "/invite/{token}", "/host/{token}", "/join/{token}")
"""Their address is a permission: no cache and no search engine keeps it."""

PAGE_BYTES_MAX: Final = 256 * 1024
"""The document is some kilobytes; what is larger is no page of ours."""

_INLINE: Final = re.compile(rb"<(script|style)(?![^>]*\ssrc=)[^>]*>(.*?)</\1>", re.DOTALL)
_FILE: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}")
_HOSTNAME: Final = re.compile(r"\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9.-]{1,253}")
_NOT_BUILT: Final = (
    "The browser application is not built, so there are no pages yet. "
    "Run 'make setup' where Rostra is installed; it builds it."
)

router = APIRouter(include_in_schema=False)


async def serve_page(request: Request, deps: DepsHere) -> Response:
    """The application's document; the application looks at the address itself."""
    document = await run_in_threadpool(_document, deps.outside.dist)
    if document is None:
        return answer(request, 503, _NOT_BUILT)
    headers = {
        "Content-Security-Policy": policy(document, request.url.hostname or ""),
        "Cache-Control": "no-cache",
    }
    if "token" in request.path_params:
        headers |= {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
    return HTMLResponse(document, headers=headers)


async def serve_asset(name: str, deps: DepsHere) -> Response:
    """A built file with its content's hash in its name; the front door has the edges do it."""
    found = await run_in_threadpool(_file, deps.outside.dist, "assets", name)
    return FileResponse(found, headers={"Cache-Control": "public, max-age=31536000, immutable"})


async def serve_file(name: str, request: Request, deps: DepsHere) -> Response:
    """A file beside the document, such as an icon; else the application says that it is none."""
    try:
        found = await run_in_threadpool(_file, deps.outside.dist, "", name)
    except UnknownPathError:
        return await serve_nowhere(request, deps)
    return FileResponse(found, headers={"Cache-Control": "public, max-age=3600"})


async def serve_nowhere(request: Request, deps: DepsHere) -> Response:
    """404: the application's own page for a browser, a sentence for everything else."""
    reads_pages = "text/html" in request.headers.get("accept", "")
    if request.url.path.startswith(("/api/", "/assets/")) or not reads_pages:
        sentence = "There is nothing at this address. See the home page."
        raise UnknownPathError(sentence)
    page = await serve_page(request, deps)
    page.status_code = max(page.status_code, 404)
    return page


for _path in (*PAGES, *SECRET_PAGES):
    router.add_api_route(_path, serve_page, methods=["GET", "HEAD"], response_model=None)
router.add_api_route("/assets/{name}", serve_asset, methods=["GET", "HEAD"], response_model=None)
router.add_api_route("/{name}", serve_file, methods=["GET", "HEAD"], response_model=None)
router.add_api_route("/{path:path}", serve_nowhere, methods=["GET"], response_model=None)


def policy(document: bytes, hostname: str) -> str:
    """The page's Content-Security-Policy (CSP level 3).

    Scripts and styles come from here, or are the document's own inline ones by hash. Sound comes
    from the edges: this host at other ports. Style attributes carry levels of meters.
    """
    hashes: dict[bytes, list[str]] = {b"script": [], b"style": []}
    for kind, text in _INLINE.findall(document):
        digest = base64.b64encode(hashlib.sha256(text).digest()).decode()
        hashes[kind].append(f" 'sha256-{digest}'")
    edges = f" {hostname}:*" if _HOSTNAME.fullmatch(hostname) else ""
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self'{''.join(hashes[b'script'])}",
            f"style-src 'self'{''.join(hashes[b'style'])}",
            "style-src-attr 'unsafe-inline'",
            f"connect-src 'self'{edges}",
            f"media-src 'self' blob:{edges}",
            "img-src 'self' data:",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def _document(dist: Path | None) -> bytes | None:
    if dist is None:
        return None
    try:
        with (dist / "index.html").open("rb") as file:
            return file.read(PAGE_BYTES_MAX)
    except OSError:
        return None


def _file(dist: Path | None, folder: str, name: str) -> Path:
    if dist is not None and _FILE.fullmatch(name) and name != "index.html":
        found = dist / folder / name
        if found.is_file():
            return found
    sentence = "There is nothing at this address. See the home page."
    raise UnknownPathError(sentence)
