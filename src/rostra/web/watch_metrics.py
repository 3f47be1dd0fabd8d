"""What the watch's routes count, for Prometheus; requests are counted before them, in `app`."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from rostra.watch.receipts import Door


class SiteMetrics(Collector):
    """One registry a site, so that two in one process do not mix; a collector for another one."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.refused = Counter(
            "rostra_watch_refused",
            "Requests refused before they reached their route, by reason.",
            ("reason",),
            registry=self.registry,
        )
        self.reports = Counter(
            "rostra_watch_reports",
            "Reports by what became of them; full, often and failed were not taken.",
            ("outcome",),
            registry=self.registry,
        )
        self.proofs = Counter(
            "rostra_watch_report_proofs",
            "Reports that were taken, by their proof of work.",
            ("proof",),
            registry=self.registry,
        )
        self.challenges = Counter(
            "rostra_watch_challenges",
            "Challenges given.",
            registry=self.registry,
        )
        self._waiting = Gauge(
            "rostra_watch_reports_waiting",
            "Reports on their way to the disk.",
            registry=self.registry,
        )
        self._flood = Gauge(
            "rostra_watch_flood",
            "1 while reports need a proof of work.",
            registry=self.registry,
        )

    def follow(self, door: Door) -> None:
        """Show what the door of reports is doing."""
        self._waiting.set_function(lambda: door.waiting)
        self._flood.set_function(door.flood)

    def collect(self) -> Iterator[Metric]:
        """Everything, as it is now."""
        yield from self.registry.collect()
