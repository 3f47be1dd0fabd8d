"""Fetches the photographs of those who are on a stage, so that an edge can show them."""

import asyncio
from collections.abc import Callable

import structlog

from rostra.delivery.photos import PHOTOS_MAX
from rostra.domain.errors import HouseError
from rostra.domain.ports import Backbone
from rostra.domain.space import OVER
from rostra.wire.photos import PHOTO, is_photo
from rostra.wire.states import SpaceState

_log = structlog.get_logger("edge")

Out = Callable[[str, bytes | None], None]
"""A photograph to show, or (None) to take down."""


class Photos:
    """Belongs to the bridge's event loop: is told of spaces, and gives photographs to `out`."""

    def __init__(self, out: Out) -> None:
        self._out = out
        self._wanted: dict[str, frozenset[str]] = {}
        self._given: set[str] = set()
        self._refused: dict[str, None] = {}
        self.news = asyncio.Event()

    def lives(self, space: str, state: SpaceState) -> None:
        """A space as it is: whoever is on its stage may have a photograph."""
        names = frozenset(one.photo for one in state.stage if PHOTO.fullmatch(one.photo))
        wanted = frozenset[str]() if state.state in OVER else names
        if self._wanted.get(space, frozenset()) == wanted:
            return
        if wanted:
            self._wanted[space] = wanted
        else:
            del self._wanted[space]
        self.news.set()

    async def look(self, backbone: Backbone) -> bool:
        """Fetch what is wanted and not here; whether that is all there now."""
        self.news.clear()
        wanted = {name: None for names in self._wanted.values() for name in sorted(names)}
        for name in self._given - wanted.keys():
            self._given.discard(name)
            self._out(name, None)
        complete = True
        for name in wanted:
            if name not in self._given and name not in self._refused:
                complete &= len(self._given) >= PHOTOS_MAX or await self._fetch(backbone, name)
        return complete

    async def _fetch(self, backbone: Backbone, name: str) -> bool:
        try:
            data = await backbone.get_object(name)
        except HouseError as error:
            _log.warning("a photograph is not here yet", object=name, why=error.sentence)
            return False
        if data is None:
            return False
        if is_photo(data):
            self._given.add(name)
            self._out(name, data)
            return True
        _log.warning("an object is no photograph", object=name)
        self._refused[name] = None
        if len(self._refused) > PHOTOS_MAX:
            del self._refused[next(iter(self._refused))]
        return True
