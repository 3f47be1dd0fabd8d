"""`docs/reference/watch_api.md` names each path, metric and limit that there is, and no other."""

import re
from pathlib import Path

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute
from prometheus_client import CollectorRegistry
from tests.fakes import boards

from rostra.app import watch_engine, watch_outbox
from rostra.app.watch_copy import Source
from rostra.app.watch_export import PARALLEL_MAX, ExportCollector, Exporter, Kept
from rostra.app.watch_faults import FaultCollector
from rostra.domain.ports import Moment
from rostra.watch import badges, banner, feeds
from rostra.watch.board import INCIDENTS_MAX, Chart
from rostra.watch.drivers.export import TAKE_S, Folder
from rostra.watch.metrics import BoardCollector
from rostra.web import watch_api, watch_feeds

TEXT = (Path(__file__).parents[3] / "docs/reference/watch_api.md").read_text(encoding="utf-8")


def paths(router: APIRouter) -> set[str]:
    return {route.path for route in router.routes if isinstance(route, APIRoute)}


def test_every_path_has_its_row_and_no_other() -> None:
    told = set(
        re.findall(r"`(/(?:api/v2/|c/\{|charts/|[a-z.]+\.(?:json|svg|rss|atom|ics))[^`]*)`", TEXT)
    )
    assert told == paths(watch_api.router) | paths(watch_feeds.router)


class _Still:
    def now(self) -> Moment:
        return Moment(0, 0)


async def _chart(component: str, span: str) -> Chart:
    return Chart(component, span, 900)


def test_every_metric_has_its_row_and_no_other(tmp_path: Path) -> None:
    registry = CollectorRegistry()
    registry.register(BoardCollector(boards.alarm))
    source = Source(boards.alarm, _chart)
    registry.register(ExportCollector(Exporter(source, [Folder(tmp_path)], _Still())))
    registry.register(FaultCollector({"engine": {"look": 0}}, {}))
    counted = {one.name + ("_total" if one.type == "counter" else "") for one in registry.collect()}
    assert set(re.findall(r"`(rostra_watch_[a-z_]+)`", TEXT)) == counted


def test_every_fault_that_is_counted_is_told() -> None:
    (row,) = re.findall(r"`rostra_watch_faults_total`.*", TEXT)
    told = set(re.findall(r"`([a-z]+)`", row)) - {"engine", "outbox"}
    assert told == {*watch_engine.FAULTS, *watch_outbox.FAULTS}
    assert f"the oldest of {watch_outbox.EVENTS_UNKEPT_MAX:,}" in row


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("incidents in a list", f"{INCIDENTS_MAX}"),
        ("entries of a feed", f"{feeds.ENTRIES_MAX}"),
        ("name in a badge", f"{badges.LABEL_CHARS_MAX} characters"),
        ("name in a banner", f"{banner.NAME_CHARS_MAX} characters"),
        ("files on their way to a shelf", f"{PARALLEL_MAX} at a time"),
        ("a file's way to a bucket", f"{TAKE_S} s"),
    ],
)
def test_every_limit_is_told_as_it_is(words: str, value: str) -> None:
    assert f"| {words} | {value} |" in TEXT


def test_a_shelf_that_failed_waits_as_long_as_is_told(tmp_path: Path) -> None:
    kept = Kept(Folder(tmp_path), failed_in_a_row=100)
    assert kept.delay_s == 60.0
    assert "up to once a minute" in TEXT
