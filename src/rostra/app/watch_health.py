"""Health and metrics of the watch, before the application on loopback; the way from `/`."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from fastapi.responses import PlainTextResponse, RedirectResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from rostra.domain.ports import Clock
from rostra.watch.board import Board

BOARD_AGE_S_MAX: Final = 60.0
"""The board is made anew every few seconds; one that is older says nothing of now."""
US: Final = 1_000_000


class WatchMetrics(Collector):
    """What the watch's process tells of itself."""

    def __init__(
        self, clock: Clock, board: Callable[[], Board], failures: Mapping[str, int]
    ) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(self)
        self.answered: Counter[int] = Counter()
        self.seconds = Histogram(
            "rostra_watch_request_seconds",
            "Time from a request's head to the end of its answer.",
            buckets=(0.005, 0.02, 0.1, 0.2, 0.5, 2.0, 10.0),
            registry=self.registry,
        )
        self._clock, self._board, self._failures = clock, board, failures

    @property
    def board_age_s(self) -> float:
        """How old what the page says is."""
        return (self._clock.now().utc_us - self._board().utc_us) / US

    def collect(self) -> Iterator[Metric]:
        """Everything, as it is now."""
        requests = CounterMetricFamily(
            "rostra_watch_requests", "Requests answered, by status.", labels=("status",)
        )
        for status, number in self.answered.items():
            requests.add_metric((str(status),), number)
        failed = CounterMetricFamily(
            "rostra_watch_part_failures", "Times a part was begun again.", labels=("part",)
        )
        for part, number in self._failures.items():
            failed.add_metric((part,), number)
        yield from (requests, failed)
        words = "How old what the page says is."
        yield GaugeMetricFamily("rostra_watch_board_age_seconds", words, self.board_age_s)


class Counted:
    """The application as the world sees it: counted, and with a way from `/` to the page."""

    def __init__(self, app: Any, metrics: WatchMetrics) -> None:  # noqa: ANN401 - ASGI
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI
        """Answer one request."""
        began_s = time.monotonic()

        async def counting(message: Any) -> None:  # noqa: ANN401 - ASGI
            if message["type"] == "http.response.start":
                self._metrics.answered[message["status"]] += 1
            await send(message)

        app = RedirectResponse("/status", 307) if scope["path"] == "/" else self._app
        try:
            await app(scope, receive, counting)
        finally:
            self._metrics.seconds.observe(time.monotonic() - began_s)


class Inside:
    """The same on loopback, where `/healthz` and `/metrics` are answered, too."""

    def __init__(self, app: Any, metrics: WatchMetrics) -> None:  # noqa: ANN401 - ASGI
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI
        """Answer one request."""
        answers = {"/healthz": self._health, "/metrics": self._figures}
        own = answers.get(scope["path"])
        app = own() if own is not None else self._app
        await app(scope, receive, send)

    def _health(self) -> Response:
        age_s = self._metrics.board_age_s
        if age_s <= BOARD_AGE_S_MAX:
            return PlainTextResponse("ok\n")
        return PlainTextResponse(f"What the page says is {age_s:.0f} s old.\n", 503)

    def _figures(self) -> Response:
        text = generate_latest(self._metrics.registry)
        return Response(text, media_type=CONTENT_TYPE_LATEST)
