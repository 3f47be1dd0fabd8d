"""Draws a chart as SVG on the server: reports, the usual band, and what the probes found below."""

from typing import Final

import msgspec

from rostra.watch.board import Chart, Point

WIDE: Final = 960
"""Units across; the picture is stretched to its place, and its lines keep their width."""
HIGH: Final = 140
"""Units for the reports."""
STRIP: Final = 14
"""Units for the probes below them."""
GAP: Final = 6
TOP_MIN: Final = 5.0
"""A scale below this would make one report look like many."""
ROOM: Final = 1.12
"""Space above the highest bar."""


class Bar(msgspec.Struct, frozen=True):
    """One slot's reports: what is within the band, what is above it, what is not counted."""

    x: float
    width: float
    y: float
    height: float
    above: bool
    unproven_y: float
    unproven_height: float


class Run(msgspec.Struct, frozen=True):
    """Neighbouring slots whose probes found the same: `ok`, `failed` or `none`."""

    x: float
    width: float
    found: str


class Drawing(msgspec.Struct, frozen=True):
    """What a template draws; `top` is the scale's end in reports."""

    bars: tuple[Bar, ...]
    band: str
    upper: str
    runs: tuple[Run, ...]
    top: float
    total: int
    most: Point
    above: int
    probes: int
    failed: int
    wide: int = WIDE
    high: int = HIGH
    strip: int = STRIP
    all_high: int = HIGH + GAP + STRIP


def draw(chart: Chart) -> Drawing | None:
    """The chart's shapes; None where it has no points."""
    points = chart.points
    if not points:
        return None
    top = scale(points)
    step = WIDE / len(points)
    return Drawing(
        bars=tuple(
            _bar(point, index * step, step, top)
            for index, point in enumerate(points)
            if point.reports or point.unproven
        ),
        band=_band(points, step, top),
        upper=_line([point.upper for point in points], step, top),
        runs=tuple(_runs(points, step)),
        top=top,
        total=sum(point.reports for point in points),
        most=max(points, key=lambda point: point.reports),
        above=sum(_above(point) for point in points),
        probes=sum(point.probes for point in points),
        failed=sum(point.failed for point in points),
    )


def scale(points: tuple[Point, ...]) -> float:
    """The highest of reports (counted or not) and band, with room above it."""
    highest = max(max(point.reports + point.unproven, point.upper) for point in points)
    return max(TOP_MIN, highest * ROOM)


def _above(point: Point) -> bool:
    return point.reports > point.upper > 0


def _bar(point: Point, x: float, step: float, top: float) -> Bar:
    height = point.reports / top * HIGH
    unproven = point.unproven / top * HIGH
    inset = step * 0.14
    return Bar(
        x=_short(x + inset),
        width=_short(step - 2 * inset),
        y=_short(HIGH - height),
        height=_short(height),
        above=_above(point),
        unproven_y=_short(HIGH - height - unproven),
        unproven_height=_short(unproven),
    )


def _band(points: tuple[Point, ...], step: float, top: float) -> str:
    """The path of the area from no report to the band's upper edge."""
    edge = _line([point.upper for point in points], step, top)
    return f"{edge}V{HIGH}H0Z"


def _line(values: list[float], step: float, top: float) -> str:
    """A path in steps, one a slot; equal neighbours are one step."""
    parts: list[str] = []
    last = None
    for index, value in enumerate(values):
        y = _short(HIGH - min(value, top) / top * HIGH)
        if y != last:
            parts.append(f"M0 {y:g}" if last is None else f"H{_short(index * step):g}V{y:g}")
            last = y
    return f"{''.join(parts)}H{WIDE}"


def _runs(points: tuple[Point, ...], step: float) -> list[Run]:
    runs: list[Run] = []
    for index, point in enumerate(points):
        found = _found(point)
        if runs and runs[-1].found == found:
            last = runs.pop()
            runs.append(Run(last.x, _short((index + 1) * step - last.x), found))
        else:
            runs.append(Run(_short(index * step), _short(step), found))
    return runs


def _found(point: Point) -> str:
    if not point.probes:
        return "none"
    return "failed" if point.failed else "ok"


def _short(value: float) -> float:
    return round(value, 1)
