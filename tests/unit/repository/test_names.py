"""The check for names that must not be committed sees each of them, and only them."""

import subprocess
from pathlib import Path

import pytest
from scripts import names


@pytest.mark.parametrize("name", names.REFUSED)
def test_a_refused_name_is_found_with_its_line(name: str) -> None:
    assert list(names.refused_in(f"first\nsee {name} there\n")) == [(2, name)]


@pytest.mark.parametrize("text", ["", "the network/ folder", "shared/ elsewhere", "npm and pip"])
def test_other_words_are_not(text: str) -> None:
    assert list(names.refused_in(text)) == []


def test_only_what_git_knows_is_read(tmp_path: Path) -> None:
    git = ["git", "-C", str(tmp_path)]
    subprocess.run([*git, "init", "--quiet"], check=True)
    for name in ("known.md", "unknown.md"):
        (tmp_path / name).write_text(f"see {names.REFUSED[0]}\n")
    (tmp_path / "picture.png").write_bytes(b"\xff\xd8" + names.REFUSED[0].encode())
    subprocess.run([*git, "add", "known.md", "picture.png"], check=True)
    assert names.complaints(tmp_path) == [f"known.md:1: {names.REFUSED[0]}"]


def test_a_file_that_is_deleted_but_not_yet_committed_is_no_error(tmp_path: Path) -> None:
    git = ["git", "-C", str(tmp_path)]
    subprocess.run([*git, "init", "--quiet"], check=True)
    (tmp_path / "gone.md").write_text("here\n")
    subprocess.run([*git, "add", "gone.md"], check=True)
    (tmp_path / "gone.md").unlink()
    assert names.complaints(tmp_path) == []
