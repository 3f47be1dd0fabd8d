"""Tables and the small print of a benchmark's page."""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.figures import Case, Goal, Run


@dataclass(frozen=True)
class Page:
    """What one benchmark has to say; `command` repeats it."""

    title: str
    words: str
    command: str
    goals: Sequence[Goal] = ()
    tables: Sequence[str] = field(default_factory=list)
    plot: str = ""
    more_plots: Mapping[str, str] = field(default_factory=dict)
    """Further plots by the name of their file."""


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose first column is words and whose others are figures."""
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def goals_table(goals: Iterable[Goal]) -> str:
    """Each goal with what was measured, and whether it was reached."""
    return table(("goal", "to reach", "measured", ""), (goal.row() for goal in goals))


def shown(case: Case, key: str, form: str = ",.1f") -> str:
    """A figure of a case, or nothing where it has none."""
    value = case.get(key)
    return "" if value is None else format(value, form)


def paragraph(*pieces: str) -> str:
    """Pieces of prose as one paragraph with lines of at most 99."""
    return textwrap.fill(
        " ".join(pieces).strip(), 99, break_long_words=False, break_on_hyphens=False
    )


def foot(run: Run) -> str:
    """When, of what commit, and on what machine."""
    machine = run["machine"]
    return paragraph(
        f"{run['utc'][:10]}, commit `{run['commit']}`, {machine['cpu']}, {machine['cores']} cores,",
        f"Linux {machine['kernel']}, Python {machine['python']}, load {run['load_1m']} at the end.",
    )
