"""Lines that strangers write and everybody reads: brought to one form, and what cannot be shown."""

import unicodedata
from typing import Final

_UNSEEN: Final = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Controls, surrogates, private and unassigned characters, line and paragraph separators. Cf stays:
it holds the joiners that emoji and several scripts need."""

_TURNERS: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Embeddings, overrides and isolates (Unicode Annex 9), which turn the text around them."""


def one_line(text: str) -> str:
    """The text in composed form (NFC), with single spaces where any white space was."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def is_shown(text: str) -> bool:
    """Whether every character can be shown and leaves its neighbours alone."""
    return not any(one in _TURNERS or unicodedata.category(one) in _UNSEEN for one in text)
