"""What the desk counts about itself, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class Metrics:
    """One registry a desk, so that two in one process do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "rostra_desk_requests",
            "Requests answered, by method and status.",
            ("method", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "rostra_desk_request_seconds",
            "Time from a request's head to the end of its answer.",
            buckets=(0.005, 0.02, 0.1, 0.5, 2.0, 10.0),
            registry=self.registry,
        )
        self.refused = Counter(
            "rostra_desk_refused",
            "Requests refused before they reached their route, by reason.",
            ("reason",),
            registry=self.registry,
        )
        self.calls = Counter(
            "rostra_desk_studio_calls",
            "Calls relayed to studios, by outcome.",
            ("outcome",),
            registry=self.registry,
        )
        self.lost_events = Counter(
            "rostra_desk_lost_events",
            "Lines of history that could not be kept.",
            registry=self.registry,
        )
        self.waiting_definitions = Gauge(
            "rostra_desk_waiting_definitions",
            "Spaces whose definition the backbone has not taken yet.",
            registry=self.registry,
        )
