"""What the pages say: the same in both languages, and never more than the evidence."""

import re
import string

import msgspec
import pytest
from tests.fakes import boards
from tests.fakes.watch_charts import chart

from rostra.watch.board import Affected, Board, Level, ProbesView
from rostra.watch.components import Impact, Status
from rostra.watch.pages import render
from rostra.watch.pages.countries import country, listed
from rostra.watch.pages.links import Links
from rostra.watch.pages.moments import lasted
from rostra.watch.pages.render import Frame
from rostra.watch.pages.sentences import NAMES_MAX, Teller
from rostra.watch.pages.words_en import ENGLISH
from rostra.watch.pages.words_es import SPANISH

TAG = re.compile(r"<[^>]+>")
LANGUAGES = ("en", "es")


def values_in(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def headline(board: Board, language: str = "en") -> str:
    return str(Teller(board, language).headline().striptags())


def pages_of(board: Board, language: str) -> dict[str, str]:
    charts = [chart(one.id, range_) for one in board.components for range_ in ("24h", "90d")]
    return render.files(board, charts, language)


def test_both_languages_have_the_same_sentences_with_the_same_values() -> None:
    assert ENGLISH.keys() == SPANISH.keys()
    assert {key: values_in(said) for key, said in ENGLISH.items()} == {
        key: values_in(said) for key, said in SPANISH.items()
    }


@pytest.mark.parametrize("name", boards.ALL)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_of_every_board_is_whole(name: str, language: str) -> None:
    board = boards.ALL[name]()
    frame = Frame(language)
    pages = [*pages_of(board, language).values(), render.report(board, frame)]
    for page in pages:
        assert page.startswith(f'<!doctype html>\n<html lang="{language}">')
        assert page.count("<h1>") == 1
        assert page.rstrip().endswith("</html>")
        assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=", page)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Live sound, gone: Works → Fails in part"),
        ("es", "Live sound, gone: Funciona → Falla en parte"),
    ],
)
def test_an_update_says_what_it_changed_of_components(language: str, said: str) -> None:
    board = boards.alarm()
    (first, *others), both = board.incidents, (Status.OPERATIONAL, Status.PARTIAL)
    affected = (Affected("sound", *both), Affected("gone", *both))
    newest = msgspec.structs.replace(first.updates[0], affected=affected)
    one = msgspec.structs.replace(first, updates=(newest,))
    told = msgspec.structs.replace(board, incidents=(one, *others))
    page = render.incident(told, first.id, Frame(language)) or ""
    assert page.count(f'<p class="quiet">{said}</p>') == 1
    unmoved = render.incident(told, others[0].id, Frame(language)) or "→"
    assert "→" not in unmoved


@pytest.mark.parametrize("name", boards.ALL)
def test_no_page_calls_reports_outages(name: str) -> None:
    board = boards.ALL[name]()
    for path, page in pages_of(board, "en").items():
        if path == "method.html":
            continue  # It says why reports are none.
        said = TAG.sub(" ", page.partition("<main")[2])
        written = {one.reason for one in board.incidents} | {
            update.body for one in board.incidents for update in one.updates
        }
        for words in written:
            said = said.replace(words, "")
        assert not re.search(r"\boutages?\b|\bis down\b", said, re.IGNORECASE), path


def test_the_headline_goes_by_the_evidence() -> None:
    assert headline(boards.calm()) == "Our probes are ok, and reports are usual."
    assert headline(boards.alarm()) == 'Silence in "Live sound"'
    assert headline(boards.false_alarm()) == (
        "Reports about Live sound are unusual; our probes are ok."
    )
    assert headline(boards.maintenance(), "es") == "Hay trabajos anunciados en curso."
    assert headline(boards.no_components()) == "Nothing is watched here yet."
    unopened = msgspec.structs.replace(boards.alarm(), incidents=())
    assert headline(unopened) == "Our probe of Live sound is failing, in one place only."


def test_a_board_without_probes_does_not_speak_of_them() -> None:
    blind = [msgspec.structs.replace(one, probes=ProbesView()) for one in boards.components()]
    board = msgspec.structs.replace(boards.calm(), components=tuple(blind))
    assert headline(board) == "Reports are at their usual level."
    loud = msgspec.structs.replace(blind[0], level=boards.unusual())
    board = msgspec.structs.replace(board, components=(loud, *blind[1:]))
    assert headline(board) == "Reports about Live sound are unusual."
    assert "Reports unusual</span>" in render.status(board, {}, Frame())


@pytest.mark.parametrize("state", ["unknown", "mixed"])
def test_the_headline_says_of_no_probe_that_it_is_ok_that_is_not(state: str) -> None:
    first, *others = boards.components()
    unsure = msgspec.structs.replace(first, probes=ProbesView(state))
    board = msgspec.structs.replace(boards.calm(), components=(unsure, *others))
    assert headline(board) == "Reports are usual, and our probes are ok but for Live sound."
    assert "salvo Live sound" in headline(board, "es")


