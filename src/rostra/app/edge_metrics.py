"""The edge's metrics for Prometheus, read from its counters when somebody asks."""

import time
from collections.abc import Iterator
from itertools import accumulate

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from rostra.app.edge_bridge import Bridge
from rostra.app.edge_budgets import budget_metrics
from rostra.app.edge_tls import tls_metrics
from rostra.delivery.crowd import Crowd
from rostra.delivery.drivers.loop import EdgeLoop
from rostra.delivery.drivers.stats import PASS_BOUNDS_S, Stats, Times

NS_PER_S = 1_000_000_000

_COUNTERS = {
    "rostra_edge_joins": ("Listeners that joined.", "joined"),
    "rostra_edge_leaves": ("Listeners that left or were closed.", "left"),
    "rostra_edge_bytes": ("Bytes written to listeners.", "bytes_sent"),
    "rostra_edge_file_bytes": ("Bytes of pages, assets, playlists, segments.", "file_bytes_sent"),
    "rostra_edge_requests": ("Requests answered.", "requests"),
    "rostra_edge_writes": ("Writes to listeners.", "writes"),
    "rostra_edge_skips": ("Writes that a slow listener did not take whole.", "skips"),
    "rostra_edge_slow_closed": ("Listeners closed for being too slow.", "slow_closed"),
    "rostra_edge_refused_full": ("Listeners refused because the edge was full.", "refused_full"),
    "rostra_edge_refused_waiting": (
        "Newcomers told to wait, for the edge carried all it could.",
        "refused_waiting",
    ),
    "rostra_edge_refused_to_hls": ("Newcomers of push sent to HLS.", "refused_to_hls"),
    "rostra_edge_refused_heads": ("Request heads too large, slow or broken.", "refused_heads"),
    "rostra_edge_holds": ("Requests held until their part was out.", "holds"),
    "rostra_edge_holds_expired": ("Held requests that ended without it.", "holds_expired"),
    "rostra_edge_refused_holds": ("Requests not held: too many were.", "refused_holds"),
    "rostra_edge_turn_errors": (
        "Connections, tasks and spaces given up by a mistake of ours.",
        "turn_errors",
    ),
}


class EdgeCollector(Collector):
    """Turns an edge's counters into metrics."""

    def __init__(self, loop: EdgeLoop, bridge: Bridge) -> None:
        self._loop = loop
        self._bridge = bridge

    def collect(self) -> Iterator[Metric]:
        """Everything, as it is now."""
        stats = self._loop.stats
        for name, (words, field) in _COUNTERS.items():
            yield CounterMetricFamily(name, words, getattr(stats, field))
        yield from self._more_counters()
        yield self._listeners()
        yield from budget_metrics(self._loop)
        yield from self._gauges()
        yield from _crowd(self._loop.service.crowd)
        yield from self._elastic()
        yield from _histograms(stats)
        yield from tls_metrics(self._loop.tls)

    def _more_counters(self) -> Iterator[Metric]:
        hall = self._loop.hall
        for name, words, value in (
            ("rostra_edge_filled", "Messages filled from the hold loop.", hall.filled),
            ("rostra_edge_late", "Messages whose place had been filled already.", hall.late),
            (
                "rostra_edge_unplaced",
                "Messages of spaces beyond what an edge keeps.",
                hall.unplaced,
            ),
            ("rostra_edge_inbox_lost", "Messages lost to a full inbox.", self._loop.inbox.lost),
            ("rostra_edge_malformed", "Messages that did not read.", self._bridge.malformed),
            ("rostra_edge_entries_refused", "Entries of buckets not taken.", self._refused_entries),
            ("rostra_edge_cpu_seconds", "CPU time of this process.", time.process_time()),
        ):
            yield CounterMetricFamily(name, words, value)

    @property
    def _refused_entries(self) -> int:
        return self._loop.service.directory.refused

    def _listeners(self) -> Metric:
        gauge = GaugeMetricFamily(
            "rostra_edge_listeners",
            "Open connections by what they play; HLS sessions.",
            labels=["space", "kind"],
        )
        for row in self._bridge.tally.spaces:
            for kind in ("push", "aac", "mp3", "hls"):
                gauge.add_metric([row.space, kind], getattr(row, kind))
        return gauge

    def _gauges(self) -> Iterator[Metric]:
        count = self._loop.connections
        yield GaugeMetricFamily("rostra_edge_connections", "Open connections of any kind.", count)
        draining = float(self._loop.hall.moving.draining)
        yield GaugeMetricFamily("rostra_edge_draining", "1 while it is being emptied.", draining)
        held = self._loop.held
        yield GaugeMetricFamily("rostra_edge_held_requests", "Requests waiting for a part.", held)
        age = (time.monotonic_ns() - self._loop.turned_ns) / NS_PER_S
        yield GaugeMetricFamily("rostra_edge_turn_age_seconds", "Since the loop last turned.", age)

    def _elastic(self) -> Iterator[Metric]:
        governor = self._loop.governor
        elastic, load = governor.elastic, governor.load
        for name, words, value in (
            ("rostra_edge_tick_messages", "Messages of 106.7 ms a write.", elastic.step.tick),
            ("rostra_edge_level", "Step of the ladder under load, from 0.", elastic.level),
            ("rostra_edge_busy_ratio", "Share of time spent on messages.", load.busy),
            ("rostra_edge_late_ratio", "Share of messages written out late.", load.late),
            ("rostra_edge_owing_ratio", "Share of listeners that are behind.", load.owing),
        ):
            yield GaugeMetricFamily(name, words, value)
        words = "Steps up and down the ladder."
        yield CounterMetricFamily("rostra_edge_level_changes", words, elastic.changes)


def _crowd(crowd: Crowd) -> Iterator[Metric]:
    """What was taken and refused."""
    yield CounterMetricFamily(
        "rostra_edge_sessions_refused",
        "Requests of HLS players that were answered but not counted.",
        crowd.sessions.refused,
    )
    taken = CounterMetricFamily("rostra_edge_voices", "What listeners sent.", labels=["kind"])
    for kind, count in crowd.voices.taken.items():
        taken.add_metric([kind], count)
    refused = CounterMetricFamily(
        "rostra_edge_voices_refused", "What listeners sent in vain.", labels=["limit"]
    )
    for limit, count in crowd.voices.refused.items():
        refused.add_metric([limit], count)
    yield from (taken, refused)


def _histograms(stats: Stats) -> Iterator[Metric]:
    words = "How long the writes of one message took."
    yield _histogram("rostra_edge_pass_seconds", words, stats.passes)
    words = "From a message's arrival to the end of its writes."
    yield _histogram("rostra_edge_lateness_seconds", words, stats.late)


def _histogram(name: str, words: str, times: Times) -> Metric:
    bounds = [*map(str, PASS_BOUNDS_S), "+Inf"]
    sums = accumulate(times.counts)
    buckets = list(zip(bounds, map(float, sums), strict=True))
    return HistogramMetricFamily(name, words, buckets=buckets, sum_value=times.total_s)


def registry_of(loop: EdgeLoop, bridge: Bridge) -> CollectorRegistry:
    """A registry with this edge's metrics alone."""
    registry = CollectorRegistry()
    registry.register(EdgeCollector(loop, bridge))
    return registry
