"""What the watch counts of its requests and reports, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from rostra.watch.receipts import Door


class SiteMetrics:
    """One registry a site, so that two in one process do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "rostra_watch_requests",
            "Requests answered, by method and status.",
            ("method", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "rostra_watch_request_seconds",
            "Time from a request's head to the end of its answer.",
            buckets=(0.005, 0.02, 0.1, 0.2, 0.5, 2.0, 10.0),
            registry=self.registry,
        )
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
