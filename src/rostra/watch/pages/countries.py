"""Countries for the form and for the list of where reports come from."""

import unicodedata
from functools import cache
from typing import Final

from rostra.watch.pages.country_names import NAMES

CODE_CHARS: Final = 2


@cache
def _names(language: str) -> dict[str, str]:
    pieces = " ".join(NAMES[language].split()).split("; ")
    return {piece[:CODE_CHARS]: piece[CODE_CHARS + 1 :] for piece in pieces}


@cache
def listed(language: str) -> tuple[tuple[str, str], ...]:
    """Code and name of every country, in the order of the language's alphabet."""
    return tuple(sorted(_names(language).items(), key=lambda one: _plain(one[1])))


def country(code: str, language: str) -> str:
    """The name for `ES`, or for the country of `ES-MD`; the code itself where it is unknown."""
    name = _names(language).get(code[:CODE_CHARS], code)
    part = code[CODE_CHARS + 1 :]
    return f"{name} ({part})" if part and name != code else name


def _plain(name: str) -> str:
    """Without accents, so that Åland stands at A."""
    letters = unicodedata.normalize("NFD", name)
    return "".join(one for one in letters if not unicodedata.combining(one)).casefold()
