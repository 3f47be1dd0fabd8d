"""The world as tiles: each has a place of its own, roughly where it lies, and is drawn once."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rostra.watch.pages.countries import listed
from rostra.watch.pages.world_map import STEPS, TILE, by_country, draw_world, tiles
from rostra.watch.pages.world_tiles import GRID

CODES = {code for code, _ in listed("en")}
AT = tiles()
DRAWN = re.compile(r"M(-?\d+) (-?\d+)h(\d+)")
places = st.dictionaries(
    st.one_of(
        st.sampled_from(sorted(CODES)),
        st.from_regex(r"[A-Z]{2}(-[A-Z0-9]{1,3})?", fullmatch=True),
    ),
    st.integers(STEPS[0], 10**7),
)


def test_every_tile_is_a_country_with_a_place_of_its_own() -> None:
    seated = [word for word in GRID.split() if word != ".."]
    assert len(seated) == len(AT) == len(set(AT.values()))
    assert len({len(row.split()) for row in GRID.strip().splitlines()}) == 1
    assert CODES - AT.keys() == {"AQ", "BV", "GS", "HM", "IO", "TF", "UM"}
    assert AT.keys() <= CODES


@pytest.mark.parametrize(
    "pair",
    [
        *("PT ES", "ES IT", "IE GB", "FR DE", "DE PL", "PL UA", "CN JP", "MA EG", "LR KE"),
        *("US GB", "CL AR", "CU PR", "IR PK", "PK BD", "AU NZ", "NA MZ", "NO FI", "BR NG"),
    ],
)
def test_west_is_left_of_east(pair: str) -> None:
    west, east = pair.split()
    assert AT[west][0] < AT[east][0]


@pytest.mark.parametrize(
    "pair",
    [
        *("NO DE", "DE IT", "IT TN", "DZ NG", "NG AO", "AO ZA", "CA US", "US MX", "MX PA"),
        *("CO PE", "PE CL", "BR AR", "RU KZ", "KZ IR", "MN CN", "CN VN", "JP PH", "ID AU"),
    ],
)
def test_north_is_above_south(pair: str) -> None:
    north, south = pair.split()
    assert AT[north][1] < AT[south][1]


@given(places)
def test_each_country_is_drawn_once_and_within_the_picture(reports: dict[str, int]) -> None:
    drawn = draw_world(reports.items())
    known = {code: n for code, n in by_country(reports.items()).items() if code in AT}
    if drawn is None:
        assert known == {}
        return
    codes = [code for step in drawn.steps for code in step.codes]
    assert {code.text for code in codes} == known.keys()
    assert len(codes) == len(known) == drawn.countries
    assert known[drawn.first] == max(known.values())
    paths = [drawn.rest, *(step.tiles for step in drawn.steps)]
    assert sum(path.count("M") for path in paths) == len(AT)
    for step in drawn.steps:
        assert all(step.least <= known[code.text] for code in step.codes)
        assert not step.most or all(known[code.text] <= step.most for code in step.codes)
    edge = TILE // 20  # by so much the largest tile grows beyond its own place
    for x, y, side in DRAWN.findall("".join(paths)):
        assert -edge <= int(x) <= int(x) + int(side) <= drawn.wide + edge
        assert -edge <= int(y) <= int(y) + int(side) <= drawn.high + edge
