"""The scripts of set-up take what the machine has, and say in a sentence what it lacks."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def _program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A PATH of one folder, with only the tools that the scripts are written in."""
    for tool in ("bash", "env", "seq", "dirname"):
        found = next(
            folder / tool for folder in map(Path, os.get_exec_path()) if (folder / tool).is_file()
        )
        (tmp_path / tool).symlink_to(found)
    return tmp_path


def _run(programs: Path, script: str, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ROOT / "scripts" / script, *words],
        env={"PATH": str(programs), **more},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_systems_python_is_taken_where_it_will_do(programs: Path) -> None:
    _program(programs, "python3", "exit 0")
    _program(programs, "python3.12", "exit 0")
    assert _run(programs, "pick_python.sh").stdout.strip() == str(programs / "python3")


def test_a_newer_python_is_taken_where_the_systems_is_too_old(programs: Path) -> None:
    _program(programs, "python3", "exit 1")
    _program(programs, "python3.12", "exit 0")
    assert _run(programs, "pick_python.sh").stdout.strip() == str(programs / "python3.12")


def test_the_python_that_is_named_is_taken_or_refused(programs: Path) -> None:
    _program(programs, "python3", "exit 0")
    _program(programs, "mine", "exit 0")
    named = _run(programs, "pick_python.sh", PYTHON="mine")
    assert named.stdout.strip() == str(programs / "mine")
    absent = _run(programs, "pick_python.sh", PYTHON="absent")
    assert absent.returncode == 1
    assert "PYTHON=absent is no Python of 3.11 or later" in absent.stderr


def test_no_python_is_a_sentence(programs: Path) -> None:
    done = _run(programs, "pick_python.sh")
    assert done.returncode == 1
    assert "apt-get install python3 python3-venv" in done.stderr


def test_a_python_without_venv_is_a_sentence(programs: Path) -> None:
    _program(programs, "python3", 'case "$2" in *ensurepip*) exit 1;; esac')
    done = _run(programs, "pick_python.sh")
    assert done.returncode == 1
    assert "apt-get install python3-venv" in done.stderr


def test_a_node_that_will_do_is_used_as_it_is(programs: Path) -> None:
    _program(programs, "node", "exit 0")
    _program(programs, "npm", 'echo "built by $0"')
    done = _run(programs, "with_node.sh", "npm", "run", "build")
    assert done.stdout.strip() == f"built by {programs / 'npm'}"
    assert done.stderr == ""
