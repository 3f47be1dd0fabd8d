"""What a space tells the house: its messages in order, and its state as it is now.

Both wait for the backbone beside the space's own life, which never waits for it.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from typing import Final

import structlog

from rostra.app.studio_lease import StudioBackbone
from rostra.domain.errors import HouseError
from rostra.domain.ports import Backbone
from rostra.wire.messages import BUCKET_STATE, programme_subject

OUTBOX_MAX: Final = 64
"""Messages that wait for the backbone: 6.8 s; beyond it the oldest are dropped and counted, and
the edges bridge the gap."""

SAY_EVERY_S: Final = 1.0
"""Dropped messages are worth a line at first and then at most this often, with their number."""

TELL_EVERY_S: Final = 1.0
"""The state goes out at most this often, unless the space or somebody's place has changed."""

HURRY_EVERY_S: Final = 0.1
"""And what has changed, at most this often: twenty people may give 400 commands a second."""

TRIED_MAX: Final = 16
"""Writes whose answers may be lost at once: one waits for its answer 2 s, and what is not
connected is not sent."""

_LOG = structlog.get_logger(__name__)


class Outbox:
    """The messages of one space on their way; `holds` says whether the space is still ours."""

    def __init__(self, backbone: Backbone, space: str, holds: Callable[[], bool]) -> None:
        self._backbone = backbone
        self._subject = programme_subject(space)
        self._holds = holds
        self._waiting: asyncio.Queue[bytes] = asyncio.Queue(OUTBOX_MAX)
        self._said_at = -SAY_EVERY_S
        self.dropped = 0
        self.published = 0

    def send(self, message: bytes) -> None:
        """Take a message; the oldest goes if too many wait."""
        if self._waiting.full():
            self._waiting.get_nowait()
            self._waiting.task_done()
            self._drop("too many wait for the backbone")
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
            self._drop("the lease is not renewed")
            return
        try:
            await self._backbone.publish(self._subject, message)
            self.published += 1
        except HouseError as error:
            self._drop(error.sentence)

    def _drop(self, why: str) -> None:
        self.dropped += 1
        now = asyncio.get_running_loop().time()
        if now - self._said_at >= SAY_EVERY_S:
            self._said_at = now
            _LOG.warning(
                "messages dropped", subject=self._subject, dropped=self.dropped, reason=why
            )


class StateBoard:
    """The state of one space in its bucket: the newest is written until the backbone has it.

    Two fences keep a studio that slept from writing over its successor's state. Nothing is sent
    unless `holds`; and each write carries the `revision` that it follows, so that one which was on
    its way before the sleep is refused by the backbone. `overruled` says that somebody else has
    written: the space has to be let go, and taken anew if it is ours after all.

    Args:
        backbone: where the bucket is.
        space: the key.
        holds: whether the space is still ours.
        revision: of the state that this space began with; 0 if there was none.
    """

    def __init__(
        self, backbone: StudioBackbone, space: str, holds: Callable[[], bool], revision: int
    ) -> None:
        self._backbone = backbone
        self._space = space
        self._holds = holds
        self._revision = revision
        self._wanted = b""
        self._there = b""
        self._tried: deque[bytes] = deque(maxlen=TRIED_MAX)
        self._news = asyncio.Event()
        self._hurry = asyncio.Event()
        self._told = asyncio.Event()
        self._failing = False
        self.overruled = False
        self.sure = True
        """Whether nobody else can have written since we last looked."""

    def doubt(self) -> None:
        """We slept, and another studio may have had the space: `sure` again by the next write."""
        self.sure = False
        self._news.set()
        self._hurry.set()

    def show(self, state: bytes, *, at_once: bool = False) -> None:
        """What is to be seen from now on."""
        if at_once:
            self._hurry.set()
        if state != self._wanted:
            self._wanted = state
            self._told.clear()
            self._news.set()

    async def told(self) -> None:
        """Return when what was shown last is in the bucket; HouseError if it never will be."""
        await self._told.wait()
        self.check()

    def check(self) -> None:
        """HouseError if another studio has written the state."""
        if self.overruled:
            sentence = f"Another studio has written the state of {self._space}."
            raise HouseError(sentence)

    async def run(self) -> None:
        """Write until another studio has."""
        while not self.overruled:
            await self._news.wait()
            self._news.clear()
            self._hurry.clear()
            await self._put(self._wanted)
            if self._there == self._wanted and self.sure:
                self._told.set()
            else:
                self._news.set()
            await asyncio.sleep(HURRY_EVERY_S)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TELL_EVERY_S - HURRY_EVERY_S):
                    await self._hurry.wait()
        self._told.set()

    async def _put(self, state: bytes) -> None:
        if not self._holds():
            return
        try:
            self.overruled = not await self._written(state)
        except HouseError as error:
            if not self._failing:
                _LOG.warning("state not published", space=self._space, reason=error.sentence)
            self._failing = True
            return
        self._failing = False
        if not self.overruled:
            self._there = state
            self.sure = True

    async def _written(self, state: bytes) -> bool:
        """Whether the state is there; False if somebody else has written meanwhile."""
        while True:
            self._tried.append(state)
            revision = await self._write(state)
            if revision is None:
                kept = await self._backbone.get(BUCKET_STATE, self._space)
                if kept is not None and kept.value not in self._tried:
                    return False
                if not self._holds():  # an equal one may be a successor's
                    sentence = "The lease ran out while the state was on its way."
                    raise HouseError(sentence)
                # A write of ours whose answer was lost, or a bucket that lost its contents.
                self._revision = 0 if kept is None else kept.revision
                continue
            self._revision = revision
            self._tried.clear()
            return True

    async def _write(self, state: bytes) -> int | None:
        if self._revision:
            return await self._backbone.update(BUCKET_STATE, self._space, state, self._revision)
        return await self._backbone.create(BUCKET_STATE, self._space, state)
