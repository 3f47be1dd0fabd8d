"""What probes at other places ask for and send."""

from typing import Final

import msgspec
from fastapi import APIRouter, Request, Response

from rostra.watch.telling import Listed, Taken, believed, read
from rostra.web.watch_site import Site, SiteHere

JSON: Final = "application/json"

router = APIRouter()


@router.get("/api/places/components")
async def components(request: Request, site: SiteHere) -> Response:
    """What a place shall probe, and the time here, by which it corrects its own clock."""
    place = _place(request, site)
    told = tuple(site.places.components.values())
    return _json(Listed(place, site.clock.now().utc_us, told))


@router.post("/api/probes")
async def results(request: Request, site: SiteHere) -> Response:
    """Take what a place has found; all of it or, if one result cannot be one, nothing."""
    place = _place(request, site)
    # The guard before all routes has bounded the body's size and time.
    told = read(await request.body())
    now_utc_us = site.clock.now().utc_us
    good = believed(told, place, site.places.components, now_utc_us)
    return _json(Taken(await site.places.take(good), site.clock.now().utc_us))


def _place(request: Request, site: Site) -> str:
    word = request.headers.get("authorization", "")
    address = site.address_of(request)
    return site.places.place_of(word, address, site.clock.now().mono_ns)


def _json(body: msgspec.Struct) -> Response:
    headers = {"Cache-Control": "no-store"}
    return Response(msgspec.json.encode(body), media_type=JSON, headers=headers)
