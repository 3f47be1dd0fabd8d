"""The built browser application is found where it is, and its absence is a sentence."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from rostra.app.dist import first_with_pages
from rostra.domain.errors import HouseError

ROOT = Path(__file__).resolve().parents[3]


def test_the_wheels_own_comes_before_the_checkouts(tmp_path: Path) -> None:
    wheel, checkout = tmp_path / "wheel", tmp_path / "checkout"
    for folder in (wheel, checkout):
        folder.mkdir()
    (checkout / "index.html").touch()
    assert first_with_pages((wheel, checkout)) == checkout
    (wheel / "index.html").touch()
    assert first_with_pages((wheel, checkout)) == wheel


def test_where_it_is_not_built_the_sentence_names_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(HouseError, match="make setup") as caught:
        first_with_pages((tmp_path / "a", tmp_path / "b"))
    assert str(tmp_path / "b") in caught.value.sentence


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The smallest tree that the build accepts."""
    for name in ("pyproject.toml", "hatch_build.py", "LICENSE"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    (tmp_path / "README.md").write_text("# Rostra\n")
    package = tmp_path / "src" / "rostra"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    return tmp_path


def _build(checkout: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", "out"]
    return subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)


def test_the_wheel_carries_the_application_as_it_was_built(checkout: Path) -> None:
    built = checkout / "frontend" / "dist" / "assets"
    built.mkdir(parents=True)
    (built.parent / "index.html").write_text("<title>Rostra</title>")
    (built / "app-1.js").write_text("1")
    done = _build(checkout)
    assert done.returncode == 0, done.stderr
    (wheel,) = (checkout / "out").glob("*.whl")
    with zipfile.ZipFile(wheel) as inside:
        assert {"rostra/dist/index.html", "rostra/dist/assets/app-1.js"} <= set(inside.namelist())


def test_a_wheel_without_the_application_is_not_made(checkout: Path) -> None:
    done = _build(checkout)
    assert done.returncode != 0
    assert "run 'make setup'" in done.stderr
