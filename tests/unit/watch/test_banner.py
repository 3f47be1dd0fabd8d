import msgspec
import pytest
from tests.fakes import boards

from rostra.watch.banner import NAME_CHARS_MAX, SOON_US, banner
from rostra.watch.board import ProbesView
from rostra.watch.components import Impact


def test_a_calm_page_has_no_banner() -> None:
    for board in (boards.calm(), boards.no_components()):
        told = banner(board)
        assert (told["open"], told["text"]) == (False, {"en": "", "es": ""})


def test_the_worst_incident_is_told_in_both_languages() -> None:
    minor = msgspec.structs.replace(boards.open_incident(), id="in-minor", impact=Impact.MINOR)
    board = boards.alarm()
    board = msgspec.structs.replace(board, incidents=(minor, *board.incidents))
    told = banner(board)
    assert (told["kind"], told["id"], told["impact"]) == ("incident", "in-open", "major")
    assert told["text"] == {
        "en": 'Silence in "Live sound": identified.',
        "es": 'Silence in "Live sound": causa hallada.',
    }
    assert told["url"] == f"{boards.URL}/status/incidents/in-open"


def test_reports_alone_are_called_reports_beside_what_the_probes_find() -> None:
    told = banner(boards.false_alarm())
    assert (told["kind"], told["impact"]) == ("reports", "none")
    assert told["text"] == {
        "en": "Live sound: Reports 6.4 \u00d7 usual; our probes: ok.",
        "es": "Live sound: Avisos: 6,4 \u00d7 lo habitual; nuestras sondas: bien.",
    }


def test_a_name_that_the_watch_gave_is_told_in_both_languages() -> None:
    named = msgspec.structs.replace(boards.open_incident(), name="Probes fail", name_es="Fallan")
    told = banner(msgspec.structs.replace(boards.alarm(), incidents=(named,)))
    assert told["text"] == {"en": "Probes fail: identified.", "es": "Fallan: causa hallada."}


@pytest.mark.parametrize("incidents", [("elsewhere",), ()])
def test_reports_of_what_is_no_longer_watched_are_no_banner(incidents: tuple[str, ...]) -> None:
    board = boards.false_alarm()
    draft = msgspec.structs.replace(board.incidents[0], components=incidents)
    assert not banner(msgspec.structs.replace(board, incidents=(draft,)))["open"]


def test_where_nothing_probes_it_is_said() -> None:
    board = boards.false_alarm()
    first = msgspec.structs.replace(board.components[0], probes=ProbesView())
    told = banner(msgspec.structs.replace(board, components=(first,)))
    assert told["text"]["en"].endswith("our probes: none.")


def test_work_is_told_while_it_runs_and_an_hour_before() -> None:
    board = boards.maintenance()
    told = banner(board)
    assert (told["kind"], told["id"]) == ("maintenance", "mw-now")
    assert told["text"]["en"] == "Announced work: Database moves, 20:00 UTC to 21:00 UTC."
    later = board.maintenances[0]
    assert later.id == "mw-next"
    for before_us, open_ in ((SOON_US, True), (SOON_US + 1, False)):
        near = msgspec.structs.replace(
            board, maintenances=(later,), utc_us=later.begins_utc_us - before_us
        )
        assert banner(near)["open"] is open_


def test_a_long_name_is_cut() -> None:
    long_one = msgspec.structs.replace(boards.open_incident(), name="n" * 300)
    board = msgspec.structs.replace(boards.alarm(), incidents=(long_one,))
    assert banner(board)["text"]["en"].startswith("n" * (NAME_CHARS_MAX - 1) + "…:")
