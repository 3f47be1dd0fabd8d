"""What outlasts a studio of its floor: written into the space's state, and taken from it again."""

from dataclasses import replace
from typing import Any, Final

from rostra.domain.limits import NOTICE_BYTES_MAX
from rostra.domain.ports import Moment
from rostra.domain.space import Role
from rostra.stage.bans import Marks
from rostra.stage.floor import Floor
from rostra.stage.places import BACKSTAGE, ON_STAGE, WHERE
from rostra.stage.rights import RIGHTS
from rostra.wire import stagelink as say
from rostra.wire.states import FloorState, OnStage, SpaceState

RECORDED: Final[frozenset[type[say.Up]]] = frozenset(RIGHTS) - {say.Leave, say.Order, say.NoteOn}
"""What the record of an evening keeps of the floor: who decided what about whom."""

_PUBLIC_BYTES: Final = 110
"""One person of the notice `stage` without name, id, role and photograph."""


def kept(floor: Floor, people: tuple[OnStage, ...]) -> FloorState:
    """What a next studio needs beside those who are seen on stage."""
    marks = {
        place.id: (place.marks.link, place.marks.account, place.marks.device, place.marks.listener)
        for place in floor.places
    }
    return FloorState(
        backstage=tuple(one for one in people if one.where == BACKSTAGE),
        bans=floor.bans.hashes,
        closed_links=floor.bans.closed_links,
        asks=floor.queue.kept,
        invitations=floor.invitations.open,
        locked=floor.lock.by_host,
        arrive=floor.arrive,
        hosted=floor.lock.hosted,
        roles=tuple((who, role.value) for who, role in floor.roles.items()),
        marks={who: known for who, known in marks.items() if any(known)},
    )


def on_stage(people: tuple[OnStage, ...]) -> tuple[OnStage, ...]:
    """Those whom the audience hears and sees."""
    return tuple(one for one in people if one.where == ON_STAGE)


def restore(floor: Floor, state: SpaceState, now: Moment) -> None:
    """Take over the floor that another studio left: everybody is away, all else as it was."""
    left, now_us = state.floor, now.mono_us
    floor.restore((*state.stage, *left.backstage), now_us, state.removed)
    for one in (*state.stage, *left.backstage):
        if one.id in floor:
            rest_us = one.until_utc_us - now.utc_us
            until = (max(now_us + rest_us, 1), one.until_utc_us) if one.until_utc_us else (0, 0)
            floor.change(
                replace(
                    floor.place(one.id),
                    until_us=until[0],
                    until_utc_us=until[1],
                    marks=Marks(*left.marks.get(one.id, ())),
                )
            )
    floor.roles.update({who: Role(role) for who, role in left.roles})
    floor.bans.restore(left.bans, left.closed_links)
    floor.queue.restore(left.asks, now_us)
    floor.invitations.restore(left.invitations, now)
    floor.lock.restore(now_us, by_host=left.locked, hosted=left.hosted)
    floor.arrive = left.arrive if left.arrive in WHERE else ON_STAGE
    floor.message, floor.next_up = state.message, ("", state.next)


def stage_notice(people: tuple[OnStage, ...]) -> dict[str, Any]:
    """The body of the notice `stage`: those on stage, without photographs where they do not fit."""
    shown = on_stage(people)
    size = sum(
        len(f"{one.id}{one.name}{one.role}{one.photo}".encode()) + _PUBLIC_BYTES for one in shown
    )
    photos = size + len(shown) * len(',"photo":""') < NOTICE_BYTES_MAX
    return {"people": [_public(one, photo=photos) for one in shown]}


def _public(one: OnStage, *, photo: bool) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": one.id,
        "name": one.name,
        "role": one.role,
        "muted": one.muted,
        "here": one.here,
        "speaking": one.speaking,
    }
    if one.until_utc_us:
        body["until_utc_us"] = one.until_utc_us
    if one.photo and photo:
        body["photo"] = one.photo
    return body
