"""A studio's name is kept over restarts, and never that of another that lives."""

from itertools import count
from pathlib import Path

import pytest

from rostra.app.studio_identity import Identity
from rostra.domain.errors import HouseError


def test_a_name_is_kept_and_never_held_twice(tmp_path: Path) -> None:
    names = map("studio{}".format, count())
    path = tmp_path / "studio.id"
    first = Identity(path, lambda: next(names))
    beside = Identity(path, lambda: next(names))
    assert (first.name, beside.name) == ("studio0", "studio1")
    beside.close()
    first.close()
    again = Identity(path, lambda: next(names))
    assert again.name == "studio0"
    again.close()


def test_a_damaged_name_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "studio.id"
    path.write_bytes(b"\xff\x00 two words and much more than a name can hold" * 3)
    one = Identity(path, lambda: "fresh")
    one.close()
    assert (one.name, path.read_text()) == ("fresh", "fresh")


def test_a_folder_that_refuses_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(HouseError, match="cannot be used"):
        Identity(tmp_path / "nowhere" / "studio.id", lambda: "fresh")
