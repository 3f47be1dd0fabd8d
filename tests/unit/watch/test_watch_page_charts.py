"""Charts as the server draws them, and the same numbers as a table."""

from tests.fakes import boards
from tests.fakes.watch_charts import chart

from rostra.watch.board import Chart, Point
from rostra.watch.pages import render
from rostra.watch.pages.assets import Assets, assets_in
from rostra.watch.pages.links import Links
from rostra.watch.pages.render import Frame
from rostra.watch.pages.svg import HIGH, TOP_MIN, WIDE, draw
from rostra.watch.pages.view import View


def test_a_chart_without_points_says_so() -> None:
    assert draw(Chart("sound", "24h", 900)) is None
    page = render.status(boards.calm(), {"sound": Chart("sound", "24h", 900)}, Frame())
    assert "No reports and no probes yet." in page


def test_bars_stand_on_the_ground_and_within_the_picture() -> None:
    drawn = draw(chart("sound", rise=6.4, failing=2, unproven=9))
    assert drawn is not None
    for bar in drawn.bars:
        assert 0 <= bar.x < bar.x + bar.width <= WIDE
        assert abs(bar.y + bar.height - HIGH) < 0.2
        assert 0 <= bar.unproven_y <= bar.y
    assert any(bar.above for bar in drawn.bars)
    assert drawn.above == sum(bar.above for bar in drawn.bars)


def test_runs_of_probes_cover_the_whole_time_and_show_what_failed() -> None:
    drawn = draw(chart("sound", failing=2))
    assert drawn is not None
    assert [run.found for run in drawn.runs] == ["ok", "failed"]
    assert sum(run.width for run in drawn.runs) == WIDE
    assert drawn.runs[1].width == WIDE / 96 * 2


def test_one_report_does_not_fill_the_picture() -> None:
    lonely = Chart("sound", "24h", 900, (Point(0, 1, 0.0, 0.0, 0, 0),))
    drawn = draw(lonely)
    assert drawn is not None
    assert drawn.top == TOP_MIN
    assert drawn.bars[0].height == HIGH / TOP_MIN
    assert not drawn.bars[0].above
    assert [run.found for run in drawn.runs] == ["none"]


def test_who_does_not_see_the_chart_is_told_its_numbers() -> None:
    view = View(boards.alarm(), "en", Links())
    busy = chart("sound", rise=6.4, failing=1)
    drawn = view.drawing(busy)
    assert drawn is not None
    said = view.chart_in_words(busy, drawn)
    assert said.startswith(f"Reports in all: {drawn.total}; at most {drawn.most.reports} in one")
    assert said.endswith("30 of 4,287 probes failed.")
    rows = list(view.rows(busy))
    assert rows[0].when == "29 November 2026, 20:00"
    assert rows[0].above
    assert all(row.reports != "0" or row.failed != "0" for row in rows)


def test_the_assets_are_those_of_the_built_document() -> None:
    built = (
        '<link rel="icon" type="image/svg+xml" href="./assets/icon-Bc4rVyoq.svg" />'
        '<script type="module" crossorigin src="./assets/status-a_B.js"></script>'
        '<link rel="stylesheet" crossorigin href="./assets/status-c.css"><!--rostra:status-->'
    )
    assert assets_in(built) == Assets("status-a_B.js", "status-c.css", "icon-Bc4rVyoq.svg")
    assert assets_in(built.replace("<!--rostra:status-->", "")) == Assets()
    page = render.status(boards.calm(), {}, Frame(assets=assets_in(built)))
    assert 'src="/status/assets/status-a_B.js"' in page
