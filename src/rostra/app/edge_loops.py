"""Fetches the hold loops of spaces that have their own, so that an edge can fill with them."""

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from rostra.domain.errors import HouseError, MalformedError
from rostra.domain.ports import Backbone
from rostra.domain.space import OVER
from rostra.wire.hold import HoldLoop, read_hold
from rostra.wire.states import SpaceDef, SpaceState

LOOPS_MAX: Final = 64
"""Loops that one edge keeps, up to 2 MB each; spaces beyond it are filled with the house's."""

SPACES_MAX: Final = 4_096
"""Spaces with a loop of their own that one edge remembers."""

_log = structlog.get_logger("edge")

Out = Callable[[str, HoldLoop | None], None]
"""What a space is to be filled with from now on; None is the house's loop."""


class Loops:
    """Belongs to the bridge's event loop: is told of spaces, and gives loops to `out`.

    A loop is fetched as soon as its space is planned, long before its doors open, and let go of
    when the space is over. Equal loops, which have one name, are kept once.
    """

    def __init__(self, out: Out) -> None:
        self._out = out
        self._wanted: dict[str, str] = {}
        self._over: dict[str, None] = {}
        self._given: dict[str, str] = {}
        self._kept: dict[str, HoldLoop] = {}
        self._refused: dict[str, None] = {}
        self._missing: dict[str, None] = {}
        self.news = asyncio.Event()

    def planned(self, space: str, plan: SpaceDef | None) -> None:
        """The desk's plan of a space, or that there is none any more."""
        name = "" if plan is None or plan.cancelled else plan.hold
        if name and space not in self._over and len(self._wanted) < SPACES_MAX:
            if self._wanted.get(space) != name:
                self._wanted[space] = name
                self.news.set()
        elif self._wanted.pop(space, None) is not None:
            self.news.set()

    def lives(self, space: str, state: SpaceState) -> None:
        """A space as it is: one that is over needs no loop any more."""
        if state.state not in OVER:
            return
        if self._wanted.pop(space, None) is not None:
            self.news.set()
        _remember(self._over, space)

    async def look(self, backbone: Backbone) -> bool:
        """Fetch what is wanted and not here; whether that is all there now."""
        self.news.clear()
        self._forget()
        complete = True
        for space, name in list(self._wanted.items()):
            complete &= await self._fetch(backbone, space, name)
        return complete

    async def _fetch(self, backbone: Backbone, space: str, name: str) -> bool:
        """Whether nothing more is to be done for a space."""
        if self._given.get(space) == name or name in self._refused:
            return True
        if name not in self._kept:
            if len(self._kept) >= LOOPS_MAX:
                return True
            found = await self._got(backbone, name)
            if found is None:
                return name in self._refused
            self._kept[name] = found
        if self._wanted.get(space) == name:  # it may have changed meanwhile
            self._given[space] = name
            self._out(space, self._kept[name])
        return True

    async def _got(self, backbone: Backbone, name: str) -> HoldLoop | None:
        try:
            packed = await backbone.get_object(name)
            if packed is not None:
                return _whole(read_hold(packed))
            why = "it is not in the object store"
        except MalformedError as error:
            _log.warning("a hold loop is not used", object=name, why=error.sentence)
            _remember(self._refused, name)
            return None
        except HouseError as error:
            why = error.sentence
        if name not in self._missing:
            _log.warning("a hold loop is not here yet", object=name, why=why)
            _remember(self._missing, name)
        return None

    def _forget(self) -> None:
        """Let go of what nobody wants any more; a loop that changes is given when it is here."""
        for space in [one for one in self._given if one not in self._wanted]:
            del self._given[space]
            self._out(space, None)
        named = {*self._wanted.values(), *self._given.values()}
        for name in [one for one in self._kept if one not in named]:
            del self._kept[name]


def _whole(loop: HoldLoop) -> HoldLoop:
    """The loop, unless filling with it would end the streams in Opus."""
    if not loop.opus:
        sentence = "This hold loop has no Opus. Encode it again."
        raise MalformedError(sentence)
    return loop


def _remember(names: dict[str, None], name: str) -> None:
    """Keep a name among the newest `SPACES_MAX`."""
    names[name] = None
    if len(names) > SPACES_MAX:
        del names[next(iter(names))]
