"""The page of `push`: what a listener costs, beside the bare loop and what others run."""

from collections.abc import Sequence

from benchmarks import plot
from benchmarks.figures import Case, Goal, Run
from benchmarks.tables import Page, paragraph, shown, table

GOAL_RATIO = 1.15
"""The edge's cost beside the bare loop's, at most (the house's numbers to reach)."""
GOAL_ICECAST = 1 / 3
OLD_TICK_MS = 320
"""Of runs that did not say it case by case."""
HEADS = ("server", "listeners", "µs/ls", "ratio", "bytes a tick", "writes a second", "gaps", "lost")
WORDS = """
CPU microseconds per listener and second (µs/ls), 48 kbit/s, plain HTTP over loopback: the real
edge, and a bare C loop that writes as many bytes at the same tick in the same run, right after it.
Server and crowd are on different cores; each case is the median of {rounds} rounds of {seconds:g}
s. "Front door" is Caddy and the edge behind it, both counted. Ratios are to the bare loop with as
many listeners at that tick; those of the others to the bare loop at 320 ms or their own tick.
nginx serves HLS segments of 2 s to players that read playlist and segment on one connection, nchan
fans out what a publisher posts each tick, Icecast gets a source of 48 kbit/s."""


def tick_of(case: Case, run: Run) -> float | None:
    """A case's tick in milliseconds; None for servers that have none."""
    tick: float | None = case.get("tick_ms", run.get("tick_ms", OLD_TICK_MS))
    return tick


def floor_us(run: Run, tick: float | None, listeners: int) -> float | None:
    """The bare loop's cost at a tick (320 ms where there is none), nearest in listeners."""
    wanted = OLD_TICK_MS if tick is None else tick
    floors = [c for c in run["cases"] if c["server"] == "floor" and tick_of(c, run) == wanted]
    nearest = min(floors, key=lambda c: abs(c["listeners"] - listeners), default=None)
    return None if nearest is None else float(nearest["us"])


def goals(run: Run) -> list[Goal]:
    """The edge beside the bare loop in every cell, and beside Icecast."""
    edges = [case for case in run["cases"] if case["server"] == "edge"]
    out = []
    for tick in sorted({tick_of(case, run) or 0 for case in edges}):
        for case in (case for case in edges if tick_of(case, run) == tick):
            words = f"edge / bare loop, {tick:.0f} ms, {case['listeners']:,} listeners"
            out.append(Goal(words, round(case["ratio"], 2), GOAL_RATIO, "times"))
    icecast = next((c["us"] for c in run["cases"] if c["server"] == "Icecast"), None)
    longest = max((tick_of(case, run) or 0 for case in edges), default=OLD_TICK_MS)
    cells = [case["us"] for case in edges if tick_of(case, run) == longest]
    share = None if icecast is None or not cells else round(min(cells) / icecast, 2)
    words = f"edge at {longest:.0f} ms / Icecast"
    return [*out, Goal(words, share, round(GOAL_ICECAST, 2), "times")]


def tables(run: Run) -> list[str]:
    """One table a tick, and one of those that have none."""
    ticks = sorted({tick_of(case, run) or 0 for case in run["cases"]})
    out = []
    for tick in ticks:
        cases = [case for case in run["cases"] if (tick_of(case, run) or 0) == tick]
        title = f"Tick of {tick:.0f} ms" if tick else "Without a tick"
        out += [f"## {title}", table(HEADS, [_row(case, run) for case in cases])]
    return out


def _row(case: Case, run: Run) -> tuple[str, ...]:
    ratio = case.get("ratio")
    if ratio is None and case["server"] != "floor":
        floor = floor_us(run, tick_of(case, run), case["listeners"])
        ratio = None if floor is None else case["us"] / floor
    return (
        case["server"],
        f"{case['listeners']:,}",
        f"{case['us']:.1f}",
        "" if ratio is None else f"{ratio:.2f}",
        shown(case, "tick_bytes", ",.0f"),
        shown(case, "writes_per_ls", ".2f"),
        shown(case, "gaps", ",.0f"),
        shown(case, "disconnected", ",.0f"),
    )


def history_plot(history: Sequence[Run]) -> str:
    """Ratio of the edge to the bare loop over the runs, one line a tick and size of crowd."""
    series: dict[str, list[tuple[float, float]]] = {}
    for at, run in enumerate(history):
        for case in run["cases"]:
            if case["server"] == "edge" and tick_of(case, run) == OLD_TICK_MS:
                series.setdefault(f"{case['listeners']:,} listeners", []).append(
                    (at, case["ratio"])
                )
    last = len(history) - 1
    marks = {0: history[0]["commit"], last: history[-1]["commit"]}
    axes = plot.Axes(
        f"Cost of the edge beside a bare C loop (1.00) at {OLD_TICK_MS} ms, run by run",
        {float(at): words for at, words in marks.items()},
        {1.0: "1.00"},
        {GOAL_RATIO: f"{GOAL_RATIO}"},
        low=0.8,
    )
    newest = {name for name, points in series.items() if points[-1][0] == last}
    ordered = sorted(
        series.items(), key=lambda item: (item[0] not in newest, len(item[0]), item[0])
    )
    return plot.lines(axes, dict(ordered[:4]))


def cost_plot(run: Run) -> str:
    """Microseconds over the size of the crowd, edge and floor at each tick."""
    series: dict[str, list[tuple[float, float]]] = {}
    for case in run["cases"]:
        if case["server"] in {"edge", "floor"}:
            name = f"{case['server']} {tick_of(case, run):.0f} ms"
            series.setdefault(name, []).append((case["listeners"], case["us"]))
    sizes = sorted({x for points in series.values() for x, _ in points})
    axes = plot.Axes(
        "µs of CPU per listener and second, by size of the crowd",
        {size: f"{size:,.0f}" for size in sizes},
        {0.0: "0"},
        {},
        log_x=len(sizes) > 1,
    )
    return plot.lines(axes, {name: sorted(points) for name, points in series.items()})


def page(history: Sequence[Run]) -> Page:
    """The newest run's tables, and the ratio over all."""
    run = history[-1]
    rounds = len(run["cases"][0]["us_rounds"])
    told = WORDS.format(rounds=rounds, seconds=run["seconds"])
    return Page(
        "What a listener of push costs",
        f"{paragraph(told)}\n\n{paragraph(run['limit'])}",
        "python -m benchmarks.push",
        goals(run),
        tables(run),
        history_plot(history),
        {"push-cost": cost_plot(run)},
    )
