"""What a studio counts, for Prometheus."""

from collections.abc import Callable, Iterable, Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from rostra.app.studio_space import StudioSpace

_SPACE = ("space",)


class StudioMetrics(Collector):
    """Reads the spaces when it is asked; nothing is counted twice."""

    def __init__(self, spaces: Callable[[], Iterable[StudioSpace]]) -> None:
        self._spaces = spaces

    def collect(self) -> Iterator[Metric]:
        """Every figure of every space that this studio runs."""
        people = GaugeMetricFamily("rostra_stage_people", "People on stage", labels=_SPACE)
        published = CounterMetricFamily(
            "rostra_programme_messages", "Messages published", labels=_SPACE
        )
        dropped = CounterMetricFamily(
            "rostra_programme_messages_dropped", "Messages the backbone did not take", labels=_SPACE
        )
        skipped = CounterMetricFamily(
            "rostra_programme_messages_skipped", "Messages left out by a late studio", labels=_SPACE
        )
        listening = GaugeMetricFamily(
            "rostra_listening", "Open connections over all edges", labels=_SPACE
        )
        for space in self._spaces():
            label = (space.space.id,)
            people.add_metric(label, len(space.room.people()))
            published.add_metric(label, space.outbox.published)
            dropped.add_metric(label, space.outbox.dropped)
            skipped.add_metric(label, space.skipped_messages)
            listening.add_metric(label, space.listening)
        yield from (people, published, dropped, skipped, listening)


def registry_of(spaces: Callable[[], Iterable[StudioSpace]]) -> CollectorRegistry:
    """A registry with the process's own figures and the studio's."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(StudioMetrics(spaces))
    return registry
