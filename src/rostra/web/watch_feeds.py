"""RSS, Atom and calendars of incidents and announced work."""

from typing import Final

from fastapi import APIRouter

from rostra.web.watch_files import offer

router = APIRouter()

PATHS: Final = (
    "/history.rss",
    "/history.atom",
    "/c/{component}/history.rss",
    "/c/{component}/history.atom",
    "/maintenance.ics",
)

for _path in PATHS:
    offer(router, _path)
