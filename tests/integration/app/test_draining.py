import os
import subprocess
import threading
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


class Ending:
    """A process that plays an edge: it ends when it is told to drain."""

    def __enter__(self) -> EdgeRow:
        self._process = subprocess.Popen(["/bin/sleep", "60"])
        self._parent = threading.Thread(target=self._process.wait)  # else it stays a zombie
        self._parent.start()
        return EdgeRow(0, self._process.pid, 0, "fra-0", began_at(self._process.pid))

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._parent.join()


def test_an_edge_that_dies_while_it_is_emptied_was_not_emptied(settings: Settings) -> None:
    own = os.getpid()
    again = EdgeRow(0, own, 1, "fra-0", began_at(own))
    with Ending() as row:
        told(settings, row)

        def begun(_line: str) -> None:
            told(settings, again)

        with pytest.raises(HouseError, match="fra-0 ended before it was empty and was started ag"):
            drain(settings, [], 5, begun, force=True)


def test_an_edge_has_been_emptied_when_its_parent_says_so(settings: Settings) -> None:
    said: list[str] = []
    with Ending() as row:
        told(settings, row)

        def begun(line: str) -> None:
            said.append(line)
            told(settings, EdgeRow(0, 0, 0, "fra-0", drained=True))

        (done,) = drain(settings, [], 5, begun, force=True)
    assert (done.edge, done.listened) == ("fra-0", 0)
    assert said[-1].startswith("fra-0 is empty and has ended after")


def test_an_edge_that_ends_with_the_whole_house_was_not_emptied(settings: Settings) -> None:
    with Ending() as row:
        told(settings, row)

        def begun(_line: str) -> None:
            write_edges(settings, EdgesState(os.getpid(), -2, 1, (row,)))

        with pytest.raises(NoHouseError, match="No edges run on"):
            drain(settings, [], 5, begun, force=True)
