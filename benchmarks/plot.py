"""Draws figures as SVG with nothing but Python: lines over a scale, bars side by side."""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log10

WIDTH, HEIGHT, LEFT, TOP, BOTTOM, RIGHT = 760, 300, 56, 46, 44, 24
PAPER, INK, GREY, RULE = "#FBFAF7", "#1B1D23", "#6B7280", "#C9C5BC"
PALETTE = ("#C46A2B", "#3E6C8F", "#5E7F4E", "#8A5A83", "#B08A2E", "#6B7280")
LEGEND_WIDTH = 150
GLYPH = 7
"""Width of a letter, rather more than less."""

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Scale:
    """From a range of figures to pixels, evenly or by powers of ten."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        """Where a figure lies."""
        low, high, here = self.low, self.high, value
        if self.log:
            low, high, here = log10(low), log10(high), log10(max(value, self.low))
        share = (here - low) / (high - low) if high > low else 0.5
        return self.start + share * (self.end - self.start)


@dataclass(frozen=True)
class Axes:
    """What a plot is about: `marks` are figures of the x axis with their words."""

    title: str
    marks: Mapping[float, str]
    levels: Mapping[float, str]
    """Horizontal lines with their words."""
    goals: Mapping[float, str]
    """Dashed lines with their words."""
    low: float = 0.0
    log_x: bool = False


def lines(axes: Axes, series: Mapping[str, Points]) -> str:
    """One line with dots a series, on a common scale."""
    xs = [x for points in series.values() for x, _ in points] + list(axes.marks)
    ys = [y for points in series.values() for _, y in points]
    top = max([*ys, *axes.goals, *axes.levels, axes.low + 1e-9]) * 1.05
    x = Scale(min(xs), max(xs), LEFT + 8, WIDTH - RIGHT - 16, log=axes.log_x)
    y = Scale(axes.low, top, HEIGHT - BOTTOM, TOP)
    body = [level(y(value), words) for value, words in axes.levels.items()]
    body += [level(y(value), words, dash="6 4") for value, words in axes.goals.items()]
    for turn, (name, points) in enumerate(series.items()):
        colour = PALETTE[turn % len(PALETTE)]
        path = " ".join(f"{x(at):.1f},{y(value):.1f}" for at, value in points)
        body.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        if len(points) <= WIDTH // 10:
            body += [_dot(x(at), y(value), colour) for at, value in points]
        body.append(text(LEFT + 8 + LEGEND_WIDTH * turn, 34, name, colour))
    body += [
        text(min(x(at) - 12, WIDTH - 8 - GLYPH * len(words)), HEIGHT - 16, words)
        for at, words in axes.marks.items()
    ]
    return sheet(axes.title, body)


def bars(title: str, rows: Mapping[str, float], unit: str, goals: Mapping[float, str]) -> str:
    """One bar a row, with its figure."""
    top = max([*rows.values(), *goals]) * 1.08
    x = Scale(0, top, 190, WIDTH - 90)
    step = (HEIGHT - TOP - BOTTOM + 20) / max(1, len(rows))
    body = []
    for turn, (name, value) in enumerate(rows.items()):
        y = TOP + turn * step
        colour = PALETTE[turn % len(PALETTE)]
        body.append(
            f'<rect x="190" y="{y:.1f}" width="{x(value) - 190:.1f}" height="{step * 0.66:.1f}" '
            f'fill="{colour}"/>'
        )
        body.append(text(14, y + step * 0.45, name, INK))
        body.append(text(x(value) + 6, y + step * 0.45, f"{value:,.4g} {unit}", colour))
    for value, words in goals.items():
        at = x(value)
        body.append(
            f'<line x1="{at:.1f}" y1="{TOP - 6}" x2="{at:.1f}" y2="{HEIGHT - 26}" '
            f'stroke="{GREY}" stroke-dasharray="6 4"/>'
        )
        body.append(text(at + 4, HEIGHT - 16, words))
    return sheet(title, body)


def sheet(title: str, body: Sequence[str]) -> str:
    """The paper with a title, and what is drawn on it."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="system-ui, sans-serif" font-size="12">\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{PAPER}"/>\n'
        + "\n".join([text(LEFT, 18, title, INK), *body])
        + "\n</svg>\n"
    )


def level(y: float, words: str, dash: str = "") -> str:
    """A horizontal line with its figure at the left."""
    line = f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" stroke="{RULE}"'
    return line + (f' stroke-dasharray="{dash}"/>' if dash else "/>") + text(14, y + 4, words)


def text(x: float, y: float, words: str, colour: str = GREY) -> str:
    """Words at a place, escaped."""
    return f'<text x="{x:.0f}" y="{y:.1f}" fill="{colour}">{html.escape(words)}</text>'


def _dot(x: float, y: float, colour: str) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>'
