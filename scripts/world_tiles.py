"""Lays the world out as a grid of equal tiles into src/rostra/watch/pages/world_tiles.py.

    npm pack world-atlas@2.0.2 i18n-iso-countries@7.14.0    # and unpack both
    python -m scripts.world_tiles countries-10m.json codes.json

Where countries lie and which of them touch is Natural Earth's (1:10m, 4.1.0; public domain), in
the TopoJSON of `world-atlas` (ISC); ISO 3166-1 numbers become alpha-2 codes by `i18n-iso-countries`
(MIT). Both are read here only: neither is shipped. A stretched map gives each country its wish;
tiles push one another apart; an assignment seats them in the grid; then they change seats by seeded
chance until neighbours are near and lie in the right direction (simulated annealing). It takes a
minute.
"""

import json
import math
import random
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

MODULE: Final = Path(__file__).parent.parent / "src/rostra/watch/pages/world_tiles.py"

COLUMNS, ROWS = 24, 25
"""Columns: at 360 px a tile is still as wide as two letters. Rows at the ends may stay empty."""

UNINHABITED: Final = frozenset({"AQ", "BV", "GS", "HM", "IO", "TF", "UM"})
"""Nobody lives there for good, so nobody reports from there: no tile."""

BY_HAND: Final = {
    "BQ": (-68.3, 12.2),
    "CC": (96.8, -12.2),
    "CX": (105.7, -10.5),
    "GF": (-53.1, 4.0),
    "GP": (-61.5, 16.2),
    "KI": (173.0, 1.4),
    "MQ": (-61.0, 14.6),
    "RE": (55.5, -21.1),
    "SJ": (20.0, 78.5),
    "TK": (-171.9, -9.2),
    "YT": (45.2, -12.8),
}
"""Longitude and latitude of what Natural Earth draws as a part of another country; and of
Kiribati's capital, for its largest island lies far from its people."""

CUT_LON: Final = -115.0
"""The map ends here, so that the Pacific's islands stay together, east of Asia."""
WEST_LON: Final = -29.5
"""The Americas are west of it; between them and the Old World a column stays free."""
WISHES_LON: Final = (
    (-115, -95, -75, -60, -45, -20, 0, 20, 45, 70, 100, 125, 160, 180, 230),
    (-1, 0.4, 3.4, 5.6, 6.2, 8.8, 10.8, 13.4, 16.2, 18.2, 20, 21.2, 22, 22.8, 24),
)
"""Degrees, and the column that is wished for: wide where many countries are, narrow at sea."""
WISHES_LAT: Final = (
    (-55, -45, -25, -10, 5, 15, 30, 40, 50, 60, 70, 85),
    (24, 23, 20.6, 18.2, 15.6, 13.6, 11, 9.1, 6.2, 2.9, 1.2, 0),
)

PUSHES: Final = 800
PUSH, PULL, WISH = 0.25, 0.04, 0.02
"""How much of what it would like each step gives: to a tile too near, a border too long, a wish."""
APART, APART_AT_SEA = 1.05, 2.4
"""How far tiles push one another, in tiles; the second is across the Atlantic."""
MOVES: Final = 400_000
WARM, COLD = 0.8, 0.01
"""How much worse a change of seats may be, at first and in the end."""
SEED: Final = 2
"""The cheapest of the first four."""
NEAREST: Final = 5
TOUCHING, NEAR = 3.0, 1.0
"""How much it matters that those who share a border, or are merely near, stay together."""
HOME, LONG, TURNED, WRONG_SIDE, LANDFALL = 0.4, 0.9, 1.2, 1.5, 15.0
"""What a seat costs: far from the wish, far from a neighbour, at a turned angle to it, on the wrong
side of it, and touching what lies across the Atlantic."""
DIAGONAL: Final = 1.42
SLANT: Final = 0.4
"""Less of a direction than this does not say on which side somebody lies."""

Seat = tuple[int, int]
Points = npt.NDArray[np.float64]


@dataclass(frozen=True)
class World:
    """Codes with longitude and latitude in degrees, and the pairs that share a border."""

    places: dict[str, tuple[float, float]]
    borders: set[tuple[str, str]]


def world(topology: Mapping[str, Any], alpha2: Mapping[str, str]) -> World:
    """The world of a TopoJSON (`objects.countries`, `id` the ISO 3166-1 number as text)."""
    step, begin = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = [np.cumsum(np.array(arc), axis=0) * step + begin for arc in topology["arcs"]]
    rings: dict[str, list[Points]] = {}
    owners: dict[int, set[str]] = {}
    for shape in topology["objects"]["countries"]["geometries"]:
        code = alpha2.get(shape.get("id", ""))
        if code is None or code in UNINHABITED:
            continue
        several = shape["type"] == "MultiPolygon"
        for polygon in shape["arcs"] if several else [shape["arcs"]]:
            rings.setdefault(code, []).append(_ring(polygon[0], arcs))
            for arc in (one for ring in polygon for one in ring):
                owners.setdefault(max(arc, ~arc), set()).add(code)
    places = {code: _centre(max(those, key=_size)) for code, those in rings.items()}
    borders = {pair for those in owners.values() for pair in combinations(sorted(those), 2)}
    return World(places, borders)


