"""Puts the application of the watch together: its routes below `/status`, and the guard."""

from fastapi import FastAPI

from rostra.web import (
    watch_admin,
    watch_api,
    watch_feeds,
    watch_pages,
    watch_places,
    watch_reports,
    watch_subscriptions,
)
from rostra.web.errors import install
from rostra.web.watch_guard import WatchGuard
from rostra.web.watch_site import Site

PREFIX = "/status"
"""Every path of the watch, on its own address and behind the front door alike."""


def create_watch_app(site: Site) -> FastAPI:
    """The watch's whole application."""
    app = FastAPI(
        title="Rostra watch",
        version="1",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.site = site
    install(app)
    app.add_middleware(WatchGuard, site=site)
    # Reports come first, and not by an included router: in a flood, to pass by all the others
    # would be a third of the work, and to pass through a router of their own an eighth.
    app.add_route(f"{PREFIX}/api/reports", watch_reports.report, methods=["POST"])
    # Pages come last: `/status/{…}` of theirs would take the paths of the others.
    for part in (
        watch_reports,
        watch_api,
        watch_feeds,
        watch_admin,
        watch_subscriptions,
        watch_places,
        watch_pages,
    ):
        app.include_router(part.router, prefix=PREFIX)
    app.include_router(watch_pages.root)
    return app
