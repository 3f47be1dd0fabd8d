"""Draws where reports come from as a map of equal tiles, one a country, in steps of how many."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final

import msgspec

from rostra.watch.board import PLACE_REPORTS_MIN
from rostra.watch.pages.countries import CODE_CHARS
from rostra.watch.pages.world_tiles import GRID

TILE: Final = 20
"""Units from one tile to the next."""
STEPS: Final = tuple(PLACE_REPORTS_MIN * times for times in (1, 5, 25, 100))
"""A step begins at so many reports. They are absolute, so that ten reports never look like the end
of the world, and one component's map can be held against another's."""
SIDES: Final = (16, 16, 18, 22)
"""Units of a tile's side by step. The style makes the first dashed, the second lined, the third
filled; the last one grows over the gaps. So no step is told by colour alone."""

KEY: Final = (12, 12)
"""The middle of the key's little pictures, in which the largest tile has room."""

Seat = tuple[int, int]
"""Column and row, from the north-west."""


class Code(msgspec.Struct, frozen=True):
    """A country's code as text: `x` is its middle and `y` its ground line, in units."""

    text: str
    x: int
    y: int


class Step(msgspec.Struct, frozen=True):
    """The countries with `least` to `most` reports (0: no end): their tiles as one path."""

    least: int
    most: int
    tiles: str
    codes: tuple[Code, ...]
    key: str
    """One such tile alone, in the middle of a square of `WorldMap.key_side` units."""


class WorldMap(msgspec.Struct, frozen=True):
    """What a template draws; `rest` is the path of all tiles that have no step."""

    wide: int
    high: int
    rest: str
    steps: tuple[Step, ...]
    countries: int
    first: str
    """The country with the most reports."""
    rest_key: str
    """Such a tile alone, as `Step.key`."""
    key_side: int = 2 * KEY[0]


@cache
def tiles() -> Mapping[str, Seat]:
    """Where each country lies; those where nobody lives for good lie nowhere."""
    rows = GRID.split("\n")[1:-1]
    cells = ((code, (x, y)) for y, row in enumerate(rows) for x, code in enumerate(row.split()))
    return {code: seat for code, seat in cells if code.isalpha()}


def by_country(places: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Reports by country, most first: the sum of its places' that are given.

    Reporters name a country or a part of it, so that nobody counts twice. Give it the places of the
    list, and no more: with those below `PLACE_REPORTS_MIN` in the sum, a country's step less what
    the list shows of it would tell of how many they are.
    """
    sums: dict[str, int] = {}
    for place, reports in places:
        code = place[:CODE_CHARS]
        sums[code] = sums.get(code, 0) + reports
    return dict(sorted(sums.items(), key=lambda one: (-one[1], one[0])))


def draw_world(places: Iterable[tuple[str, int]]) -> WorldMap | None:
    """The map of the list's places (ISO 3166-1 or -2) and their reports; None without a tile."""
    at = tiles()
    shown = {code: reports for code, reports in by_country(places).items() if code in at}
    if not shown:
        return None
    return WorldMap(
        wide=TILE * (1 + max(x for x, _ in at.values())),
        high=TILE * (1 + max(y for _, y in at.values())),
        rest="".join(_dot(_middle(seat)) for code, seat in at.items() if code not in shown),
        steps=tuple(_step(n, shown) for n in range(len(STEPS))),
        countries=len(shown),
        first=next(iter(shown)),
        rest_key=_dot(KEY),
    )


def _step(n: int, shown: Mapping[str, int]) -> Step:
    end = STEPS[n + 1] if n + 1 < len(STEPS) else 0
    seats = {
        code: tiles()[code]
        for code, reports in shown.items()
        if reports >= STEPS[n] and not (end and reports >= end)
    }
    return Step(
        least=STEPS[n],
        most=end - 1 if end else 0,
        tiles="".join(_square(_middle(seat), SIDES[n]) for seat in seats.values()),
        codes=tuple(_code(code, _middle(seat)) for code, seat in seats.items()),
        key=_square(KEY, SIDES[n]),
    )


def _middle(seat: Seat) -> Seat:
    return seat[0] * TILE + TILE // 2, seat[1] * TILE + TILE // 2


def _dot(middle: Seat) -> str:
    """A line of no length: its square ends are all that is seen, in the fewest letters."""
    return f"M{middle[0]} {middle[1]}h0"


def _square(middle: Seat, side: int) -> str:
    x, y = (one - side // 2 for one in middle)
    return f"M{x} {y}h{side}v{side}h-{side}z"


def _code(text: str, middle: Seat) -> Code:
    return Code(text, middle[0], middle[1] + 4)
