"""Health and figures of the watch, its log without a terminal, and what a disk may do to that."""

import logging
import stat
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi.responses import PlainTextResponse

from rostra.app import logs
from rostra.app.watch_health import BOARD_AGE_S_MAX, Health, Inside
from rostra.domain.ports import Moment
from rostra.watch.board import Board, Chart
from rostra.watch.moments import US_PER_S
from rostra.web.watch_site import Site

BEGAN_US = 1_800_000_000 * US_PER_S


class Hand:
    """A clock that stands where it is set."""

    utc_us = BEGAN_US

    def now(self) -> Moment:
        return Moment(0, self.utc_us)


async def no_chart(component: str, span: str) -> Chart:
    return Chart(component, span, 900)


def client_of(clock: Hand) -> httpx.AsyncClient:
    board = Board("Radio", "http://localhost:8100", BEGAN_US)
    health = Health(Site(clock, lambda: board, no_chart), {"engine": 2})
    inside = httpx.ASGITransport(app=Inside(PlainTextResponse("a page"), health))
    return httpx.AsyncClient(transport=inside, base_url="http://watch")


async def test_it_is_well_while_its_board_is_of_now() -> None:
    clock = Hand()
    client = client_of(clock)
    clock.utc_us = BEGAN_US + int(BOARD_AGE_S_MAX * US_PER_S)
    assert (await client.get("/healthz")).status_code == 200
    clock.utc_us += US_PER_S
    late = await client.get("/healthz")
    assert (late.status_code, late.text) == (503, "What the page says is 61 s old.\n")
    clock.utc_us = BEGAN_US - 3_600 * US_PER_S
    assert (await client.get("/healthz")).status_code == 200, (
        "the clock was set back; a board comes soon"
    )


async def test_it_tells_what_it_counts_and_what_the_board_says() -> None:
    client = client_of(Hand())
    assert (await client.get("/status")).text == "a page"
    figures = (await client.get("/metrics")).text
    assert 'rostra_watch_part_failures_total{part="engine"} 2.0' in figures
    assert "rostra_watch_board_timestamp_seconds 1.8e+09" in figures
    assert "# TYPE rostra_watch_requests_total counter" in figures


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    found = logging.getLogger()
    before, level = found.handlers[:], found.level
    yield found
    for one in found.handlers:
        if one not in before:
            one.close()
    found.handlers[:], found.level = before, level


def test_a_log_without_a_terminal_is_bounded_and_for_its_user(
    root: logging.Logger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "FILE_BYTES_MAX", 2_000)
    file = tmp_path / "watch.log"
    logs.configure("json", "watch", file)
    for number in range(100):
        root.warning("line %d of a bad night", number)
    kept = sorted(tmp_path.iterdir())
    assert len(kept) == logs.FILES_KEPT + 1
    assert all(one.stat().st_size <= 2_000 for one in kept)
    assert "line 99" in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_full_disk_loses_lines_and_nothing_else(
    root: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    handler = logs._Kept("/dev/full", maxBytes=0, encoding="utf-8")
    root.handlers[:] = [handler]
    root.warning("nobody reads this")
    assert capsys.readouterr() == ("", "")
    root.handlers[:] = []
    with pytest.raises(OSError, match="No space left"):
        handler.close()
