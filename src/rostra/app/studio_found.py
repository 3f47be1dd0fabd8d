"""Finds a space as its last studio left it: its state, and the newest that was heard of it."""

from collections.abc import Iterable

import structlog

from rostra.app.studio_lease import StudioBackbone
from rostra.app.studio_means import Found
from rostra.domain.errors import HouseError, MalformedError
from rostra.domain.space import OVER, State
from rostra.wire.messages import BUCKET_STATE, from_bucket, programme_subject, read_programme
from rostra.wire.states import SpaceDef, SpaceState

_LOG = structlog.get_logger(__name__)


async def find(backbone: StudioBackbone, plan: SpaceDef) -> Found:
    """The space as another studio, or this one, left it; else that of a new space.

    Raises HouseError when the backbone is away.
    """
    state, revision = SpaceState(plan.id, plan.title, State.SCHEDULED, plan.t0_utc_us), 0
    kept = await backbone.get(BUCKET_STATE, plan.id)
    if kept is not None and kept.value is not None:
        revision = kept.revision
        try:
            state = from_bucket(SpaceState, plan.id, kept.value)
        except MalformedError as error:
            _LOG.error("a broken state is written anew", space=plan.id, reason=error.sentence)
    return Found(state, revision, await _heard(backbone, state))


async def _heard(backbone: StudioBackbone, state: SpaceState) -> int:
    """What follows the newest message of the run that the backbone remembers."""
    if not state.run or state.state in OVER:
        return 0
    try:
        held = await backbone.recent(programme_subject(state.id))
    except HouseError as error:
        _LOG.warning("the last minute is not known", space=state.id, reason=error.sentence)
        return 0
    return next_message(held, state.run)


def next_message(held: Iterable[bytes], run: str) -> int:
    """The number after the newest message of `run` in `held`; 0 if there is none."""
    number = -1
    for payload in held:
        try:
            message = read_programme(payload)
        except MalformedError:
            continue
        if message.run == run:
            number = max(number, message.number)
    return number + 1
