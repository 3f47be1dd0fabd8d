"""The documents name what there is, all of it, and nothing else."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from typer.main import get_command

from rostra.app import cli  # noqa: F401 - it hangs the commands into the application
from rostra.app.cli_base import app
from rostra.app.config import Settings
from rostra.app.edge_metrics import EdgeCollector
from rostra.app.studio_metrics import StudioMetrics

ROOT = Path(__file__).parents[3]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("benchmarks/*.md")])


def settings(model: type[BaseModel] = Settings, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every key with its default, sections opened."""
    for name, field in model.model_fields.items():
        default = field.get_default(call_default_factory=True)
        if isinstance(default, BaseModel):
            yield from settings(type(default), f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", default


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def test_every_setting_is_documented_with_its_environment_and_no_other() -> None:
    table = re.compile(r"^\| `([a-z_.]+)` \| `(ROSTRA_[A-Z_]+)`", re.MULTILINE)
    rows = table.findall(read("docs/operating/configuration.md"))
    assert dict(rows) == {key: "ROSTRA_" + key.upper().replace(".", "__") for key, _ in settings()}


def test_the_example_has_every_setting_at_its_default() -> None:
    lines = read("rostra.example.toml").splitlines()
    bare = [re.sub(r"^# (?=\[|[a-z_]+ = )", "", line) for line in lines]
    given = tomllib.loads("\n".join(bare))
    flat: dict[str, Any] = {}
    for key, value in given.items():
        if isinstance(value, dict):
            flat |= {f"{key}.{inner}": one for inner, one in value.items()}
        else:
            flat[key] = value
    wanted = {key: _as_toml(value) for key, value in settings()}
    assert flat == wanted
    assert tomllib.loads("\n".join(lines)) == {}


def _as_toml(value: Any) -> Any:  # noqa: ANN401 - whatever a setting is
    if isinstance(value, Path):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def commands(group: Any, words: str = "rostra") -> Iterator[tuple[str, set[str]]]:  # noqa: ANN401 - of click
    """Every command by its words, with its long options."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{words} {name}")
            continue
        options = {option for one in command.params for option in one.opts if option[:2] == "--"}
        yield f"{words} {name}", options - {"--help"}


@pytest.mark.parametrize(("words", "options"), list(commands(get_command(app))))
def test_every_command_is_documented_with_its_options(words: str, options: set[str]) -> None:
    rows = [
        row
        for row in read("docs/reference/commands.md").splitlines()
        if re.search(rf"`{words}[ `]", row) and row.startswith("|")
    ]
    assert len(rows) == 1, rows
    assert set(re.findall(r"--[a-z-]+", rows[0].split("|")[2])) == options


def _names(source: object) -> set[str]:
    text = Path(source.__code__.co_filename).read_text(encoding="utf-8")  # type: ignore[attr-defined]
    return set(re.findall(r'"(rostra_[a-z_]+)"', text))


@pytest.mark.parametrize("collector", [EdgeCollector.collect, StudioMetrics.collect])
def test_every_metric_is_documented(collector: object) -> None:
    told = set(re.findall(r"`(rostra_[a-z_]+?)(?:_total)?`", read("docs/reference/metrics.md")))
    names = _names(collector)
    assert len(names) >= 5
    assert names <= told


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text) + re.findall(r'src="([^"]+)"', text)
    inside = [link for link in links if "://" not in link]
    assert [link for link in inside if not (path.parent / link).exists()] == []
