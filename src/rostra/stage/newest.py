"""Memories with a bound: the newest stay, the oldest are forgotten first."""

from typing import TypeVar

_T = TypeVar("_T")


def keep(known: dict[str, _T], key: str, value: _T, most: int) -> None:
    """Remember, as the newest; the oldest is forgotten beyond `most`."""
    known.pop(key, None)
    known[key] = value
    while len(known) > most:
        del known[next(iter(known))]
