"""Which of the house's languages somebody reads."""

from typing import Final

LANGUAGES: Final = ("en", "es")
"""What pages and sentences exist in; the first where nothing else is asked for."""

RANGES_MAX: Final = 16
"""Language ranges that are looked at; a browser sends two to six."""


def preferred(accept_language: str) -> str:
    """The best of `LANGUAGES` for an `Accept-Language` header (RFC 9110, section 12.5.4)."""
    best, best_weight = LANGUAGES[0], 0.0
    for piece in accept_language.split(",", RANGES_MAX)[:RANGES_MAX]:
        tag, _, parameter = piece.strip().partition(";")
        language = tag.strip().lower().partition("-")[0]
        weight = _weight(parameter)
        if language in LANGUAGES and weight > best_weight:
            best, best_weight = language, weight
    return best


def _weight(parameter: str) -> float:
    """`q=0.8` as a number from 0 to 1; 1 where it is absent, 0 where it does not read."""
    name, _, value = parameter.strip().partition("=")
    if not name:
        return 1.0
    try:
        weight = float(value)
    except ValueError:
        return 0.0
    return weight if name.strip().lower() == "q" and 0.0 <= weight <= 1.0 else 0.0
