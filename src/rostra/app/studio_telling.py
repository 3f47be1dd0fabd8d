"""What a space tells the house: its messages in order, and its state as it is now.

Both wait for the backbone beside the space's own life, which never waits for it.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

import structlog

from rostra.domain.errors import HouseError
from rostra.domain.ports import Backbone
from rostra.wire.messages import BUCKET_STATE, programme_subject

OUTBOX_MAX: Final = 64
"""Messages that wait for the backbone: 6.8 s; beyond it the oldest are dropped and counted, and
the edges bridge the gap."""

TELL_EVERY_S: Final = 1.0
"""The state goes out at most this often, unless the space has moved on."""

_LOG = structlog.get_logger(__name__)


class Outbox:
    """The messages of one space on their way; `holds` says whether the space is still ours."""

    def __init__(self, backbone: Backbone, space: str, holds: Callable[[], bool]) -> None:
        self._backbone = backbone
        self._subject = programme_subject(space)
        self._holds = holds
        self._waiting: asyncio.Queue[bytes] = asyncio.Queue(OUTBOX_MAX)
        self.dropped = 0
        self.published = 0

    def send(self, message: bytes) -> None:
        """Take a message; the oldest goes if too many wait."""
        if self._waiting.full():
            self._waiting.get_nowait()
            self._waiting.task_done()
            self.dropped += 1
        self._waiting.put_nowait(message)

    async def run(self) -> None:
        """Publish for ever; what the backbone does not take is dropped and counted."""
        while True:
            message = await self._waiting.get()
            try:
                await self._publish(message)
            finally:
                self._waiting.task_done()

    async def emptied(self) -> None:
        """Return when nothing waits any more."""
        await self._waiting.join()

    async def _publish(self, message: bytes) -> None:
        if not self._holds():  # another studio may have begun: it alone is heard
            self.dropped += 1
            return
        try:
            await self._backbone.publish(self._subject, message)
            self.published += 1
        except HouseError:
            self.dropped += 1


class StateBoard:
    """The state of one space in its bucket: the newest is put until the backbone has it."""

    def __init__(self, backbone: Backbone, space: str) -> None:
        self._backbone = backbone
        self._space = space
        self._wanted = b""
        self._there = b""
        self._news = asyncio.Event()
        self._hurry = asyncio.Event()
        self._told = asyncio.Event()
        self._failing = False

    def show(self, state: bytes, *, at_once: bool = False) -> None:
        """What is to be seen from now on."""
        if at_once:
            self._hurry.set()
        if state != self._wanted:
            self._wanted = state
            self._told.clear()
            self._news.set()

    async def told(self) -> None:
        """Return when what was shown last is in the bucket."""
        await self._told.wait()

    async def run(self) -> None:
        """Put for ever."""
        while True:
            await self._news.wait()
            self._news.clear()
            self._hurry.clear()
            await self._put(self._wanted)
            if self._there == self._wanted:
                self._told.set()
            else:
                self._news.set()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TELL_EVERY_S):
                    await self._hurry.wait()

    async def _put(self, state: bytes) -> None:
        try:
            await self._backbone.put(BUCKET_STATE, self._space, state)
        except HouseError as error:
            if not self._failing:
                _LOG.warning("state not published", space=self._space, reason=error.sentence)
            self._failing = True
            return
        self._failing = False
        self._there = state
