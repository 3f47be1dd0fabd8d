"""Health and metrics of the watch, answered on loopback before its application."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fastapi.responses import PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.core import CounterMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from rostra.watch.metrics import BoardCollector
from rostra.watch.moments import US_PER_S
from rostra.web.watch_site import Site

BOARD_AGE_S_MAX: Final = 60.0
"""The board is made anew every few seconds; one that is older says nothing of now."""


class Health(Collector):
    """How the watch itself is; it joins the site's metrics, with what the board says."""

    def __init__(self, site: Site, failures: Mapping[str, int]) -> None:
        self._site, self._failures = site, failures
        site.metrics.registry.register(self)
        site.metrics.registry.register(BoardCollector(site.board))

    @property
    def board_age_s(self) -> float:
        """How old what the page says is."""
        return (self._site.clock.now().utc_us - self._site.board().utc_us) / US_PER_S

    def collect(self) -> Iterator[Metric]:
        """What only this process knows."""
        failed = CounterMetricFamily(
            "rostra_watch_part_failures", "Times a part was begun again.", labels=("part",)
        )
        for part, number in self._failures.items():
            failed.add_metric((part,), number)
        yield failed

    def told(self) -> Response:
        """Whether it is well, as `/healthz` says it."""
        if self.board_age_s <= BOARD_AGE_S_MAX:
            return PlainTextResponse("ok\n")
        return PlainTextResponse(f"What the page says is {self.board_age_s:.0f} s old.\n", 503)

    def figures(self) -> Response:
        """Everything that is counted, as `/metrics` tells it."""
        text = generate_latest(self._site.metrics.registry)
        return Response(text, media_type=CONTENT_TYPE_LATEST)


class Inside:
    """The application as it is on loopback: `/healthz` and `/metrics` are answered, too."""

    def __init__(self, app: Any, health: Health) -> None:  # noqa: ANN401 - ASGI
        self._app = app
        self._own = {"/healthz": health.told, "/metrics": health.figures}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI
        """Answer one request."""
        own = self._own.get(scope["path"])
        app = self._app if own is None else own()
        await app(scope, receive, send)
