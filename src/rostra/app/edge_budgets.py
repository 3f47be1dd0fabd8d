"""What the edge's gate and its refusals count, as metrics."""

from collections.abc import Iterator, Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from rostra.delivery.budgets import Over
from rostra.delivery.drivers.loop import EdgeLoop
from rostra.delivery.refusals import Code


def budget_metrics(loop: EdgeLoop) -> Iterator[Metric]:
    """Everything, as it is now; each reason and code is there from the start, at 0."""
    gate = loop.gate
    over = {one.value: gate.over[one] for one in Over}
    words = "Connections, streams and unfinished heads beyond a budget."
    yield _counts("rostra_edge_over_budget", words, "reason", over)
    codes = {one.value: loop.service.refused[one] for one in Code}
    words = "Requests refused in words, by the code of the answer."
    yield _counts("rostra_edge_refusals", words, "code", codes)
    for name, words, value in (
        ("rostra_edge_reserved", "Streams that came in by a reserved door.", gate.reserved),
        ("rostra_edge_unfinished_heads", "Heads begun and not whole.", gate.unfinished),
        ("rostra_edge_prefixes", "Prefixes that budgets are kept for.", gate.prefixes),
    ):
        yield GaugeMetricFamily(name, words, value)


def _counts(name: str, words: str, label: str, counts: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily(name, words, labels=[label])
    for key, count in counts.items():
        family.add_metric([key], count)
    return family
