"""Spaces as the API shows them: what was planned, with what a studio says about it now."""

import re
from itertools import count
from typing import Final

from rostra.domain.errors import NotFoundError
from rostra.domain.limits import SPACE_ID_CHARS_MAX
from rostra.domain.schedule import PlannedSpace
from rostra.domain.space import State
from rostra.web.deps import Deps
from rostra.web.schemas import OwnSpaceView, SpaceLists, SpaceView
from rostra.web.times import iso
from rostra.wire.tickets import TicketKind

MISSED_AFTER_US: Final = 24 * 3_600 * 1_000_000
"""A space that nobody started a day after its T0 leaves the list of what comes."""

_SPACE_ID: Final = re.compile(rf"[a-z0-9-]{{1,{SPACE_ID_CHARS_MAX}}}", re.ASCII)
_ON: Final = frozenset({State.LIVE, State.INTERRUPTED})
_TO_COME: Final = frozenset({State.SCHEDULED, State.LOBBY})
_HOST_LINK: Final = "host-link"
_SPEAKER_LINK: Final = "speaker-link"


async def space_of(deps: Deps, space_id: str) -> PlannedSpace:
    """The space of this id; NotFoundError with a sentence otherwise."""
    space = None
    if _SPACE_ID.fullmatch(space_id):
        space = await deps.workers.store.run(deps.outside.spaces.get, space_id)
    if space is None:
        sentence = "There is no space at this address. See the link, or the home page."
        raise NotFoundError(sentence)
    return space


def public(deps: Deps, origin: str, space: PlannedSpace) -> SpaceView:
    """A space as everybody may know it."""
    told = deps.board.live(space.id)
    return SpaceView(
        id=space.id,
        title=space.title,
        description=space.description,
        language=space.language,
        hosts=list(space.hosts),
        t0_utc=iso(space.t0_utc_us if told is None else told.t0_utc_us),
        state=deps.board.state(space).value,
        reason="" if told is None else told.reason,
        listening=0 if told is None else told.listening,
        listen_url=deps.links.listen(origin, space.id),
    )


def own(deps: Deps, origin: str, space: PlannedSpace) -> OwnSpaceView:
    """A space as its owner sees it."""
    return OwnSpaceView(
        **public(deps, origin, space).model_dump(),
        host_url=host_url(deps, origin, space),
        speaker_url=speaker_url(deps, origin, space),
    )


def lists(deps: Deps, origin: str, spaces: list[PlannedSpace], now_utc_us: int) -> SpaceLists:
    """What is on, most listened first, and what comes, soonest first."""
    live, coming = [], []
    for space in spaces:
        state = deps.board.state(space)
        if state in _ON:
            live.append(public(deps, origin, space))
        elif state in _TO_COME and space.t0_utc_us > now_utc_us - MISSED_AFTER_US:
            coming.append(public(deps, origin, space))
    live.sort(key=lambda view: -view.listening)
    return SpaceLists(live=live, coming=coming)


def host_url(deps: Deps, origin: str, space: PlannedSpace) -> str:
    """The host's link, the same at each asking until a ban closes it."""
    return deps.links.link(origin, space, TicketKind.HOST, _open_link(deps, space, _HOST_LINK))


def speaker_url(deps: Deps, origin: str, space: PlannedSpace) -> str:
    """The speakers' link, the same at each asking until a ban closes it."""
    subject = _open_link(deps, space, _SPEAKER_LINK)
    return deps.links.link(origin, space, TicketKind.SPEAKER, subject)


def _open_link(deps: Deps, space: PlannedSpace, subject: str) -> str:
    """The subject of the space's own link: another one when a ban has closed it."""
    told = deps.board.live(space.id)
    closed = frozenset() if told is None else frozenset(told.floor.closed_links)
    if subject not in closed:
        return subject
    return next(one for number in count(2) if (one := f"{subject}-{number}") not in closed)
