"""The page's Content-Security-Policy: sound from the edges that are known, and from nowhere else.

Each directive names the page's own origin and the origins of the edges in `edges.json`
(Content Security Policy Level 3, section 2.3.1); `connect-src` also that of the watch. A page
that stays open while edges are added can reach those that it was told of, and its own origin,
which leads to an edge as well.
"""

import re
from collections.abc import Iterable
from typing import Final

from rostra.delivery.spaces import Directory
from rostra.wire.states import EdgeInfo

SOURCES_BYTES_MAX: Final = 1_200
"""Sources of one policy, together: the list stands in it twice, and a proxy's usual buffer for
response headers is 4 kB. About forty edges; with more name them by `edge.csp_sources`."""

POLICIES_MAX: Final = 16
"""Policies kept, by the host that a page was asked of: anybody may invent hosts."""

_NAME: Final = r"[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,30}"
SOURCE: Final = re.compile(rf"https?://(?:\*\.)?{_NAME}(?::(?:[0-9]{{1,5}}|\*))?")
"""A host source with a scheme. It has no spelling for an IPv6 address."""

_HOST: Final = re.compile(rf"(?P<name>{_NAME}|\[[0-9A-Fa-f:.]{{2,45}}\])(?::[0-9]{{1,5}})?")
_OWN: Final = re.compile(rf"(?P<scheme>https?)://(?P<name>{_NAME})(?::[0-9]{{1,5}})?")
_PORT: Final = re.compile(r":[0-9]{1,5}")
_URL: Final = re.compile(rf"(?P<origin>https?://{_NAME}(?::[0-9]{{1,5}})?)(?:/[!-~]*)?")

_POLICY: Final = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'{sources}{watch}; "
    "media-src 'self' blob: data:{sources}; worker-src 'self' blob:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""hls.js and MSE need `blob:`; a style attribute that a component sets is no danger without
script."""


def origin_of(host: str) -> str:
    """The plain origin that a Host header names (RFC 9112, section 3.2), or empty for nonsense."""
    return f"http://{host}" if _HOST.fullmatch(host) else ""


def policy(sources: Iterable[str] = (), watch: str = "") -> str:
    """The header's value; what is no host source is left out, whatever it is."""
    words = [word for word in sources if SOURCE.fullmatch(word)]
    more = f" {watch}" if SOURCE.fullmatch(watch) and watch not in words else ""
    return _POLICY.format(sources="".join(f" {word}" for word in words), watch=more)


def sources_of(edges: Iterable[EdgeInfo], own: str) -> tuple[str, ...]:
    """Origins of the edges' bases as a page of origin `own` reaches them, as many as fit."""
    found: dict[str, None] = {}
    room = SOURCES_BYTES_MAX
    for edge in edges:
        for base in edge.bases:
            source = _source(base, own)
            if not source or source in found:
                continue
            room -= len(source) + 1
            if room < 0:
                return tuple(found)
            found[source] = None
    return tuple(found)


def _source(base: str, own: str) -> str:
    if _PORT.fullmatch(base):
        here = _OWN.fullmatch(own)
        return f"{here['scheme']}://{here['name']}{base}" if here else ""
    there = _URL.fullmatch(base)
    return there["origin"] if there else ""


class Policies:
    """Policies by origin, made anew when the list of edges has changed and not for each visitor.

    `named` takes the place of what would be found in the list of edges; `siblings` are the edges
    of this machine, which a page that is served while they start must reach too. `watch` is the
    watch's own address, to which the page reports when the front door is dead.
    """

    def __init__(
        self,
        directory: Directory,
        named: tuple[str, ...] = (),
        siblings: tuple[EdgeInfo, ...] = (),
        watch: str = "",
    ) -> None:
        self._directory = directory
        self._named = named
        self._siblings = siblings
        self._watch = watch
        self._kept: dict[str, str] = {}
        self._kept_for = -1

    def of(self, own: str) -> str:
        """The policy for a page of origin `own`."""
        if self._kept_for != self._directory.edges_version or len(self._kept) >= POLICIES_MAX:
            self._kept.clear()
            self._kept_for = self._directory.edges_version
        if own not in self._kept:
            sources = self._named or sources_of(self._mine_first(), own)
            self._kept[own] = policy(sources, _source(self._watch, own))
        return self._kept[own]

    def _mine_first(self) -> Iterable[EdgeInfo]:
        me = self._directory.me
        yield me
        yield from (edge for edge in self._directory.edges() if edge.id != me.id)
        yield from self._siblings
