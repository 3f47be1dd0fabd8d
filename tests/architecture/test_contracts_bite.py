"""Each import contract bites: one planted line in a copy of the tree breaks it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT_SECONDS_MAX = 60

LAYERS = "Rooms share only the domain and the wire; the house is wired once, in app"
SANS_IO = "Only drivers, store, web and app touch sockets, clocks, codecs and disks"
ON_TOP = "In each room the drivers import the rules, never the reverse"
WEBRTC = "aiortc is touched by the stage's drivers only"
CODEC = "PyAV is touched by the stage's and the programme's drivers only"
CYCLES = "No cycles anywhere"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the package with the contracts beside it."""
    built = shutil.ignore_patterns("__pycache__", "dist", "static")
    shutil.copytree(ROOT / "src" / "rostra", tmp_path / "rostra", ignore=built)
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


def _lint(tree: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
        timeout=LINT_SECONDS_MAX,
    )


def test_the_tree_as_it_is_keeps_every_contract(tree: Path) -> None:
    done = _lint(tree)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("where", "line", "contract"),
    [
        ("domain/planted.py", "import rostra.wire.messages", LAYERS),
        ("wire/planted.py", "import rostra.stage", LAYERS),
        ("stage/planted.py", "import rostra.programme", LAYERS),
        ("web/planted.py", "import rostra.store", LAYERS),
        ("attic/__init__.py", "", LAYERS),
        ("delivery/planted.py", "import socket", SANS_IO),
        ("stage/planted.py", "import asyncio", SANS_IO),
        ("programme/planted.py", "import rostra.programme.drivers", ON_TOP),
        ("web/planted.py", "import rostra.stage.drivers", ON_TOP),
        ("programme/drivers/planted.py", "import aiortc", WEBRTC),
        ("delivery/drivers/planted.py", "import av", CODEC),
    ],
)
def test_a_planted_line_breaks_its_contract(
    tree: Path, where: str, line: str, contract: str
) -> None:
    planted = tree / "rostra" / where
    planted.parent.mkdir(exist_ok=True)
    planted.write_text(f'"""Planted."""\n{line}\n')
    _assert_broken(_lint(tree), contract)


def test_a_planted_cycle_breaks_its_contract(tree: Path) -> None:
    for here, there in (("a", "b"), ("b", "a")):
        planted = tree / "rostra" / "stage" / f"planted_{here}.py"
        planted.write_text(f'"""Planted."""\nimport rostra.stage.planted_{there}\n')
    _assert_broken(_lint(tree), CYCLES)


def _assert_broken(done: subprocess.CompletedProcess[str], contract: str) -> None:
    assert done.returncode != 0, done.stdout
    if contract == LAYERS and "rostra.attic" in done.stdout:
        return
    assert f"{contract} BROKEN" in done.stdout, done.stdout
