from xml.etree import ElementTree as ET

import msgspec
import pytest
from tests.fakes import boards

from rostra.domain.language import LANGUAGES
from rostra.watch import badges
from rostra.watch.components import Status

SVG = "{http://www.w3.org/2000/svg}"


def luminance(colour: str) -> float:
    def linear(channel: int) -> float:
        part = channel / 255
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[at : at + 2], 16)) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def drawn(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - it was drawn here


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_status_is_a_word_of_its_own_on_a_colour_it_can_be_read_on(
    status: Status, language: str
) -> None:
    assert len({badges.word_of(one, language) for one in Status}) == len(Status)
    view = msgspec.structs.replace(boards.calm().components[0], status=status)
    root = drawn(badges.of_component(view, language))
    words = badges.word_of(status, language)
    title = root.find(f"{SVG}title")
    assert title is not None
    assert title.text == root.get("aria-label") == f"Live sound: {words}"
    assert [one.text for one in root.iter(f"{SVG}text")] == ["Live sound", words]
    assert 1.05 / (luminance(badges.COLOURS[status]) + 0.05) >= 4.5


def test_it_has_the_size_of_a_badge_and_its_words_fit() -> None:
    root = drawn(badges.of_page(boards.calm(), "en"))
    assert root.get("height") == "20"
    width = int(root.get("width", "0"))
    assert 150 < width < 260
    for text in root.iter(f"{SVG}text"):
        assert int(text.get("x", "0")) + int(text.get("textLength", "0")) <= width - 6


def test_unusual_reports_are_words_beside_a_status_that_they_do_not_change() -> None:
    board = boards.false_alarm()
    assert "operational · reports unusual" in badges.of_component(board.components[0], "en")
    assert "funciona · avisos inusuales" in badges.of_page(board, "es")
    assert badges.COLOURS[Status.OPERATIONAL] in badges.of_page(board, "en")
    assert "unusual" not in badges.of_component(boards.alarm().components[0], "en")


def test_a_name_that_people_chose_cannot_leave_its_place() -> None:
    view = msgspec.structs.replace(boards.calm().components[0], name="\"/><script>'\x00")
    root = drawn(badges.of_component(view, "en"))
    assert root.get("aria-label") == "\"/><script>'\ufffd: operational"
    assert not list(root.iter(f"{SVG}script"))


def test_a_long_name_is_cut() -> None:
    view = msgspec.structs.replace(boards.calm().components[0], name="x" * 80)
    root = drawn(badges.of_component(view, "en"))
    label = next(one.text for one in root.iter(f"{SVG}text"))
    assert label == "x" * (badges.LABEL_CHARS_MAX - 1) + "…"
