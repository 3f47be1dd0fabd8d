"""The documents name what there is, all of it, and nothing else."""

import inspect
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from pydantic import BaseModel, ValidationError
from typer.main import get_command

from rostra.app import (
    cli,  # noqa: F401 - it hangs the commands into the application
    edge_budgets,
    edge_metrics,
    edge_tls,
    house_metrics,
    studio_metrics,
)
from rostra.app.cli_base import EXIT_FAILED, EXIT_NO_HOUSE, EXIT_USAGE, app
from rostra.app.cli_sound import LINK_VARIABLE
from rostra.app.config import Settings
from rostra.app.house_state import HouseState
from rostra.app.watch_tokens import TOKEN_VARIABLE
from rostra.web import metrics as desk_metrics
from rostra.web import watch_metrics

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
    assert dict(rows) == {key: environment_of(key) for key, _ in settings()}


def test_every_setting_is_documented_with_its_default() -> None:
    row = re.compile(r"^\| `([a-z_.]+)` \| `ROSTRA_[^|]+\| ([^|]+) \|", re.MULTILINE)
    told = {key: word.strip() for key, word in row.findall(read("docs/operating/configuration.md"))}
    assert told == {key: _in_words(default) for key, default in settings()}


def environment_of(key: str) -> str:
    return "ROSTRA_" + key.upper().replace(".", "__")


def _in_words(default: Any) -> str:  # noqa: ANN401 - whatever a setting is
    if default == "":
        return "empty"
    if default == ():
        return "none"
    if isinstance(default, bool | tuple):
        return f"`{json.dumps(default)}`"
    return f"`{default}`"


BEYOND_SETTINGS = {"ROSTRA_CONFIG", LINK_VARIABLE, TOKEN_VARIABLE, "ROSTRA_CHROMIUM"}
"""Variables that the commands read themselves, and the one of the browser tests."""
WRONG_ON_PURPOSE = {"ROSTRA_EDGE__BOGUS", "ROSTRA_DOMIAN"}
"""Examples of what is refused or passed over, in configuration.md."""


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_unknown_setting_is_named(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    known = {environment_of(key) for key, _ in settings()} | BEYOND_SETTINGS
    if path.name == "configuration.md":
        known |= WRONG_ON_PURPOSE
    assert set(re.findall(r"ROSTRA_[A-Z_]+[A-Z]", text)) <= known
    keys = {key for key, _ in settings()}
    sections = "|".join(sorted({key.partition(".")[0] for key in keys if "." in key}))
    named = set(re.findall(rf"`((?:{sections})\.[a-z_]+)`", text))
    assert named <= keys
    for block in re.findall(r"```toml\n(.*?)```", text, re.DOTALL):
        Settings.model_validate(tomllib.loads(block))


def test_an_unknown_setting_in_a_toml_block_would_be_found() -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate(tomllib.loads("[stage]\nudp_port = 1"))


def test_the_example_has_every_setting_at_its_default() -> None:
    lines = read("rostra.example.toml").splitlines()
    bare = [re.sub(r"^# (?=\[|[a-z_]+ = )", "", line) for line in lines]
    given = tomllib.loads("\n".join(bare))
    wanted = {key: _as_toml(value) for key, value in settings()}
    assert dict(flat(given)) == wanted
    assert tomllib.loads("\n".join(lines)) == {}


def flat(given: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every key of a read file, sections opened."""
    for key, value in given.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


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


COMMAND_LINE = re.compile(r"(?:^|`|bin/)(rostra [a-z]+(?: [a-z]+)?)", re.MULTILINE)
"""A command in a sentence, in a block, or with the folder of its environment."""


def test_no_unknown_command_is_named() -> None:
    known = {words for words, _ in commands(get_command(app))}
    groups = {words.rpartition(" ")[0] for words in known}
    for path in DOCUMENTS:
        for line in COMMAND_LINE.findall(path.read_text(encoding="utf-8")):
            words = line.split()
            longer = " ".join(words[:3]) if " ".join(words[:2]) in groups else " ".join(words[:2])
            assert longer in known, f"{path.name}: {line}"


def test_the_exit_codes_are_the_commands_own() -> None:
    told = re.findall(r"^\| (\d) \|", read("docs/reference/commands.md"), re.MULTILINE)
    assert [int(code) for code in told] == [0, EXIT_FAILED, EXIT_USAGE, EXIT_NO_HOUSE]


def _registered() -> set[str]:
    """The names that the modules of metrics give to Prometheus, without `_total`."""
    found: set[str] = set()
    for module in (
        edge_metrics,
        edge_budgets,
        edge_tls,
        house_metrics,
        studio_metrics,
        desk_metrics,
        watch_metrics,
    ):
        names = set(re.findall(r'"(rostra_[a-z_]+)"', inspect.getsource(module)))
        assert len(names) >= 3, module.__name__
        found |= names
    return found


def _families(registry: CollectorRegistry) -> set[str]:
    return {family.name for family in registry.collect() if family.name.startswith("rostra_")}


def test_the_names_are_what_the_processes_register() -> None:
    house = CollectorRegistry()
    nobody = HouseState(1, 0.0, 8000, "http://localhost:8000")
    house.register(house_metrics.HouseMetrics(Settings(data=Path("nowhere")), lambda: nobody))
    live = _families(desk_metrics.Metrics().registry) | _families(house)
    live |= _families(studio_metrics.registry_of(lambda: ()))
    live |= _families(watch_metrics.SiteMetrics().registry)
    assert {name for name in _registered() if not name.startswith("rostra_edge_")} == live


def test_every_metric_is_documented_and_no_other() -> None:
    told = re.findall(r"`(rostra_[a-z_]+?)(?:_total)?`", read("docs/reference/metrics.md"))
    assert len(told) == len(set(told))
    assert set(told) == _registered()


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_unknown_metric_is_named(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    rooms = "edge|desk|programme|stage|listening|process|backbone"
    metric = rf"`(rostra_(?:{rooms})[a-z_]*?)(?:_total)?`"
    assert set(re.findall(metric, text)) <= _registered()


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text) + re.findall(r'src="([^"]+)"', text)
    inside = [link for link in links if "://" not in link]
    assert [link for link in inside if not (path.parent / link).exists()] == []