def _ring(indexes: Iterable[int], arcs: Sequence[Points]) -> Points:
    """A closed line; an index below zero is an arc from its end (TopoJSON 2.1.4)."""
    return np.concatenate([arcs[one] if one >= 0 else arcs[~one][::-1] for one in indexes])


def _flat(ring: Points) -> tuple[Points, Points, Points]:
    """In Lambert's equal-area cylinder, of each step: sum of x, sum of y, twice the area."""
    x = np.unwrap(ring[:, 0], period=360)
    y = np.sin(np.radians(ring[:, 1]))
    return x[:-1] + x[1:], y[:-1] + y[1:], x[:-1] * y[1:] - x[1:] * y[:-1]


def _size(ring: Points) -> float:
    return abs(float(_flat(ring)[2].sum()))


def _centre(ring: Points) -> tuple[float, float]:
    """Longitude and latitude of the centre of gravity."""
    x, y, double = _flat(ring)
    if double.sum():
        lon, sine = (x @ double) / 3 / double.sum(), (y @ double) / 3 / double.sum()
    else:  # the Vatican is a line at this scale
        lon, sine = x.mean() / 2, y.mean() / 2
    return float((lon + 180) % 360 - 180), math.degrees(math.asin(sine))


def _spread(lon: Points, lat: Points, borders: npt.NDArray[np.int64]) -> Points:
    """Where each tile would like to lie: pushed apart, held by its neighbours and its wish."""
    wish = np.stack([np.interp(lon, *WISHES_LON), np.interp(lat, *WISHES_LAT)], 1)
    west = lon < WEST_LON
    apart = np.where(west[:, None] != west[None], APART_AT_SEA, APART)
    at = wish.copy()
    one, other = borders.T
    for _ in range(PUSHES):
        away = at[:, None] - at[None]
        far = np.hypot(away[..., 0], away[..., 1]) + np.eye(len(at)) * COLUMNS
        push = np.clip(apart - far, 0, None) * PUSH / np.maximum(far, 1e-6)
        force = (away * push[..., None]).sum(1) + (wish - at) * WISH
        tie = at[other] - at[one]
        long = np.hypot(tie[:, 0], tie[:, 1])
        pull = tie * (np.clip(long - 1, 0, None) * PULL / np.maximum(long, 1e-6))[:, None]
        np.add.at(force, one, pull)
        np.add.at(force, other, -pull)
        at = np.clip(at + force, 0, (COLUMNS - 1, ROWS - 1))
    return at


def _seated(at: Points) -> list[Seat]:
    """One seat each, with the least sum of squared ways."""
    seats = list(product(range(COLUMNS), range(ROWS)))
    ways = ((at[:, None] - np.array(seats)[None]) ** 2).sum(2)
    return [seats[one] for one in linear_sum_assignment(ways)[1]]


