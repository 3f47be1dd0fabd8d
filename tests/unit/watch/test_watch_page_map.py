"""Which places draw which tiles of the map, in which steps, and what stays hidden."""

import re

import msgspec
import pytest
from tests.fakes import boards
from tests.fakes.watch_charts import chart

from rostra.watch.board import PLACE_REPORTS_MIN
from rostra.watch.pages import render
from rostra.watch.pages.render import Frame
from rostra.watch.pages.world_map import SIDES, STEPS, by_country, draw_world, tiles

Places = tuple[tuple[str, int], ...]
FIGURE = re.compile(r'<figure class="world">.*?</figure>', re.DOTALL)
MAP_BYTES_MAX = 4_500
"""With twelve countries; the page around it has about thirty thousand."""
WHOLE_WORLD_BYTES_MAX = 13_500


def page_with(places: Places, language: str = "en") -> str:
    busy = msgspec.structs.replace(chart("sound", rise=6), places=places)
    page = render.component(boards.alarm(), "sound", [busy], Frame(language))
    assert page is not None
    return page


def map_in(page: str) -> str:
    found = FIGURE.search(page)
    return found[0] if found else ""


def steps_of(places: Places) -> list[list[str]]:
    drawn = draw_world(places)
    assert drawn is not None
    return [[code.text for code in step.codes] for step in drawn.steps]


def test_the_first_step_is_what_the_list_asks_for_and_each_is_another_tile() -> None:
    assert STEPS == (PLACE_REPORTS_MIN, 50, 250, 1_000)
    assert len(SIDES) == len(STEPS)


@pytest.mark.parametrize(
    ("reports", "step"),
    [(10, 0), (49, 0), (50, 1), (249, 1), (250, 2), (999, 2), (1_000, 3), (10**9, 3)],
)
def test_a_country_has_the_step_of_its_reports(reports: int, step: int) -> None:
    steps = steps_of((("PT", reports),))
    assert steps[step] == ["PT"]
    assert sum(map(len, steps)) == 1


def test_parts_count_with_their_country() -> None:
    assert by_country((("FR", 70), ("ES-MD", 30), ("ES", 25), ("ES-CT", 20))) == {
        "ES": 75,
        "FR": 70,
    }
    assert steps_of((("ES-MD", 30), ("ES-CT", 20)))[1] == ["ES"]


def test_what_the_list_hides_adds_nothing_to_the_map() -> None:
    shown = page_with((("ES", 41), ("ES-CT", 9), ("FR-IDF", 9), ("FR-ARA", 9)))
    assert map_in(shown) == map_in(page_with((("ES", 41),)))
    assert ">ES</text>" in map_in(shown)
    assert ">FR</text>" not in map_in(shown)
    assert 'class="step-2"><path' not in map_in(shown).partition("</svg>")[0]


def test_without_enough_reports_there_is_neither_map_nor_list() -> None:
    page = page_with((("ES", 9), ("US", 1)))
    assert map_in(page) == ""
    assert "live-from" not in page


@pytest.mark.parametrize("place", ["AQ", "ZZ", "ZZ-1"])
def test_what_has_no_tile_stays_in_the_list_alone(place: str) -> None:
    page = page_with(((place, 12),))
    assert map_in(page) == ""
    assert f'<span class="code" aria-hidden="true">{place}</span>' in page
    assert draw_world(((place, 12), ("TV", 10))) == draw_world((("TV", 10),))


def test_whoever_does_not_see_it_is_told_how_many_and_where_most() -> None:
    many: Places = (("US", 30), ("ES-MD", 20), ("ES", 20))
    said = 'aria-label="Map of the world with reports from 2 countries or territories, most of all:'
    assert f'{said} Spain."' in page_with(many)
    assert 'reports from one country or territory: Tuvalu."' in page_with((("TV", 11),))
    spanish = page_with(many, "es")
    assert "avisos de 2 países o territorios; donde más: España." in spanish
    assert "De 50 a 249 avisos" in spanish
    assert '<ul class="key" aria-hidden="true">' in map_in(spanish)


def test_the_static_copy_has_the_map() -> None:
    charts = [chart("sound", range_, rise=6) for range_ in ("24h", "90d")]
    files = render.files(boards.alarm(), charts, "en")
    assert [code in map_in(files["c/sound.html"]) for code in (">ES<", ">FR<")] == [True, False]


def test_a_map_costs_few_bytes() -> None:
    codes = list(tiles())
    twelve = page_with(tuple((code, 5 * 4**n) for n, code in enumerate(codes[:12], 1)))
    assert 3_000 < len(map_in(twelve).encode()) < MAP_BYTES_MAX
    world = page_with(tuple((code, 10 + 4 * n) for n, code in enumerate(codes)))
    assert world.count("</text>") == len(codes)
    assert len(map_in(world).encode()) < WHOLE_WORLD_BYTES_MAX
