"""`rostra journal` prints what was written down, and says so where somebody has changed it."""

import json
from pathlib import Path

import pytest

from rostra.app.cli import run
from rostra.app.cli_base import EXIT_FAILED
from rostra.domain.ports import Moment
from rostra.programme.drivers.journal import Journal, journal_path

LINES = 5


@pytest.fixture
def data(tmp_path: Path) -> Path:
    journal = Journal(journal_path(tmp_path, "tea"), Moment(0, 0))
    for number in range(LINES):
        journal.append(Moment(0, number), "count", {"listening": 1_000 + number})
    journal.close()
    return tmp_path


def printed(data: Path, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, str, str]:
    code = run(["journal", "tea", "--data", str(data), *more])
    out, err = capsys.readouterr()
    return code, out, err


def test_a_whole_journal_is_printed(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = printed(data, capsys, "--json")
    assert (code, err) == (0, "")
    assert [json.loads(line)["n"] for line in out.splitlines()] == list(range(LINES))
    code, out, err = printed(data, capsys)
    assert (code, err) == (0, "")
    assert '{"listening": 1004}' in out.splitlines()[-1]


@pytest.mark.parametrize(
    ("old", "new", "left"),
    [
        (b"1002", b"9002", LINES),
        (b'"listening":1002', b'"listening":1002oops', LINES - 1),
    ],
    ids=["changed", "broken"],
)
def test_a_journal_that_was_changed_names_the_first_line_that_does_not_follow(
    data: Path, capsys: pytest.CaptureFixture[str], old: bytes, new: bytes, left: int
) -> None:
    path = journal_path(data, "tea")
    path.write_bytes(path.read_bytes().replace(old, new))
    for more in ((), ("--json",)):
        code, out, err = printed(data, capsys, *more)
        assert code == EXIT_FAILED
        assert len(out.splitlines()) == left
        assert err.startswith("The journal was changed: line ")
        assert err.count("\n") == 1
        assert int(err.split("line ")[1].split()[0]) in {3, 4}


def test_a_line_taken_out_is_missed(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = journal_path(data, "tea")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:2] + lines[3:]))
    code, _, err = printed(data, capsys)
    assert (code, err) == (EXIT_FAILED, "The journal was changed: line 3 does not follow.\n")


def test_what_a_crash_tore_is_no_change(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = journal_path(data, "tea")
    path.write_bytes(path.read_bytes()[:-10])
    code, out, err = printed(data, capsys)
    assert code == 0
    assert len(out.splitlines()) == LINES - 1
    assert err == f"The journal is whole: {LINES} lines; 1 cut short by a crash.\n"


def test_a_journal_that_is_not_there_is_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = printed(tmp_path, capsys)
    assert (code, out) == (EXIT_FAILED, "")
    assert "There is no journal" in err
