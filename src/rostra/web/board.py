"""What studios say about their spaces, in memory, with states and history written down."""

import asyncio
from typing import Final

import msgspec
import structlog

from rostra.domain.errors import HouseError, MalformedError
from rostra.domain.ports import Backbone, Entry
from rostra.domain.schedule import Happening, PlannedSpace
from rostra.domain.space import State
from rostra.web.metrics import Metrics
from rostra.web.ports import Spaces
from rostra.web.workers import Workers
from rostra.wire.messages import BUCKET_STATE, SUBJECT_EVENTS, HouseEvent, from_bucket, from_json
from rostra.wire.states import SpaceState

STATES_MAX: Final = 5_000
"""Spaces remembered at once, about 10 MB with full stages; beyond it the longest unheard goes."""

EVENT_BODY_BYTES_MAX: Final = 16 * 1024
"""A line of history is a few words; a larger one is not kept."""

KIND_CHARS_MAX: Final = 40
"""As wide as the store's column."""

FOLLOW_AGAIN_S: Final = 1.0
"""Pause before a watch that broke off is begun anew."""

_log = structlog.get_logger("desk")


class Board:
    """The latest state of each space, and the writer of their history."""

    def __init__(self, spaces: Spaces, workers: Workers, metrics: Metrics) -> None:
        self._spaces = spaces
        self._workers = workers
        self._metrics = metrics
        self._states: dict[str, SpaceState] = {}

    def live(self, space_id: str) -> SpaceState | None:
        """What a studio last said about a space, or None."""
        return self._states.get(space_id)

    def state(self, space: PlannedSpace) -> State:
        """Where a space is: as its studio says, else as the store knows."""
        if space.cancelled:
            return State.CANCELLED
        told = self._states.get(space.id)
        return space.state if told is None else told.state

    async def follow(self, backbone: Backbone) -> None:
        """Follow bucket `state`, for ever."""
        while True:
            try:
                async for entry in backbone.watch(BUCKET_STATE):
                    await self.take(entry)
            except HouseError as error:
                _log.warning("states are not followed", reason=error.sentence)
            await asyncio.sleep(FOLLOW_AGAIN_S)

    async def listen(self, backbone: Backbone) -> None:
        """Keep history from now on; the backbone renews the subscription by itself."""
        try:
            await backbone.subscribe(SUBJECT_EVENTS, self.keep)
        except HouseError as error:
            _log.warning("history is not kept yet", reason=error.sentence)

    async def take(self, entry: Entry) -> None:
        """Take one change of bucket `state`; what is not a state is logged and left."""
        if entry.value is None:
            self._states.pop(entry.key, None)
            return
        try:
            told = from_bucket(SpaceState, entry.key, entry.value)
        except MalformedError as error:
            _log.warning("not a state", space=entry.key, reason=error.sentence)
            return
        before = self._states.pop(entry.key, None)
        self._states[entry.key] = told
        while len(self._states) > STATES_MAX:
            del self._states[next(iter(self._states))]
        if before is None or before.state is not told.state:
            await self._note(entry.key, told.state)

    async def keep(self, subject: str, payload: bytes) -> None:
        """Write one line of history down; what cannot be kept is counted."""
        try:
            happening = _happening(subject, payload)
            kept = await self._workers.store.run(self._spaces.keep, happening)
        except (HouseError, MalformedError) as error:
            _log.warning("history lost", subject=subject, reason=error.sentence)
            kept = False
        if not kept:
            self._metrics.lost_events.inc()

    async def _note(self, space_id: str, state: State) -> None:
        try:
            await self._workers.store.run(self._spaces.set_state, space_id, state)
        except HouseError as error:
            _log.warning("state not written down", space=space_id, reason=error.sentence)


def _happening(subject: str, payload: bytes) -> Happening:
    event = from_json(HouseEvent, payload)
    if subject != f"event.{event.space}":
        sentence = f"An event on {subject[:80]!r} speaks of another space."
        raise MalformedError(sentence)
    body = msgspec.json.encode(event.body)
    if len(body) > EVENT_BODY_BYTES_MAX or len(event.kind) > KIND_CHARS_MAX:
        sentence = f"An event of {len(body)} bytes exceeds {EVENT_BODY_BYTES_MAX}."
        raise MalformedError(sentence)
    return Happening(event.space, event.kind, event.utc_us, body.decode())