def test_a_status_that_a_person_gave_is_said_in_its_own_word() -> None:
    slow = msgspec.structs.replace(boards.components()[0], status=Status.DEGRADED)
    board = msgspec.structs.replace(boards.calm(), components=(slow,))
    assert headline(board) == "Live sound: worse than usual."


def test_several_open_incidents_are_counted_and_drafts_are_none() -> None:
    one = boards.open_incident()
    other = msgspec.structs.replace(one, id="other", impact=Impact.MINOR)
    draft = msgspec.structs.replace(one, id="draft", impact=Impact.NONE, automatic=True)
    board = msgspec.structs.replace(boards.alarm(), incidents=(one, other, draft))
    assert headline(board) == "2 incidents are open."


def test_more_than_a_few_names_are_counted() -> None:
    many = [
        msgspec.structs.replace(boards.components()[0], id=f"c{n}", name=f"C{n}")
        for n in range(NAMES_MAX + 2)
    ]
    tell = Teller(boards.calm(), "en")
    assert tell.names(many[:NAMES_MAX]) == "C0, C1 and C2"
    assert tell.names(many) == "C0, C1 and 3 more"


@pytest.mark.parametrize(
    ("level", "probes", "language", "said"),
    [
        (
            Level(reports=16, usual=5, upper=9, state="alarm"),
            ProbesView("ok", boards.NOW),
            "en",
            "Reports 3.2 × usual; our probes: ok.",  # noqa: RUF001 - the sign for times
        ),
        (
            Level(reports=1, usual=0.2, upper=4),
            ProbesView("failing", boards.NOW - 60 * boards.SECOND, one_place=True),
            "en",
            "Reports usual; our probes: failing since 20:04 UTC (one place only).",
        ),
        (
            Level(reports=16, usual=5, upper=9, state="alarm"),
            ProbesView("failing", boards.NOW - 2 * boards.DAY, one_place=True),
            "es",
            (
                "Avisos 3,2 × lo habitual; nuestras sondas: "  # noqa: RUF001 - the sign for times
                "fallan desde el 27 de noviembre de 2026, 20:05 UTC (un solo lugar)."
            ),
        ),
    ],
)
def test_the_one_sentence(level: Level, probes: ProbesView, language: str, said: str) -> None:
    assert Teller(boards.calm(), language).component(level, probes).striptags() == said


def test_a_component_that_works_by_probes_stays_so_however_many_report() -> None:
    page = render.status(boards.false_alarm(), {}, Frame())
    assert '<p class="state unusual">' in page
    assert "Reports alone do not turn a component red." in page
    assert "major_outage" not in page


def test_what_the_watch_wrote_itself_is_read_in_spanish() -> None:
    draft = msgspec.structs.replace(boards.open_incident(), name_es="Silencio en Live sound")
    board = msgspec.structs.replace(boards.alarm(), incidents=(draft,))
    assert headline(board, "es") == "Silencio en Live sound"


def test_links_of_files_are_relative_and_those_to_the_watch_absolute() -> None:
    pages = pages_of(boards.alarm(), "en")
    assert 'href="./c/sound.html"' in pages["index.html"]
    assert 'href="../incidents/in-open.html"' in pages["c/sound.html"]
    for page in pages.values():
        assert 'href="https://watch.example.org/status/history.atom"' in page
        assert 'href="/' not in page
    assert pages["index.html"] == render.page(
        boards.alarm(), {one.id: chart(one.id) for one in boards.components()}, "en", "."
    )


def test_a_chosen_language_is_carried_along() -> None:
    frame = Frame("es", Links(chosen="es"))
    assert 'href="/status/c/sound?lang=es"' in render.status(boards.calm(), {}, frame)
    page = render.component(boards.calm(), "sound", [], frame)
    assert page is not None
    assert "/status/report?lang=es&amp;component=sound" in page


def test_places_are_shown_only_where_enough_people_report() -> None:
    busy = chart("sound", rise=6)
    page = render.component(boards.alarm(), "sound", [busy], Frame())
    assert page is not None
    assert "Spain (MD)" in page
    assert "United Kingdom" in page
    assert "France" not in page
    calm = render.component(boards.calm(), "sound", [chart("sound")], Frame())
    assert calm is not None
    assert "Where reports come from" not in calm


def test_countries_have_names_in_both_languages() -> None:
    assert dict(listed("en")).keys() == dict(listed("es")).keys()
    assert len(listed("en")) == 249
    assert country("ES-MD", "es") == "España (MD)"
    assert country("ZZ", "en") == "ZZ"


def test_how_long_is_said_in_two_units() -> None:
    minute = 60 * boards.SECOND
    assert [lasted(0, n * minute) for n in (0, 4, 80, 1_440, 3_061)] == [
        *("1 min", "4 min", "1 h 20 min", "1 d", "2 d 3 h"),
    ]
