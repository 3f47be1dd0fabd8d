import os
from pathlib import Path

import pytest

from rostra.app.config import Settings
from rostra.app.draining import drain, undrain
from rostra.app.edge_rows import EdgeRow, EdgesState, write_edges
from rostra.app.house_state import NoHouseError, began_at
from rostra.app.secrets import bootstrap
from rostra.domain.errors import HouseError, NotFoundError


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = Settings(data=tmp_path / "data")
    bootstrap(found)
    return found


def told(settings: Settings, *rows: EdgeRow) -> None:
    """The edges' parent, played by this process, has told of these."""
    own = os.getpid()
    write_edges(settings, EdgesState(own, began_at(own), 1, rows))


def silent(line: str) -> None:
    pytest.fail(f"nothing was drained, and yet it said: {line}")


def test_there_is_nothing_to_drain_where_no_edges_run(settings: Settings) -> None:
    for ask in (lambda: drain(settings, [], 5, silent), lambda: undrain(settings)):
        with pytest.raises(NoHouseError, match="No edges run on"):
            ask()


def test_only_edges_of_this_machine_are_drained_here(settings: Settings) -> None:
    told(settings, EdgeRow(0, 0, 0, "fra-0"), EdgeRow(1, 0, 0, "fra-1"))
    with pytest.raises(NotFoundError, match="There is no edge 'oslo-0' on this machine"):
        drain(settings, ["oslo-0"], 5, silent)


def test_a_number_that_is_another_process_by_now_is_told_nothing(settings: Settings) -> None:
    told(settings, EdgeRow(0, os.getpid(), 0, "fra-0", started=-2))
    with pytest.raises(HouseError, match="fra-0 is just being started"):
        drain(settings, [], 5, silent)


def test_what_is_drained_is_not_drained_again(settings: Settings) -> None:
    told(settings, EdgeRow(0, 0, 0, "fra-0", drained=True))
    assert drain(settings, ["fra-0"], 5, silent) == []
    told(settings, EdgeRow(0, 0, 0, "fra-0"))
    assert undrain(settings) == []


def test_an_edge_that_does_not_say_who_else_is_there_is_not_drained(settings: Settings) -> None:
    told(settings, EdgeRow(0, os.getpid(), 0, "fra-0", started=began_at(os.getpid())))
    with pytest.raises(HouseError, match="does not say which other edges there are"):
        drain(settings, [], 5, silent)
