"""Follows an edge's notice to move: the next connection has sound before the last one goes."""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import httpx

from rostra.app.listen_media import Piece
from rostra.domain.errors import RostraError

WITHIN_MAX_S: Final = 600.0
"""No edge asks for longer; who says more is not obeyed in that."""


@dataclass(frozen=True, slots=True)
class _Opened:
    place: str
    pieces: AsyncGenerator[Piece, None]
    first: Piece


class Following:
    """One listener's stream over the edges that it is sent to.

    Args:
        open_at: Opens the stream at a place.
        elsewhere: Places to go to, best first; asked when a move is due.
        moved: Told of the new place, before its first piece.
    """

    def __init__(
        self,
        open_at: Callable[[str], AsyncGenerator[Piece, None]],
        elsewhere: Callable[[], Awaitable[list[str]]],
        moved: Callable[[str], None],
    ) -> None:
        self._open_at = open_at
        self._elsewhere = elsewhere
        self._moved = moved

    async def pieces(self, place: str) -> AsyncGenerator[Piece, None]:
        """What comes from `place`, and from wherever it sends its listener."""
        current = self._open_at(place)
        move: asyncio.Task[_Opened | None] | None = None
        try:
            while True:
                piece = await anext(current, None)
                if piece is not None:
                    yield piece
                    if move is None and piece.move_within_s is not None:
                        move = asyncio.create_task(self._next(piece.move_within_s))
                if move is not None and (piece is None or move.done()):
                    opened, move = await move, None
                    if opened is not None:
                        await current.aclose()
                        current = opened.pieces
                        self._moved(opened.place)
                        yield opened.first
                        continue
                if piece is None:
                    return
        finally:
            await current.aclose()
            await _given_up(move)

    async def _next(self, within_s: float) -> _Opened | None:
        """Another place that gives sound, or None: then this one is kept."""
        await asyncio.sleep(random.uniform(0, min(within_s, WITHIN_MAX_S)))  # noqa: S311 - spreads
        for place in await self._elsewhere():
            pieces = self._open_at(place)
            with suppress(httpx.HTTPError, httpx.InvalidURL, RostraError):
                async for piece in pieces:
                    if piece.sounds:
                        return _Opened(place, pieces, piece)
            await pieces.aclose()
        return None


async def _given_up(move: asyncio.Task[_Opened | None] | None) -> None:
    """Let go of a move that was under way."""
    if move is None:
        return
    move.cancel()
    with suppress(asyncio.CancelledError):
        opened = await move
        if opened is not None:
            await opened.pieces.aclose()
