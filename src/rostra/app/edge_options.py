"""What the words of section `edge` must be; each rule says in one sentence what is wrong."""

import re
from typing import Final

from rostra.delivery.csp import SOURCE
from rostra.delivery.sources import networks

BASES_MAX: Final = 4
"""Addresses of one edge: a page tries them one after the other, and edges.json stays small."""

_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")
_HOST: Final = r"(?:[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*|\[[0-9A-Fa-f:.]{2,45}\])"
_ORIGIN: Final = re.compile(rf"https?://{_HOST}(?::[0-9]{{1,5}})?")
_BASE: Final = re.compile(
    rf":[0-9]{{1,5}}|https?://{_HOST}(?::[0-9]{{1,5}})?(?:/[A-Za-z0-9._~/-]{{1,80}})?"
)


def name(word: str) -> str:
    """The first part of the edges' names; ValueError where a URL could not carry it."""
    if not _NAME.fullmatch(word):
        sentence = "is no name such as fra or edge-fra: small letters, digits, hyphens, 32 at most"
        raise ValueError(sentence)
    return word


def proxies(words: tuple[str, ...]) -> tuple[str, ...]:
    """Addresses and networks; ValueError names the one that is neither."""
    for word in words:
        try:
            networks((word,))
        except ValueError as error:
            sentence = f'{word[:80]!r} is no address or network such as "10.0.0.0/8" ({error})'
            raise ValueError(sentence) from error
    return words


def bases(words: tuple[str, ...]) -> tuple[str, ...]:
    """Templates of an edge's addresses; ValueError names the one that is none."""
    if len(words) > BASES_MAX:
        sentence = f"has {len(words)} addresses; an edge may have {BASES_MAX}"
        raise ValueError(sentence)
    for word in words:
        if not _BASE.fullmatch(filled(word, 0, 1)):
            sentence = f"{word[:80]!r} is no address such as https://e{{index}}.example.org or"
            raise ValueError(sentence + " http://edges.example.org:{port}, without query")
    return words


def filled(template: str, index: int, port: int) -> str:
    """A base of one edge: `{index}` is its number on this machine, `{port}` its port."""
    made = template.replace("{index}", str(index)).replace("{port}", str(port))
    return made.rstrip("/")


def origins(words: tuple[str, ...]) -> tuple[str, ...]:
    """Web origins, or `*` alone for every one."""
    for word in () if words == ("*",) else words:
        if not _ORIGIN.fullmatch(word):
            sentence = f'{word[:80]!r} is no origin such as "https://example.org"; "*" stands alone'
            raise ValueError(sentence)
    return words


def csp_sources(words: tuple[str, ...]) -> tuple[str, ...]:
    """Host sources of a Content-Security-Policy, each with its scheme."""
    for word in words:
        if not SOURCE.fullmatch(word):
            sentence = f'{word[:80]!r} is no source such as "https://*.example.org"'
            raise ValueError(sentence)
    return words
