"""The locks hold what is asked for, every package by hash, and name no registry."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[3]
REQUIREMENTS = ROOT / "requirements"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
GROUPS = PROJECT["dependency-groups"]
PINNED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^ ;\\]+)", re.MULTILINE)
PACKAGE_LOCK = ROOT / "frontend" / "package-lock.json"


def _pins(lock: str) -> dict[str, set[str]]:
    pins: dict[str, set[str]] = {}
    for name, version in PINNED.findall((REQUIREMENTS / lock).read_text()):
        pins.setdefault(canonicalize_name(name), set()).add(version)
    return pins


def _asked(*groups: str) -> list[str]:
    return [line for group in groups for line in GROUPS[group] if isinstance(line, str)]


@pytest.mark.parametrize(
    ("lock", "asked"),
    [
        ("run.lock", [*PROJECT["project"]["dependencies"], *_asked("build")]),
        ("dev.lock", [*PROJECT["project"]["dependencies"], *_asked("build", "dev")]),
        ("node.lock", _asked("node")),
        ("lock.lock", _asked("lock")),
    ],
)
def test_a_lock_holds_what_the_project_asks_for(lock: str, asked: list[str]) -> None:
    pins = _pins(lock)
    stale = [
        line
        for line in asked
        for requirement in [Requirement(line)]
        for versions in [pins.get(canonicalize_name(requirement.name), set())]
        if not versions or not all(requirement.specifier.contains(v) for v in versions)
    ]
    assert not stale, f"{stale} differ from requirements/{lock}: run 'make lock'"


def test_what_is_tested_is_what_is_run() -> None:
    tested = _pins("dev.lock")
    assert {name: tested.get(name) for name in _pins("run.lock")} == _pins("run.lock")


@pytest.mark.parametrize("lock", sorted(path.name for path in REQUIREMENTS.glob("*.lock")))
def test_every_package_has_its_hashes_and_nothing_has_an_address(lock: str) -> None:
    text = (REQUIREMENTS / lock).read_text()
    assert "://" not in text
    assert "index-url" not in text
    for block in re.split(r"\n(?=\S)", text.strip()):
        assert PINNED.match(block), block
        assert "--hash=sha256:" in block, block


def test_the_browser_applications_lock_has_hashes_and_no_address() -> None:
    text = PACKAGE_LOCK.read_text()
    assert '"resolved"' not in text
    assert text.count('"integrity"') >= 10
