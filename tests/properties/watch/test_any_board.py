import json
from html import escape
from xml.etree import ElementTree as ET

import feedparser
import icalendar
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from tests.fakes.statuspage_shape import complaints
from tests.properties.watch.any_board import boards

from rostra.watch.board import Board
from rostra.watch.exported import stamped
from rostra.watch.metrics import BoardCollector
from rostra.watch.published import Printed

BRIEFLY = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@BRIEFLY
@given(boards)
def test_every_file_of_any_board_can_be_read_by_its_own_kind_of_reader(board: Board) -> None:
    printed = Printed(board)
    for path in printed.paths():
        document = printed.get(path)
        assert document is not None
        if path.startswith("api/v2/"):
            name = path.removeprefix("api/v2/").removesuffix(".json")
            assert complaints(name, json.loads(document.body)) == []
        elif path.endswith(".json"):
            assert isinstance(json.loads(document.body), dict)
        elif path.endswith(".ics"):
            calendar = icalendar.Calendar.from_ical(document.body)
            assert len(calendar.walk("VEVENT")) == len(board.maintenances)
        else:
            ET.fromstring(document.body)  # noqa: S314 - it was drawn here
    # The readers of feeds and gauges are slow; what they read of one is as of all.
    for path in ("history.rss", "history.atom"):
        document = printed.get(path)
        assert document is not None
        assert not feedparser.parse(document.body).bozo
    assert statuses(board) == len(board.components)


def statuses(board: Board) -> float:
    """How many components have a status in what Prometheus reads."""
    registry = CollectorRegistry()
    registry.register(BoardCollector(lambda: board))
    families = text_string_to_metric_families(generate_latest(registry).decode())
    found = next(one for one in families if one.name == "rostra_watch_component_status")
    return sum(one.value for one in found.samples)


@BRIEFLY
@given(st.text(), st.text(), st.integers(0, 4_000_000_000_000_000))
def test_the_note_of_a_copy_stands_in_any_page_once(body: str, url: str, utc_us: int) -> None:
    page = f"<html><body><main>{escape(body)}</main></body></html>"
    told = stamped(page, "es", url, utc_us)
    before, found, after = told.partition("<aside")
    assert found
    assert "<aside" not in after
    assert before.endswith("<body>")
    assert stamped(body, "en", url, utc_us).count("data-written") == 1 + body.count("data-written")
