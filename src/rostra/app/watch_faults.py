"""The watch's own faults, and what became of its letters, as counters of Prometheus."""

from collections.abc import Iterator, Mapping

from prometheus_client.core import CounterMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from rostra.watch.outbox import Verdict
from rostra.watch.subscribers import Channel


class FaultCollector(Collector):
    """Reads what the parts count when Prometheus asks.

    `faults` are by part and by what it was doing, `letters` by channel and what came of the try.
    """

    def __init__(
        self,
        faults: Mapping[str, Mapping[str, int]],
        letters: Mapping[tuple[Channel, Verdict], int],
    ) -> None:
        self._faults, self._letters = faults, letters

    def collect(self) -> Iterator[Metric]:
        """Both counters, as they are now."""
        faults = CounterMetricFamily(
            "rostra_watch_faults",
            "Faults of the watch's own that it went on after, by part and what it was doing.",
            labels=("part", "doing"),
        )
        for part, counted in self._faults.items():
            for doing, number in counted.items():
                faults.add_metric((part, doing), number)
        yield faults
        letters = CounterMetricFamily(
            "rostra_watch_letters",
            "Tries to send a letter, by channel and outcome.",
            labels=("channel", "outcome"),
        )
        for (channel, verdict), number in self._letters.items():
            letters.add_metric((channel.value, verdict.value), number)
        yield letters