class Seating:
    """Who sits where, and what that costs."""

    def __init__(
        self, lon: Points, lat: Points, borders: npt.NDArray[np.int64], wish: Points
    ) -> None:
        self.wish: list[list[float]] = wish.tolist()
        self.seats = _seated(wish)
        self.taken = {seat: index for index, seat in enumerate(self.seats)}
        self.west: list[bool] = (lon < WEST_LON).tolist()
        self.ties: list[list[tuple[int, float, float, float]]] = [[] for _ in self.seats]
        for (one, other), weight in _pairs(lon, lat, borders).items():
            east = (lon[other] - lon[one]) * math.cos(math.radians(lat[one] + lat[other]) / 2)
            south = lat[one] - lat[other]
            long = math.hypot(east, south)
            east, south = float(east / long), float(south / long)
            self.ties[one].append((other, weight, east, south))
            self.ties[other].append((one, weight, -east, -south))

    def cost(self, index: int) -> float:
        """What the seat of one costs."""
        x, y = self.seats[index]
        wish_x, wish_y = self.wish[index]
        cost = HOME * ((x - wish_x) ** 2 + (y - wish_y) ** 2)
        for other, weight, east, south in self.ties[index]:
            dx, dy = self.seats[other][0] - x, self.seats[other][1] - y
            far = math.hypot(dx, dy)
            cost += weight * LONG * max(0.0, far - DIAGONAL)
            cost += weight * TURNED * (1 - (dx * east + dy * south) / far)
            wrong = (dx * east < 0 and abs(east) > SLANT) + (dy * south < 0 and abs(south) > SLANT)
            cost += weight * WRONG_SIDE * wrong
        around = (self.taken.get((x + i, y + j)) for i, j in product((-1, 0, 1), repeat=2))
        return cost + LANDFALL * sum(
            one is not None and self.west[one] != self.west[index] for one in around
        )

    def swap(self, index: int, seat: Seat) -> None:
        """Take a seat; who sat there takes the one that is left."""
        left, other = self.seats[index], self.taken.get(seat)
        self.seats[index], self.taken[seat] = seat, index
        if other is None:
            del self.taken[left]
        else:
            self.seats[other], self.taken[left] = left, other

    def settle(self, chance: random.Random, moves: int) -> None:
        """Change seats, at first also for the worse, until it is quiet."""
        for move in range(moves):
            warmth = WARM * (1 - move / moves) ** 2 + COLD
            index = chance.randrange(len(self.seats))
            left, seat = self.seats[index], self._idea(index, chance)
            if seat == left or not (0 <= seat[0] < COLUMNS and 0 <= seat[1] < ROWS):
                continue
            those = [index, *([self.taken[seat]] if seat in self.taken else [])]
            before = sum(map(self.cost, those))
            self.swap(index, seat)
            worse = sum(map(self.cost, those)) - before
            if worse > 0 and chance.random() >= math.exp(-worse / warmth):
                self.swap(index, left)

    def _idea(self, index: int, chance: random.Random) -> Seat:
        """The next seat, or one near the wish."""
        near = chance.random() < 0.5  # noqa: PLR2004 - as often as not
        x, y = self.seats[index] if near else map(round, self.wish[index])
        reach = 1 if near else 2
        return x + chance.randint(-reach, reach), y + chance.randint(-reach, reach)


def _pairs(
    lon: Points, lat: Points, borders: npt.NDArray[np.int64]
) -> dict[tuple[int, int], float]:
    """Who matters to whom, and how much: those who touch, and the nearest of each."""
    pairs = {(int(one), int(other)): TOUCHING for one, other in borders}
    x, y = np.radians(lon), np.radians(lat)
    sphere = np.stack([np.cos(y) * np.cos(x), np.cos(y) * np.sin(x), np.sin(y)], 1)
    for one, nearness in enumerate(sphere @ sphere.T):
        for other in np.argsort(-nearness, kind="stable")[1 : NEAREST + 1].tolist():
            pairs.setdefault((min(one, other), max(one, other)), NEAR)
    return pairs


def layout(known: World, chance: random.Random, moves: int = MOVES) -> dict[str, Seat]:
    """Each code's column and row."""
    codes = sorted(known.places)
    index = {code: n for n, code in enumerate(codes)}
    places = np.array([known.places[code] for code in codes])
    lon, lat = np.where(places[:, 0] < CUT_LON, places[:, 0] + 360, places[:, 0]), places[:, 1]
    borders = np.array(sorted((index[one], index[other]) for one, other in known.borders))
    seating = Seating(lon, lat, borders, _spread(lon, lat, borders))
    seating.settle(chance, moves)
    return dict(zip(codes, seating.seats, strict=True))


def written(tiles: Mapping[str, Seat]) -> str:
    """The module's text; columns and rows at the edges in which nobody sits are left out."""
    columns, rows = zip(*tiles.values(), strict=True)
    at = {seat: code for code, seat in tiles.items()}
    lines = [
        " ".join(at.get((x, y), "..") for x in range(min(columns), max(columns) + 1))
        for y in range(min(rows), max(rows) + 1)
    ]
    return TEXT.format(grid="\n".join(lines))


TEXT: Final = '''\
"""The world as a grid of tiles, one a country or territory (ISO 3166-1 alpha-2), `..` is sea.

Made by `scripts/world_tiles.py`, which says how; change it there. Where countries lie is from
Natural Earth (public domain). Where nobody lives for good is no tile: AQ, BV, GS, HM, IO, TF, UM.
"""

from typing import Final

GRID: Final = """
{grid}
"""
"""Rows from north to south, tiles from west to east, parted by spaces."""
'''


def main() -> None:
    """Write the module from the two files that are named."""
    topology, numbers = (json.loads(Path(name).read_text()) for name in sys.argv[1:3])
    found = world(topology, {number: code for code, _, number, _ in numbers})
    known = World(found.places | BY_HAND, found.borders | {("BR", "GF"), ("GF", "SR")})
    chance = random.Random(SEED)  # noqa: S311 - seeded, so that it is the same each time
    MODULE.write_text(written(layout(known, chance)))


if __name__ == "__main__":
    main()
