"""Statuspage's public API, path for path, the board itself, its banner, and badges."""

from typing import Final

from fastapi import APIRouter

from rostra.watch.statuspage import FIXED
from rostra.web.watch_files import offer

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
