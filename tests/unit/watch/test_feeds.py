from typing import Any

import feedparser
import msgspec
import pytest
from tests.fakes import boards

from rostra.watch import feeds
from rostra.watch.board import Board

FORMS = {"rss": feeds.rss, "atom": feeds.atom}


def read(body: bytes) -> Any:  # noqa: ANN401 - of a library without types
    found = feedparser.parse(body)
    assert not found.bozo, found.bozo_exception
    return found


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", boards.ALL)
def test_a_reader_finds_every_incident_and_work_newest_first(form: str, name: str) -> None:
    board = boards.ALL[name]()
    found = read(FORMS[form](board))
    told = [one.id for one in board.incidents] + [one.id for one in board.maintenances]
    assert {one.link for one in found.entries} == {
        f"{boards.URL}/status/incidents/{id_}" for id_ in told
    }
    begun = [one.published_parsed for one in found.entries]
    assert begun == sorted(begun, reverse=True)
    assert found.version == {"rss": "rss20", "atom": "atom10"}[form]
    assert found.feed.title == f"{board.name} - incidents and announced work"
    assert f"{boards.URL}/status/history.{form}" in {one.href for one in found.feed.links}


@pytest.mark.parametrize("form", FORMS)
def test_what_people_wrote_arrives_as_they_wrote_it(form: str) -> None:
    newest = read(FORMS[form](boards.alarm())).entries[0]
    assert newest.title == 'Silence in "Live sound"'
    html = newest.content[0].value if form == "atom" else newest.description
    assert "An edge is out of &lt;memory&gt; &amp; swaps." in html
    assert "<strong>Identified</strong>" in html
    assert [one.term for one in newest.tags] == ["major", "Live sound"]


@pytest.mark.parametrize("form", FORMS)
def test_a_components_feed_tells_only_of_it(form: str) -> None:
    board = boards.maintenance()
    desk = next(one for one in board.components if one.id == "desk")
    found = read(FORMS[form](board, desk))
    assert {one.link.rpartition("/")[2] for one in found.entries} == {"mw-next", "mw-now"}
    assert found.feed.link == f"{boards.URL}/status/c/desk"
    assert f"{boards.URL}/status/c/desk/history.{form}" in {one.href for one in found.feed.links}


def test_a_false_alarm_stays_with_its_reason() -> None:
    entries = {one.url.rpartition("/")[2]: one for one in feeds.entries(boards.false_alarm())}
    assert "<strong>False alarm</strong>: A carrier in Spain" in entries["in-false"].html
    assert "False alarm" not in entries["in-draft"].html


def test_an_entry_that_changed_is_new_to_a_reader_of_atom() -> None:
    found = read(feeds.atom(boards.alarm()))
    assert found.entries[0].updated == "2026-11-29T20:03:00Z"
    assert found.entries[0].published == "2026-11-29T19:55:00Z"
    assert found.feed.updated == "2026-11-29T20:03:00Z"


def test_a_feed_ends_at_its_limit() -> None:
    many = tuple(
        msgspec.structs.replace(boards.resolved(), id=f"in-{number}")
        for number in range(feeds.ENTRIES_MAX + 1)
    )
    board: Board = msgspec.structs.replace(boards.calm(), incidents=many)
    assert len(read(feeds.rss(board)).entries) == feeds.ENTRIES_MAX


def test_what_xml_cannot_hold_is_marked_as_lost() -> None:
    first = msgspec.structs.replace(boards.resolved(), name="a\x00b\x1b\ud800]]>&c")
    board = msgspec.structs.replace(boards.calm(), incidents=(first,))
    for make in FORMS.values():
        assert read(make(board)).entries[0].title == "a\ufffdb\ufffd\ufffd]]>&c"
