"""Statuspage's public API, path for path, the board itself, its banner, badges, and charts."""

from typing import Final

import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import Response

from rostra.watch.published import JSON, Document, etag_of
from rostra.watch.statuspage import FIXED
from rostra.web.watch_files import METHODS, offer, sent
from rostra.web.watch_site import site_of

router = APIRouter()

STATUSPAGE: Final = (*FIXED, "components/{component}", "incidents/{incident}")
OWN: Final = (
    "/board.json",
    "/banner.json",
    "/badge.svg",
    "/badge.es.svg",
    "/c/{component}/badge.svg",
    "/c/{component}/badge.es.svg",
)

for _name in STATUSPAGE:
    offer(router, f"/api/v2/{_name}.json")
for _path in OWN:
    offer(router, _path)


@router.api_route("/charts/{component}/{range}.json", methods=METHODS)
async def chart(request: Request, component: str, range: str) -> Response:  # noqa: A002 - theirs
    """A component's chart of `24h` or `90d`; 404 and 422 for what there is not."""
    body = msgspec.json.encode(await site_of(request).chart(component, range))
    return sent(request, Document(body, JSON, etag_of(body)))
