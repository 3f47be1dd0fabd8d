"""The built files that the watch's pages load, served below its own path."""

import re
from functools import lru_cache
from pathlib import Path
from typing import Final

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response
from starlette.concurrency import run_in_threadpool

from rostra.watch.pages.assets import Assets, assets_in
from rostra.web.errors import UnknownPathError
from rostra.web.watch_site import SiteHere

DOCUMENT_BYTES_MAX: Final = 64 * 1024
"""The built document has under 1 kB; what is larger is none of ours."""

DOCUMENT: Final = "status.html"
BANNER: Final = "banner.js"

_FILE: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}")
_ONE_YEAR: Final = "public, max-age=31536000, immutable"

router = APIRouter(include_in_schema=False)


@lru_cache(maxsize=4)
def assets_of(dist: Path | None) -> Assets:
    """Names of the built files; none where nothing is built. Read once a process."""
    if dist is None:
        return Assets()
    try:
        with (dist / DOCUMENT).open("rb") as file:
            return assets_in(file.read(DOCUMENT_BYTES_MAX).decode("utf-8", "replace"))
    except OSError:
        return Assets()


@router.api_route("/assets/{name}", methods=["GET", "HEAD"])
async def asset(name: str, site: SiteHere) -> Response:
    """A built file with its content's hash in its name."""
    found = await run_in_threadpool(_file, site.dist, name)
    return FileResponse(found, headers=_open_to_all(_ONE_YEAR))


@router.api_route("/banner.js", methods=["GET", "HEAD"])
async def banner(site: SiteHere) -> Response:
    """The line that any page may carry by one script element."""
    found = await run_in_threadpool(_file, site.dist, BANNER)
    return FileResponse(found, headers=_open_to_all("public, max-age=3600"))


def _open_to_all(caching: str) -> dict[str, str]:
    return {
        "Cache-Control": caching,
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "X-Content-Type-Options": "nosniff",
    }


def _file(dist: Path | None, name: str) -> Path:
    if dist is not None and _FILE.fullmatch(name):
        found = dist / "assets" / name
        if found.is_file():
            return found
    sentence = "There is nothing at this address. See the status page."
    raise UnknownPathError(sentence)
