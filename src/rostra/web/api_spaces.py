"""Routes about spaces: what is on, plan one, its links, start, interrupt, end and cancel it."""

from enum import StrEnum
from typing import Final

from fastapi import APIRouter, Request

from rostra.domain.errors import HouseError, PeerError
from rostra.domain.schedule import (
    PlannedSpace,
    checked_description,
    checked_doors,
    checked_hosts,
    checked_language,
    checked_title,
)
from rostra.domain.space import Cause, State, move
from rostra.web import views
from rostra.web.caller import Caller, CallerHere
from rostra.web.deps import Deps, DepsHere, address_of
from rostra.web.errors import field
from rostra.web.schemas import (
    Created,
    NewLink,
    NewSpace,
    OwnSpaces,
    OwnSpaceView,
    SpaceLists,
    SpaceView,
    StateNow,
    Url,
)
from rostra.web.times import NOW, parse_at
from rostra.web.words import new_id, new_space_id
from rostra.wire.messages import Command
from rostra.wire.tickets import TicketKind

OPEN_SPACES_MAX: Final = 100
"""Spaces of one account that are still to come: two years of weekly evenings."""

router = APIRouter(tags=["spaces"])


class Action(StrEnum):
    """What may be done to a space from outside its stage."""

    START = "start"
    BREAK = "break"
    END = "end"
    CANCEL = "cancel"


@router.get("/spaces")
async def list_spaces(request: Request, deps: DepsHere) -> SpaceLists:
    """What is on now and what comes."""
    spaces = await deps.workers.store.run(deps.outside.spaces.not_over)
    return views.lists(deps, deps.links.origin_of(request), spaces, deps.now_utc_us)


@router.post("/spaces", status_code=201)
async def create_space(
    body: NewSpace, request: Request, caller: CallerHere, deps: DepsHere
) -> Created:
    """Plan a space. `at: now` with the operator's token makes it live at once."""
    caller.must_be_known()
    if not caller.token:
        deps.limiters.space.take(address_of(request), deps.now_mono_ns)
    space = _planned(body, caller, deps.now_utc_us)
    await _must_have_room(space, deps)
    await deps.workers.store.run(deps.outside.spaces.add, space)
    await deps.definitions.tell(space)
    origin = deps.links.origin_of(request)
    return Created(
        id=space.id,
        listen_url=deps.links.listen(origin, space.id),
        host_url=views.host_url(deps, origin, space),
        speaker_url=views.speaker_url(deps, origin, space),
    )


@router.get("/spaces/mine")
async def list_own(request: Request, caller: CallerHere, deps: DepsHere) -> OwnSpaces:
    """The caller's own spaces with their links; the operator's token sees all that are to come."""
    caller.must_be_known()
    books = deps.outside.spaces
    if caller.account is None:
        spaces = await deps.workers.store.run(books.not_over)
    else:
        spaces = await deps.workers.store.run(books.owned_by, caller.account.id)
    origin = deps.links.origin_of(request)
    return OwnSpaces(spaces=[views.own(deps, origin, space) for space in spaces])


@router.get("/spaces/{space_id}")
async def get_space(
    space_id: str, request: Request, caller: CallerHere, deps: DepsHere
) -> OwnSpaceView | SpaceView:
    """One space; with its links for its owner and the operator."""
    space = await views.space_of(deps, space_id)
    origin = deps.links.origin_of(request)
    owns = caller.account is not None and caller.account.id == space.owner
    if owns or caller.operator:
        return views.own(deps, origin, space)
    return views.public(deps, origin, space)


@router.post("/spaces/{space_id}/links", status_code=201)
async def make_link(
    space_id: str, body: NewLink, request: Request, caller: CallerHere, deps: DepsHere
) -> Url:
    """Make a further link to the stage, for one person."""
    space = await views.space_of(deps, space_id)
    caller.cause_for(space)
    with field("name"):
        name = checked_hosts((body.name,))[0] if body.name.strip() else ""
    kind = TicketKind(body.role)
    origin = deps.links.origin_of(request)
    return Url(url=deps.links.link(origin, space, kind, new_id(), name))


@router.post("/spaces/{space_id}/{action}")
async def act(space_id: str, action: Action, caller: CallerHere, deps: DepsHere) -> StateNow:
    """Start, interrupt, end or cancel a space: its studio does it, or the desk while none has it.

    `start` goes on after a break too. The desk can end or cancel what is merely scheduled.
    """
    space = await views.space_of(deps, space_id)
    cause = caller.cause_for(space)
    kind = TicketKind.HOST if cause is Cause.HOST else TicketKind.OPERATOR
    subject = caller.account.id if caller.account else "operator"
    ticket = deps.links.command_ticket(space.id, kind, subject)
    try:
        done = await deps.studios.command(space.id, Command(ticket, action.value))
    except HouseError:
        if action in {Action.START, Action.BREAK} or deps.board.state(space) is not State.SCHEDULED:
            raise
        return await _call_off(space, cause, deps)
    return await _carried_out(space, done.state, deps)


async def _carried_out(space: PlannedSpace, told: str, deps: Deps) -> StateNow:
    if told == State.CANCELLED:
        await _note_cancelled(space, deps)
    elif told in set(State):
        await deps.workers.store.run(deps.outside.spaces.set_state, space.id, State(told))
    return StateNow(state=told)


async def _call_off(space: PlannedSpace, cause: Cause, deps: Deps) -> StateNow:
    move(State.SCHEDULED, State.CANCELLED, cause)
    await _note_cancelled(space, deps)
    return StateNow(state=State.CANCELLED.value)


async def _note_cancelled(space: PlannedSpace, deps: Deps) -> None:
    cancelled = await deps.workers.store.run(deps.outside.spaces.cancel, space.id)
    if cancelled is not None:
        await deps.definitions.tell(cancelled)


def _planned(body: NewSpace, caller: Caller, now_utc_us: int) -> PlannedSpace:
    account = caller.account
    with field("title"):
        title = checked_title(body.title)
    with field("description"):
        description = checked_description(body.description)
    with field("language"):
        language = checked_language(body.language)
    with field("hosts"):
        by_default = () if account is None else (account.name,)
        hosts = checked_hosts(by_default if body.hosts is None else body.hosts)
    with field("doors_before_s"):
        doors_before_s = checked_doors(body.doors_before_s)
    with field("at"):
        t0_utc_us = parse_at(body.at, now_utc_us)
    return PlannedSpace(
        id=new_space_id(),
        title=title,
        t0_utc_us=t0_utc_us,
        created_utc_us=now_utc_us,
        owner="" if account is None else account.id,
        description=description,
        language=language,
        hosts=hosts,
        doors_before_s=doors_before_s,
        start_at_once=caller.token and body.at.strip().lower() == NOW,
    )


async def _must_have_room(space: PlannedSpace, deps: Deps) -> None:
    if not space.owner:
        return
    count = await deps.workers.store.run(deps.outside.spaces.open_count, space.owner)
    if count >= OPEN_SPACES_MAX:
        sentence = f"You have {count} spaces to come; more than {OPEN_SPACES_MAX} are not kept."
        sentence += " End or cancel one first."
        raise PeerError(sentence, status=409)
