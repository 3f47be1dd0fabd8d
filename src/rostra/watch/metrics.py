"""The board as gauges of Prometheus: status, reports beside the usual level, probes, incidents."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from rostra.watch.board import Board
from rostra.watch.components import Impact, Status
from rostra.watch.moments import US_PER_S
from rostra.watch.statuspage_incidents import OPEN

LEVELS: Final = ("quiet", "unusual", "alarm")
PROBES: Final = ("ok", "failing", "mixed", "unknown", "none")
PLACES: Final = ("ok", "failing", "noisy", "own_trouble", "silent")


class BoardCollector(Collector):
    """Reads the newest board when Prometheus asks; register it in the registry of the watch."""

    def __init__(self, board: Callable[[], Board]) -> None:
        self._board = board

    def collect(self) -> Iterator[Metric]:
        """Every gauge, as the board has it now."""
        board = self._board()
        yield _states(
            "rostra_watch_component_status",
            "1 for the status that a component has, 0 for the others.",
            [((one.id,), str(one.status)) for one in board.components],
            ("component", "status"),
            tuple(map(str, Status)),
        )
        yield from _reports(board)
        yield from _probes(board)
        yield from _incidents(board)
        yield from _page(board)


def _reports(board: Board) -> Iterator[Metric]:
    yield _states(
        "rostra_watch_component_level",
        "1 for the state of a component's reports against the usual level, 0 for the others.",
        [((one.id,), one.level.state) for one in board.components],
        ("component", "state"),
        LEVELS,
    )
    for field, words in (
        ("reports", "Reports that count, in the window."),
        ("unproven", "Reports without a proof of work, in the window."),
        ("usual", "Reports expected in such a window."),
        ("upper", "More reports than this would be unusual."),
    ):
        suffix = "" if field == "reports" else f"_{field}"
        name = f"rostra_watch_component_reports{suffix}"
        family = GaugeMetricFamily(name, words, labels=("component",))
        for one in board.components:
            family.add_metric((one.id,), getattr(one.level, field))
        yield family


def _probes(board: Board) -> Iterator[Metric]:
    yield _states(
        "rostra_watch_component_probes",
        "1 for what the places together find of a component, 0 for the others.",
        [((one.id,), one.probes.state) for one in board.components],
        ("component", "state"),
        PROBES,
    )
    yield _states(
        "rostra_watch_component_place",
        "1 for what one place finds of a component, 0 for the others.",
        [
            ((one.id, place.place), place.state)
            for one in board.components
            for place in one.probes.places
        ],
        ("component", "place", "state"),
        PLACES,
    )
    sound = GaugeMetricFamily(
        "rostra_watch_component_first_sound_seconds",
        "Time to the first sound of a place's last probe that heard any.",
        labels=("component", "place"),
    )
    for one in board.components:
        for place in one.probes.places:
            if place.first_sound_ms > 0:
                sound.add_metric((one.id, place.place), place.first_sound_ms / 1000)
    yield sound


def _incidents(board: Board) -> Iterator[Metric]:
    counted = Counter(str(one.impact) for one in board.incidents if one.status in OPEN)
    family = GaugeMetricFamily(
        "rostra_watch_incidents_open", "Incidents that are not over.", labels=("impact",)
    )
    for impact in map(str, Impact):
        family.add_metric((impact,), counted[impact])
    yield family
    works = GaugeMetricFamily(
        "rostra_watch_maintenances", "Announced work, by its status.", labels=("status",)
    )
    by_status = Counter(one.status for one in board.maintenances)
    for status in ("scheduled", "in_progress", "verifying", "completed"):
        works.add_metric((status,), by_status[status])
    yield works


def _page(board: Board) -> Iterator[Metric]:
    made = "When the board was made, in seconds since 1970, UTC."
    yield GaugeMetricFamily("rostra_watch_board_timestamp_seconds", made, board.utc_us / US_PER_S)
    told = board.accuracy
    judged = GaugeMetricFamily(
        "rostra_watch_alarms",
        f"Alarms of the last {told.days} days by how they were judged, and incidents without one.",
        labels=("outcome",),
    )
    for outcome in ("confirmed", "false_alarms", "open", "missed"):
        judged.add_metric((outcome,), getattr(told, outcome))
    yield judged


def _states(
    name: str,
    words: str,
    rows: list[tuple[tuple[str, ...], str]],
    labels: tuple[str, ...],
    known: tuple[str, ...],
) -> Metric:
    """A set of states: 1 for the one that holds, 0 for each other that could."""
    family = GaugeMetricFamily(name, words, labels=labels)
    for values, held in rows:
        for state in dict.fromkeys((*known, held)):
            family.add_metric((*values, state), float(state == held))
    return family
