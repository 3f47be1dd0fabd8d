"""Whatever operators write, and whatever charts hold, a page shows it and obeys none of it."""

import html

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fakes import boards

from rostra.watch.board import Chart, Point
from rostra.watch.pages import render
from rostra.watch.pages.assets import PLACEHOLDER, assets_in
from rostra.watch.pages.render import Answered, Frame
from rostra.watch.pages.svg import HIGH, WIDE, draw

MARK = "<script>alert(1)</script>\"'><img src=x onerror=y>{{7*7}}{% raw %}{name}"
words = st.text(max_size=40).map(lambda text: text + MARK)
counts = st.integers(0, 10**7)
levels = st.floats(0, 1e6)
points = st.lists(
    st.builds(
        Point, st.integers(0, 2**32), counts, levels, levels, counts, counts, unproven=counts
    ),
    max_size=40,
)


@settings(max_examples=15)
@given(words, words, words)
def test_what_people_write_is_shown_and_never_obeyed(name: str, body: str, place: str) -> None:
    old = boards.alarm()
    sound = msgspec.structs.replace(
        old.components[0], name=name, description=body, group=place, status=old.components[0].status
    )
    incident = boards.false_alarm_incident()
    update = msgspec.structs.replace(incident.updates[0], body=body)
    incident = msgspec.structs.replace(
        incident, name=name, reason=body, postmortem=place, updates=(update,)
    )
    board = msgspec.structs.replace(
        old, name=name, components=(sound,), incidents=(incident, *old.incidents)
    )
    frame = Frame()
    pages = [
        render.status(board, {}, frame),
        render.component(board, sound.id, [], frame) or "",
        render.incident(board, incident.id, frame) or "",
        render.history(board, frame),
        render.method(board, frame),
        render.report(board, frame, Answered(name, body, place, refusal=body)),
    ]
    for page in pages:
        assert "<script>alert" not in page
        assert "<img" not in page
    assert name in html.unescape(pages[0])


@settings(max_examples=50)
@given(points)
def test_every_chart_is_drawn_within_its_picture(made: list[Point]) -> None:
    drawn = draw(Chart("sound", "24h", 900, tuple(made)))
    if drawn is None:
        assert made == []
        return
    assert all(0 <= bar.y <= HIGH and 0 <= bar.unproven_y <= HIGH for bar in drawn.bars)
    assert abs(sum(run.width for run in drawn.runs) - WIDE) < len(drawn.runs)


@given(st.text())
def test_no_document_makes_the_page_load_from_elsewhere(document: str) -> None:
    found = assets_in(document + PLACEHOLDER)
    assert all("/" not in name and ":" not in name for name in msgspec.structs.astuple(found))
