"""The pages' words in the reader's language, with values put in and escaped."""

from collections.abc import Callable
from functools import cache
from typing import Final

from markupsafe import Markup

from rostra.watch.pages.words_en import ENGLISH
from rostra.watch.pages.words_es import SPANISH

BOOKS: Final = {"en": ENGLISH, "es": SPANISH}

Wording = Callable[..., Markup]
"""`t("key", n="3")`: the words, as HTML in which every value is escaped."""


@cache
def wording(language: str) -> Wording:
    """The words of `language`; English where the house does not speak it."""
    book = BOOKS.get(language, ENGLISH)

    def say(key: str, **values: object) -> Markup:
        return Markup(book[key]).format(**values)  # noqa: S704 - the book is ours; values escape

    return say


def number(value: float, language: str, decimals: int = 0) -> str:
    """A number as the language writes it: `1,204.5` or `1.204,5`."""
    written = f"{value:,.{decimals}f}"
    return written.translate(_SWAPPED) if language == "es" else written


_SWAPPED: Final = str.maketrans({",": ".", ".": ","})
