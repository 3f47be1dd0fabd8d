"""What `[[watch.components]]` must be; each rule says in one sentence what is wrong."""

import re
from collections.abc import Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Final, Protocol
from urllib.parse import urlsplit

_HOST_PORT: Final = re.compile(r"(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]):([0-9]{1,5})")
_PORT_LAST: Final = 65_535
_URLS: Final = {
    "http": "https://talk.example.org/",
    "hls": "https://talk.example.org/live/SPACE/main.m3u8",
    "space": "https://talk.example.org/s/SPACE",
}
"""Targets whose address is a URL, each with one that would do."""


class Watched(Protocol):
    """What the rules look at of a component."""

    @property
    def id(self) -> str: ...  # noqa: D102 - as `watch.components.Component` has it
    @property
    def target(self) -> str: ...  # noqa: D102 - as above
    @property
    def address(self) -> str: ...  # noqa: D102 - as above
    @property
    def depends_on(self) -> tuple[str, ...]: ...  # noqa: D102 - as above


def check(components: Sequence[Watched]) -> None:
    """ValueError names the first component that does not fit the others, or itself."""
    known: set[str] = set()
    for one in components:
        if one.id in known:
            sentence = f"{one.id!r} is there twice; give each component an id of its own"
            raise ValueError(sentence)
        known.add(one.id)
    for one in components:
        _address(one)
        for other in one.depends_on:
            if other not in known:
                sentence = f"{one.id!r} depends on {other[:40]!r}, which is no component here"
                raise ValueError(sentence)
    _no_circle(components)


def _address(one: Watched) -> None:
    rule = ""
    if one.target == "none":
        rule = "" if not one.address else "has target none, so it has no address"
    elif one.target in _URLS:
        rule = "" if _is_url(one.address) else f"needs an address such as {_URLS[one.target]}"
    elif not _is_host_port(one.address):
        rule = "needs an address such as talk.example.org:443"
    if rule:
        sentence = f"{one.id!r} {rule} (it has {one.address[:80]!r})"
        raise ValueError(sentence)


def _is_url(word: str) -> bool:
    try:
        parts = urlsplit(word)
        _ = parts.port  # raises where it is no number
    except ValueError:
        return False
    plain = word.isprintable() and " " not in word
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and plain


def _is_host_port(word: str) -> bool:
    found = _HOST_PORT.fullmatch(word)
    return found is not None and 0 < int(found[1]) <= _PORT_LAST


def _no_circle(components: Sequence[Watched]) -> None:
    try:
        TopologicalSorter({one.id: one.depends_on for one in components}).prepare()
    except CycleError as error:
        circle = " → ".join(error.args[1])
        sentence = f"components depend on each other in a circle ({circle}); take one link away"
        raise ValueError(sentence) from error
