"""Draws the lives of an incident and of announced work into docs/reference/watch_incidents.md.

    python -m scripts.incident_life

A test compares the page with the tables, so that neither changes without the other.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from rostra.watch import incidents, maintenance

PAGE: Final = Path(__file__).parent.parent / "docs" / "reference" / "watch_incidents.md"
INCIDENT: Final = "incident"
WORK: Final = "announced work"


def drawn(what: str) -> str:
    """One life as a Mermaid state diagram and as a table."""
    if what == INCIDENT:
        begins = {phase: (cause,) for phase, cause in incidents.BEGINNINGS.items()}
        return _drawn(begins, incidents.TRANSITIONS)
    return _drawn(
        {maintenance.Stage.SCHEDULED: (maintenance.Mover.PERSON,)}, maintenance.TRANSITIONS
    )


def _drawn(
    begins: Mapping[Any, Iterable[StrEnum]],  # Mapping's keys do not vary with their type
    steps: Mapping[Any, Iterable[StrEnum]],
) -> str:
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f"    [*] --> {then}: {_causes(causes)}" for then, causes in begins.items()]
    lines += [f"    {now} --> {then}: {_causes(causes)}" for (now, then), causes in steps.items()]
    rows = [f"| `{now}` | `{then}` | {_causes(causes)} |" for (now, then), causes in steps.items()]
    return "\n".join([*lines, "```", "", "| from | to | caused by |", "|---|---|---|", *rows])


def _causes(causes: Iterable[StrEnum]) -> str:
    return ", ".join(sorted(causes))


def page(text: str) -> str:
    """The page with its drawings made anew."""
    for what in (INCIDENT, WORK):
        begin, end = f"<!-- drawn: {what} -->\n", f"<!-- end: {what} -->"
        before, _, rest = text.partition(begin)
        _, _, after = rest.partition(end)
        text = f"{before}{begin}\n{drawn(what)}\n\n{end}{after}"
    return text


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(PAGE.read_text()))


if __name__ == "__main__":
    main()
