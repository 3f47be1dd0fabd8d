"""The script that lays out the world's tiles: what it reads, how it seats, what it writes."""

import random

import pytest
from scripts.world_tiles import MODULE, UNINHABITED, World, layout, world, written

from rostra.watch.pages.countries import listed
from rostra.watch.pages.world_map import tiles

TOPOLOGY = {
    "transform": {"scale": [1, 1], "translate": [0, 0]},
    "arcs": [
        [[10, 0], [0, 10]],
        [[10, 10], [-10, 0], [0, -10], [10, 0]],
        [[10, 0], [10, 0], [0, 10], [-10, 0]],
        [[170, -2], [20, 0], [0, 4], [-20, 0], [0, -4]],
        [[0, 40], [1, 0], [0, 1], [-1, 0], [0, -1]],
    ],
    "objects": {
        "countries": {
            "geometries": [
                {"type": "Polygon", "id": "001", "arcs": [[0, 1]]},
                {"type": "Polygon", "id": "002", "arcs": [[2, ~0]]},
                {"type": "MultiPolygon", "id": "003", "arcs": [[[4]], [[3]]]},
                {"type": "Polygon", "id": "004", "arcs": [[4]]},
                {"type": "Polygon", "arcs": [[4]]},
            ]
        }
    },
}


def test_a_country_lies_at_the_centre_of_its_largest_part_and_knows_who_touches_it() -> None:
    read = world(TOPOLOGY, {"001": "AA", "002": "BB", "003": "CC", "004": "AQ"})
    assert read.borders == {("AA", "BB")}
    assert read.places.keys() == {"AA", "BB", "CC"}
    assert read.places["AA"] == pytest.approx((5, 5), abs=0.02)
    assert read.places["BB"] == pytest.approx((15, 5), abs=0.02)
    assert read.places["CC"] == pytest.approx((-180, 0), abs=0.02)


def test_neighbours_are_seated_on_their_side_of_one_another() -> None:
    cross = {"ME": (10.0, 45.0), "WE": (5.0, 45.0), "EA": (15.0, 45.0), "NO": (10.0, 50.0)}
    borders = {("ME", "NO"), ("ME", "WE"), ("EA", "ME")}
    seats = layout(World({**cross, "SO": (10.0, 40.0)}, borders), random.Random(1), 500)
    assert len(set(seats.values())) == len(seats)
    assert seats["WE"][0] < seats["ME"][0] < seats["EA"][0]
    assert seats["NO"][1] < seats["ME"][1] < seats["SO"][1]


def test_the_committed_grid_is_as_the_script_writes_it() -> None:
    assert written(tiles()) == MODULE.read_text()
    assert {code for code, _ in listed("en")} - tiles().keys() == UNINHABITED
