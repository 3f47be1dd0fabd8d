"""What an edge wants from the object store: asked for again while it is not there."""

import asyncio
import contextlib
from typing import Final, Protocol

from rostra.domain.ports import Backbone

AGAIN_S: Final = 10.0
"""An object that is not there yet, or not reached, is asked for again after this."""


class Wanted(Protocol):
    """Objects of one kind; belongs to the bridge's event loop."""

    news: asyncio.Event
    """Something else is wanted now."""

    async def look(self, backbone: Backbone) -> bool:
        """Fetch what is wanted and not here; whether that is all there now."""
        ...


async def rest(wanted: Wanted, *, complete: bool) -> None:
    """Wait for something else to do, or to ask again for what was not there."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(None if complete else AGAIN_S):
            await wanted.news.wait()
