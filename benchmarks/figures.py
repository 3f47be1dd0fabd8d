"""Arithmetic of figures: percentiles, medians over rounds, goals; and the history of runs."""

import json
import os
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import machine

FOLDER = Path(__file__).parent.parent / "docs" / "benchmarks"
HISTORY = FOLDER / "history.jsonl"

SUMMED = frozenset({"gaps", "disconnected"})
"""What must not happen at all: summed over the rounds, where others have their median."""

Case = dict[str, Any]
Run = dict[str, Any]


def percentile(values: Iterable[float], share: float) -> float:
    """The nearest-rank percentile; ValueError when there is nothing."""
    ordered = sorted(values)
    if not ordered:
        sentence = "no values"
        raise ValueError(sentence)
    rank = max(1, -(-int(share * 1_000_000) * len(ordered) // 1_000_000))
    return ordered[rank - 1]


def summary_ms(values: Sequence[float]) -> dict[str, float]:
    """Median, 95th percentile and maximum, with how many there were."""
    return {
        "median_ms": round(statistics.median(values), 1),
        "p95_ms": round(percentile(values, 0.95), 1),
        "max_ms": round(max(values), 1),
        "n": len(values),
    }


def moved(before: float, after: float) -> float:
    """By what share a figure has moved: 0.2 for 120 after 100."""
    return round(after / before - 1, 4)


def merged(rounds: Sequence[Sequence[Case]], keys: Sequence[str]) -> list[Case]:
    """Each case with the median of its figures; cases are the same by `keys` in every round.

    `us_rounds` keeps each round's cost; figures in `SUMMED` are summed.
    """
    groups: dict[tuple[Any, ...], list[Case]] = {}
    for case in (case for one in rounds for case in one):
        groups.setdefault(tuple(case.get(key) for key in keys), []).append(case)
    return [_median(group, keys) for group in groups.values()]


def _median(group: list[Case], keys: Sequence[str]) -> Case:
    case: Case = {key: group[0][key] for key in keys if key in group[0]}
    for key, first in group[0].items():
        values = [one[key] for one in group if key in one]
        if key in case:
            continue
        if key in SUMMED:
            case[key] = sum(values)
        else:
            number = isinstance(first, int | float) and not isinstance(first, bool)
            case[key] = round(statistics.median(values), 3) if number else first
    if "us" in case:
        case["us_rounds"] = [round(one["us"], 2) for one in group]
    return case


@dataclass(frozen=True)
class Goal:
    """A number to reach: `figure` of `unit`, at most or at least `bound`."""

    words: str
    figure: float | None
    bound: float
    unit: str = ""
    at_least: bool = False

    @property
    def met(self) -> bool | None:
        """Whether it was reached; None when it was not measured."""
        if self.figure is None:
            return None
        return self.figure >= self.bound if self.at_least else self.figure <= self.bound

    def row(self) -> tuple[str, ...]:
        """For a table of goals."""
        sign = "≥" if self.at_least else "≤"
        got = "not measured" if self.figure is None else f"{self.figure:,g} {self.unit}".strip()
        verdict = {True: "met", False: "**missed**", None: ""}[self.met]
        return (self.words, f"{sign} {self.bound:,g} {self.unit}".strip(), got, verdict)


def runs(kind: str, history: Path = HISTORY) -> list[Run]:
    """Every run of a kind, oldest first; lines without a kind are of `push`."""
    lines = [json.loads(line) for line in history.read_text().splitlines() if line]
    return [line for line in lines if line.get("kind", "push") == kind]


def line_of(kind: str, figures: Run) -> Run:
    """A line of the history: the figures with commit, machine, and the load it was measured at."""
    return {
        "kind": kind,
        "utc": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": machine.commit(),
        "machine": machine.describe(),
        "load_1m": round(os.getloadavg()[0], 2),
        **figures,
    }


def keep(line: Run, history: Path = HISTORY) -> None:
    """Append a run to the history."""
    with history.open("a") as file:
        file.write(json.dumps(line) + "\n")
