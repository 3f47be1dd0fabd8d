"""What a player may say of itself in a report: a short list of names, each within bounds.

Nothing on it tells one listener from another. What is not on it, or is out of bounds, is left
out and the report is taken: whoever is in trouble shall not be turned away for an odd figure.
"""

import re
from collections.abc import Mapping
from typing import Final

Fact = str | int | float | bool
Facts = dict[str, Fact]

FACTS_MAX: Final = 24
"""Names that are looked at in one report; the list below has fewer."""

WORD: Final = re.compile(r"[a-z0-9](?:[a-z0-9.+-]{0,22}[a-z0-9])?")
"""Words such as `hls`, `opus`, `mp4a.40.2`; too short to hold a message."""

WORDS: Final = frozenset({"transport", "codec", "state", "page", "edge"})
"""`push` or `hls`; as a playlist names it; what the player showed; `listen` or `stage`; which
edge of the house."""

CHOICES: Final[Mapping[str, frozenset[str]]] = {
    "browser": frozenset({"chromium", "firefox", "safari", "other"}),
    "device": frozenset({"phone", "tablet", "desktop", "other"}),
    "network": frozenset({"wifi", "cellular", "wired", "other"}),
}
"""Families, never versions or models: those would tell people apart."""

NUMBERS: Final[Mapping[str, float]] = {
    "latency_ms": 600_000,
    "buffered_ms": 600_000,
    "first_sound_ms": 600_000,
    "stalled_ms": 3_600_000,
    "stalls": 100_000,
    "skips": 100_000,
    "reconnects": 100_000,
    "tick_ms": 60_000,
    "listened_s": 604_800,
    "loss_percent": 100,
}
"""From 0 up to these; rounded to a tenth."""

SWITCHES: Final = frozenset({"muted", "hidden", "playing"})


def kept(given: Mapping[str, object]) -> Facts:
    """The facts that are on the list and within bounds."""
    out: Facts = {}
    for name, value in list(given.items())[:FACTS_MAX]:
        fact = _fact(name, value)
        if fact is not None:
            out[name] = fact
    return out


def _fact(name: str, value: object) -> Fact | None:
    if isinstance(value, bool):
        return value if name in SWITCHES else None
    if isinstance(value, int | float):
        # NaN compares false with everything, and so falls out here.
        fits = name in NUMBERS and 0 <= value <= NUMBERS[name]
        return round(value, 1) if fits else None
    if isinstance(value, str):
        word = value[:25].lower()
        known = name in WORDS and WORD.fullmatch(word)
        return word if known or word in CHOICES.get(name, ()) else None
    return None
