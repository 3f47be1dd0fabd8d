"""Turns the history of benchmarks into a page and a plot, with nothing but Python."""

import html
import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "docs" / "benchmarks"
HISTORY = FOLDER / "history.jsonl"
GOAL = 1.15
"""The edge's cost beside the bare loop's, at most (the house's numbers to reach)."""

RUNS_MAX = 60
"""Runs that the plot shows: the newest."""

Run = dict[str, Any]
WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 760, 300, 56, 46, 44
COLOURS = {"2000": "#C46A2B", "8000": "#3E6C8F"}


def runs() -> list[Run]:
    """Every run of the history, oldest first."""
    return [json.loads(line) for line in HISTORY.read_text().splitlines() if line]


def write_page() -> None:
    """Write `docs/benchmarks/push.md` and `push.svg` anew from the history."""
    history = runs()
    (FOLDER / "push.md").write_text(page(history[-1]))
    (FOLDER / "push.svg").write_text(plot(history[-RUNS_MAX:]))


def page(run: Run) -> str:
    """The newest run as a table, with what it was measured on."""
    machine = run["machine"]
    rows = "\n".join(_row(case) for case in run["cases"])
    return f"""# What a listener of push costs

CPU microseconds per listener and second (µs/ls) at a tick of {run["tick_ms"]} ms, plain HTTP over
loopback: the real edge, and a bare C loop that writes as many bytes at the same tick in the same
run. Server and crowd are on different cores; each case is the median of {_rounds(run)} rounds of
{run["seconds"]:g} s. "Front door" is Caddy and the edge behind it, both counted. Ratios are to the
bare loop with as many listeners; the goal for the edge is {GOAL}.

| server | listeners | µs/ls | ratio | bytes a tick | writes a second | gaps | lost |
|---|---:|---:|---:|---:|---:|---:|---:|
{rows}

{run["utc"][:10]}, commit `{run["commit"]}`, {machine["cpu"]}, {machine["cores"]} cores,
Linux {machine["kernel"]}, Python {machine["python"]}, load {run["load_1m"]} at the end.
{run["limit"]}

![ratio to the bare loop, run by run](push.svg)

Repeat with `make bench`. Every run is a line of `history.jsonl`.
"""


def _rounds(run: Run) -> int:
    return len(run["cases"][0]["us_rounds"])


def _row(case: Run) -> str:
    def shown(key: str, form: str) -> str:
        return format(case[key], form) if key in case else ""

    return (
        f"| {case['server']} | {case['listeners']:,} | {case['us']:.1f} | {shown('ratio', '.2f')} "
        f"| {shown('tick_bytes', ',')} | {shown('writes_per_ls', '.2f')} "
        f"| {shown('gaps', ',')} | {shown('disconnected', ',')} |"
    )


def plot(history: list[Run]) -> str:
    """Ratio of the edge to the bare loop over the runs, one line a size of crowd."""
    series: dict[str, list[tuple[int, float]]] = {}
    for at, run in enumerate(history):
        for case in run["cases"]:
            if case["server"] == "edge":
                series.setdefault(str(case["listeners"]), []).append((at, case["ratio"]))
    top = max([1.5, *(value for points in series.values() for _, value in points)]) * 1.05
    last = max(1, len(history) - 1)

    def x(at: int) -> float:
        return LEFT + 8 + at * (WIDTH - LEFT - 40) / last

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (value - 0.8) / (top - 0.8) * (HEIGHT - BOTTOM - TOP)

    body = [_level(y(value), f"{value:.2f}", dash="") for value in (1.0, top)]
    body.append(_level(y(GOAL), f"{GOAL}", dash="6 4"))
    for turn, (size, points) in enumerate(sorted(series.items(), key=lambda item: int(item[0]))):
        colour = COLOURS.get(size, "#6B7280")
        line = " ".join(f"{x(at):.1f},{y(value):.1f}" for at, value in points)
        body.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        body += [
            f'<circle cx="{x(at):.1f}" cy="{y(value):.1f}" r="3.5" fill="{colour}"/>'
            for at, value in points
        ]
        legend = f"{int(size):,} listeners"
        body.append(_text(LEFT + 8 + 150 * turn, 34, legend, colour))
    first, newest = (html.escape(history[at]["commit"]) for at in (0, -1))
    body.append(_text(LEFT, HEIGHT - 16, first, "#6B7280"))
    body.append(_text(WIDTH - 120, HEIGHT - 16, newest, "#6B7280"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="system-ui, sans-serif" font-size="12">\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#FBFAF7"/>\n'
        + _text(LEFT, 18, "Cost of the edge beside a bare C loop (1.00), run by run", "#1B1D23")
        + "\n"
        + "\n".join(body)
        + "\n</svg>\n"
    )


def _level(y: float, words: str, dash: str) -> str:
    line = f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - 24}" y2="{y:.1f}" stroke="#C9C5BC"'
    return line + (f' stroke-dasharray="{dash}"/>' if dash else "/>") + _text(14, y + 4, words)


def _text(x: float, y: float, words: str, colour: str = "#6B7280") -> str:
    return f'<text x="{x:.0f}" y="{y:.1f}" fill="{colour}">{words}</text>'


if __name__ == "__main__":
    write_page()
