"""What a studio counts, for Prometheus."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from rostra.app.studio_space import StudioSpace

_SPACE = ("space",)


@dataclass(frozen=True, slots=True)
class StudioCounts:
    """What is counted of the studio as a whole."""

    connections: int = 0
    datagrams_dropped: int = 0
    offers_failed: int = 0
    peers_expelled: int = 0
    tallies_refused: int = 0
    hands_refused: int = 0


class StudioMetrics(Collector):
    """Reads the spaces when it is asked; nothing is counted twice."""

    def __init__(
        self, spaces: Callable[[], Iterable[StudioSpace]], whole: Callable[[], StudioCounts]
    ) -> None:
        self._spaces = spaces
        self._whole = whole

    def collect(self) -> Iterator[Metric]:
        """Every figure of every space that this studio runs, and of the studio."""
        spaces = tuple(self._spaces())
        yield from _gauges(spaces)
        yield from _counters(spaces)
        yield _packets(spaces)
        yield from _of_the_whole(self._whole())


def _gauges(spaces: Iterable[StudioSpace]) -> Iterator[Metric]:
    people = GaugeMetricFamily("rostra_stage_people", "People on stage", labels=_SPACE)
    listening = GaugeMetricFamily(
        "rostra_listening", "Open connections and HLS sessions over all edges", labels=_SPACE
    )
    hls = GaugeMetricFamily("rostra_listening_hls", "HLS sessions over all edges", labels=_SPACE)
    unique = GaugeMetricFamily(
        "rostra_listeners_unique", "Different listeners of the run, estimated", labels=_SPACE
    )
    hands = GaugeMetricFamily("rostra_hands", "Raised hands", labels=_SPACE)
    for space in spaces:
        label = (space.space.id,)
        people.add_metric(label, len(space.room.people()))
        audience = space.audience
        listening.add_metric(label, audience.listening)
        hls.add_metric(label, audience.hls)
        unique.add_metric(label, audience.unique)
        hands.add_metric(label, audience.hands)
    yield from (people, listening, hls, unique, hands)


def _counters(spaces: Iterable[StudioSpace]) -> Iterator[Metric]:
    read: dict[tuple[str, str], Callable[[StudioSpace], int]] = {
        ("rostra_programme_messages", "Messages published"): lambda one: one.outbox.published,
        (
            "rostra_programme_messages_dropped",
            "Messages the backbone did not take",
        ): lambda one: one.outbox.dropped,
        (
            "rostra_programme_messages_skipped",
            "Messages left out by a late studio",
        ): lambda one: one.counts.skipped_messages,
        (
            "rostra_programme_notices_dropped",
            "Notices that found the queue full",
        ): lambda one: one.counts.notices_dropped,
        (
            "rostra_programme_clock_restarts",
            "Clocks that failed and were started again",
        ): lambda one: one.counts.reopened,
        (
            "rostra_announcements_unsaid",
            "Announcements that found no moment or no voice",
        ): lambda one: one.counts.unsaid,
        (
            "rostra_recording_messages",
            "Messages on disk",
        ): lambda one: one.counts.recorded,
        (
            "rostra_recording_messages_lost",
            "Messages in no recording",
        ): lambda one: one.counts.unrecorded,
        ("rostra_journal_lines_lost", "Lines not written"): lambda one: one.counts.lost_lines,
        (
            "rostra_questions_refused",
            "Written questions beyond the limit",
        ): lambda one: one.forum.asking.refused,
        (
            "rostra_votes_refused",
            "Votes beyond the limit",
        ): lambda one: one.forum.polling.refused,
        (
            "rostra_stage_malformed_packets",
            "Packets that were no Opus",
        ): lambda one: one.room.heard.malformed,
        (
            "rostra_stage_blocks_noisy",
            "Blocks of voices that kept their noise",
        ): lambda one: one.room.unsuppressed_blocks,
        (
            "rostra_stage_blocks_undelivered",
            "Blocks made for a loop that had ended",
        ): lambda one: one.room.undelivered,
    }
    for (name, words), count in read.items():
        family = CounterMetricFamily(name, words, labels=_SPACE)
        for space in spaces:
            family.add_metric((space.space.id,), count(space))
        yield family


def _packets(spaces: Iterable[StudioSpace]) -> Metric:
    family = CounterMetricFamily(
        "rostra_stage_packets", "What became of speakers' packets", labels=("space", "fate")
    )
    for space in spaces:
        for fate, count in asdict(space.room.heard.jitter).items():
            family.add_metric((space.space.id, fate), count)
    return family


def _of_the_whole(counts: StudioCounts) -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "rostra_stage_connections", "Connections of speakers", value=counts.connections
    )
    yield CounterMetricFamily(
        "rostra_stage_datagrams_dropped",
        "Datagrams that found a connection's queue full",
        value=counts.datagrams_dropped,
    )
    yield CounterMetricFamily(
        "rostra_stage_offers_failed", "Offers not answered by our fault", value=counts.offers_failed
    )
    yield CounterMetricFamily(
        "rostra_stage_peers_expelled", "Peers closed for their excess", value=counts.peers_expelled
    )
    yield CounterMetricFamily(
        "rostra_tallies_refused", "Edges' counts not counted", value=counts.tallies_refused
    )
    yield CounterMetricFamily(
        "rostra_hands_refused", "Raised hands beyond the limit", value=counts.hands_refused
    )


def registry_of(
    spaces: Callable[[], Iterable[StudioSpace]],
    whole: Callable[[], StudioCounts] = StudioCounts,
) -> CollectorRegistry:
    """A registry with the process's own figures and the studio's."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(StudioMetrics(spaces, whole))
    return registry
