"""The watch's own health and figures, on a port of the machine itself and never in public."""

from typing import Final

from fastapi import FastAPI
from fastapi.responses import PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from rostra.web.watch_site import Site

BOARD_AGE_MAX: Final = 60.0
"""Seconds; the board is made anew every five, and a page that stands still tells no truth."""

_US_PER_S: Final = 1_000_000


def create_health_app(site: Site) -> FastAPI:
    """`/healthz` and `/metrics`; serve it on 127.0.0.1 only."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    @app.get("/healthz")
    async def healthz() -> Response:
        """200 while the board is made anew."""
        age_s = (site.clock.now().utc_us - site.board().utc_us) / _US_PER_S
        if age_s > BOARD_AGE_MAX:
            return PlainTextResponse(f"The board is {age_s:.0f} s old.\n", 503)
        return PlainTextResponse("ok\n")

    @app.get("/metrics")
    async def metrics() -> Response:
        """Prometheus's text."""
        return Response(generate_latest(site.metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return app
