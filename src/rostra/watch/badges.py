"""Badges: a component's name and its status in words, as a small SVG that pages can embed.

Drawn here, 20 px high as badges are everywhere. Colour only repeats what the words say, and each
pair of colours has a contrast of 4.5 or more (WCAG 2.2, 1.4.3). Nothing in it runs or loads.
"""

from typing import Final

from rostra.watch.board import Board, ComponentView
from rostra.watch.components import Impact, Status
from rostra.watch.escaping import xml
from rostra.watch.words import status as status_word

HEIGHT: Final = 20
LABEL_CHARS_MAX: Final = 60
"""A longer name is cut: a badge stands in a line of text."""
_PADDING: Final = 6
_FONT: Final = "Verdana,'DejaVu Sans',Geneva,sans-serif"
_GREY: Final = "#4a4a4a"
_INK: Final = "#ffffff"
_NARROW: Final = frozenset("fijlrtI.,:;|!'()[]/ -·")
_WIDE: Final = frozenset("mwMWQO@%&")
_NARROW_PX: Final = 4.6
_MIDDLE_PX: Final = 7.0
_WIDE_PX: Final = 10.2

COLOURS: Final = {
    Status.OPERATIONAL: "#1a7f37",
    Status.MAINTENANCE: "#1f5fa8",
    Status.DEGRADED: "#8a5a00",
    Status.PARTIAL: "#b3470b",
    Status.MAJOR: "#b3261e",
}
_OF_PAGE: Final = {
    Impact.NONE: Status.OPERATIONAL,
    Impact.MAINTENANCE: Status.MAINTENANCE,
    Impact.MINOR: Status.DEGRADED,
    Impact.MAJOR: Status.PARTIAL,
    Impact.CRITICAL: Status.MAJOR,
}
_UNUSUAL: Final = {"en": "reports unusual", "es": "avisos inusuales"}


def of_page(board: Board, language: str) -> str:
    """The badge of the whole page."""
    status = _OF_PAGE[board.impact]
    words = _words(status, language, unusual=any(map(_unusual, board.components)))
    return draw(board.name, words, COLOURS[status])


def of_component(view: ComponentView, language: str) -> str:
    """The badge of one component; unusual reports are named beside a status they do not change."""
    words = _words(view.status, language, unusual=_unusual(view))
    return draw(view.name, words, COLOURS[view.status])


def word_of(status: Status, language: str) -> str:
    """A status in the words of a badge, which is no beginning of a sentence."""
    return status_word(status, language).lower()


def draw(label: str, words: str, colour: str) -> str:
    """An SVG of two fields, `label` on grey and `words` on `colour`."""
    label = label if len(label) <= LABEL_CHARS_MAX else label[: LABEL_CHARS_MAX - 1] + "…"
    left, right = _field_px(label), _field_px(words)
    title = xml(f"{label}: {words}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="{HEIGHT}" '
        f'role="img" aria-label="{title}"><title>{title}</title>'
        f'<rect width="{left + right}" height="{HEIGHT}" rx="3" fill="{colour}"/>'
        # The left field's right corners are square: a second piece covers their rounding.
        f'<rect width="{left}" height="{HEIGHT}" rx="3" fill="{_GREY}"/>'
        f'<rect x="{left - 3}" width="3" height="{HEIGHT}" fill="{_GREY}"/>'
        f'<g fill="{_INK}" font-family="{_FONT}" font-size="11" aria-hidden="true">'
        f"{_text(label, 0, left)}{_text(words, left, right)}</g></svg>"
    )


def _text(said: str, x: int, width: int) -> str:
    # `textLength` fits the words into their field whatever font draws them.
    inside = width - 2 * _PADDING
    return f'<text x="{x + _PADDING}" y="14" textLength="{inside}">{xml(said)}</text>'


def _field_px(said: str) -> int:
    return round(sum(map(_char_px, said))) + 2 * _PADDING


def _char_px(char: str) -> float:
    """About the width of a character in Verdana, 11 px; ideographs are as wide as high."""
    if char in _NARROW:
        return _NARROW_PX
    return _WIDE_PX if char in _WIDE or ord(char) >= 0x1100 else _MIDDLE_PX  # noqa: PLR2004 - where Hangul and ideographs begin


def _words(status: Status, language: str, *, unusual: bool) -> str:
    words = word_of(status, language)
    return f"{words} · {_UNUSUAL[language]}" if unusual else words


def _unusual(view: ComponentView) -> bool:
    return view.level.state == "alarm" and view.status is Status.OPERATIONAL
