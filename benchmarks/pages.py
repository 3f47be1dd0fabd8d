"""A page and a plot for each kind of benchmark, from the history alone."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from benchmarks import (
    page_alarms,
    page_gate,
    page_howl,
    page_loudness,
    page_push,
    page_reports,
    page_rest,
    page_t0,
)
from benchmarks.figures import FOLDER, HISTORY, Goal, Run, runs
from benchmarks.tables import Page, foot, goals_table

RUNS_MAX = 60
"""Runs that a plot over time shows: the newest."""

PAGES: Mapping[str, Callable[[Sequence[Run]], Page]] = {
    "push": page_push.page,
    "joins": page_rest.joins,
    "latency": page_rest.latency,
    "slow": page_rest.slow,
    "memory": page_rest.memory,
    "overload": page_rest.overload,
    "sendloop": page_rest.sendloop,
    "t0": page_t0.page,
    "loudness": page_loudness.page,
    "gate": page_gate.page,
    "howl": page_howl.howl,
    "reports": page_reports.page,
    "alarms": page_alarms.alarms,
}
"""What writes the page of each kind."""


def write(kind: str, history: Path = HISTORY, folder: Path = FOLDER) -> None:
    """Write `KIND.md` and its plot anew from the history."""
    of_kind = runs(kind, history)[-RUNS_MAX:]
    if not of_kind:
        return
    page = PAGES[kind](of_kind)
    (folder / f"{kind}.md").write_text(whole(kind, page, of_kind[-1]))
    for name, plot in plots(kind, page).items():
        (folder / f"{name}.svg").write_text(plot)


def whole(kind: str, page: Page, run: Run) -> str:
    """The page's text: words, goals, tables, plot, and what it was measured on."""
    parts = [f"# {page.title}", page.words]
    if page.goals:
        parts.append(goals_table(page.goals))
    parts += page.tables
    parts += [f"![{page.title}]({name}.svg)" for name in plots(kind, page)]
    parts += [*_notes(run, page.goals), foot(run)]
    parts.append(f"Repeat with `{page.command}`. Every run is a line of `history.jsonl`.")
    return "\n\n".join(parts) + "\n"


def plots(kind: str, page: Page) -> dict[str, str]:
    """Every plot of a page by the name of its file."""
    return {**({kind: page.plot} if page.plot else {}), **page.more_plots}


def _notes(run: Run, goals: Iterable[Goal]) -> list[str]:
    left_out = [f"- {words}" for words in run.get("left_out", ())]
    told = ["Left out in this run:\n\n" + "\n".join(left_out)] if left_out else []
    causes: Mapping[str, str] = run.get("causes", {})
    missed = [
        f"- {g.words}: {causes[g.words]}" for g in goals if g.met is False and g.words in causes
    ]
    return [*told, *(["Why a goal was missed:\n\n" + "\n".join(missed)] if missed else [])]


def main() -> None:
    """Write every page anew."""
    for kind in PAGES:
        write(kind)


if __name__ == "__main__":
    main()
