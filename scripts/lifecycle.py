"""Draws a space's life from its table into docs/reference/lifecycle.md.

    python -m scripts.lifecycle

A test compares the page with the table, so that neither changes without the other.
"""

from collections.abc import Iterable
from pathlib import Path

from rostra.domain.space import OVER, TRANSITIONS, Cause, Reason, State

PAGE = Path(__file__).parent.parent / "docs" / "reference" / "lifecycle.md"
BEGIN, END = "<!-- drawn from rostra.domain.space -->\n", "<!-- end of the drawing -->"


def diagram() -> str:
    """The life as a Mermaid state diagram: each step with who causes it."""
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {State.SCHEDULED}"]
    lines += [
        f"    {now} --> {then}: {', '.join(causes)}" for (now, then), causes in TRANSITIONS.items()
    ]
    leaves = (state for state in State if state in OVER and not _leads_on(state))
    return "\n".join([*lines, *(f"    {state} --> [*]" for state in leaves), "```"])


def table() -> str:
    """The same as a table, with the reason that each step is told under."""
    rows = [
        f"| `{now}` | `{then}` | {_told(causes.items())} |"
        for (now, then), causes in TRANSITIONS.items()
    ]
    return "\n".join(["| from | to | caused by (told as) |", "|---|---|---|", *rows])


def page(text: str) -> str:
    """The page with its drawing made anew."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{diagram()}\n\n{table()}\n\n{END}{after}"


def _leads_on(state: State) -> bool:
    return any(now is state for now, _ in TRANSITIONS)


def _told(causes: Iterable[tuple[Cause, Reason]]) -> str:
    return ", ".join(
        cause.value if cause.value == reason.value else f"{cause} (`{reason}`)"
        for cause, reason in causes
    )


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(PAGE.read_text()))


if __name__ == "__main__":
    main()
