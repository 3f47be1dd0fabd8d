"""The commands of the floor: each is held to its right, carried out, and says who has to leave."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from rostra.domain.errors import ForbiddenError, PeerError
from rostra.domain.limits import MESSAGE_CHARS_MAX
from rostra.domain.ports import Moment
from rostra.domain.space import Role
from rostra.stage.bans import Marks, mark_of
from rostra.stage.floor import Floor
from rostra.stage.places import ON_STAGE, WHERE, one_line
from rostra.stage.rights import RIGHTS, require
from rostra.wire import stagelink as say
from rostra.wire.stagelink import Parting, Told, Up

LIMIT_S_MAX: Final = 3_600
"""Of a time limit: who gives somebody an hour does not limit them."""

SOON_S: Final = 10
"""So long before their time is up somebody is told: one more sentence."""

_SECOND_US: Final = 1_000_000

Leaving = tuple[tuple[str, Parting], ...]
"""Who leaves the stage by a command, each with their word."""

STAY: Final[Leaving] = ()


def carry_out(floor: Floor, by: str, command: Up, now: Moment) -> Leaving:
    """Carry out a command of the floor. Raises PeerError (with 403, 404 or 409) to refuse."""
    check(floor, by, command)
    return _HANDLERS[type(command)](floor, by, command, now)


def is_floors(command: Up) -> bool:
    """Whether the floor carries it out; the studio does the others."""
    return type(command) in _HANDLERS


def check(floor: Floor, by: str, command: Up) -> None:
    """ForbiddenError unless the table of rights lets `by` say this."""
    who = getattr(command, "who", "")
    oneself = who in {"", by}
    target = floor.place(who) if who in floor else None
    require(RIGHTS[type(command)], floor.place(by), target, oneself=oneself)


def sweep(floor: Floor, now: Moment) -> bool:
    """What time brings: words before time is up, mutes when it is, invitations that end.

    True if anything changed that others see.
    """
    now_us = now.mono_us
    floor.watch(now_us)
    changed = floor.invitations.sweep(now)
    for place in floor.places:
        if not place.until_us:
            continue
        if place.time_is_up(now_us):
            if not place.muted:
                floor.change(replace(place, muted=True, warned=True))
                floor.tell(place.id, Told(code="time_up"))
                changed = True
        elif not place.warned and place.until_us - now_us <= SOON_S * _SECOND_US:
            floor.change(replace(place, warned=True))
            left_s = -(-(place.until_us - now_us) // _SECOND_US)
            floor.tell(place.id, Told(code="time_soon", seconds=left_s))
    return changed


def _mute(floor: Floor, by: str, command: say.Mute, now: Moment) -> Leaving:
    floor.mute(by, command.who, on=command.on, now_us=now.mono_us)
    return STAY


def _leave(_: Floor, by: str, __: say.Leave, ___: Moment) -> Leaving:
    return ((by, Parting.LEFT),)


def _mute_all(floor: Floor, _: str, __: say.MuteAll, ___: Moment) -> Leaving:
    for place in floor.places:
        if not place.is_host:
            floor.change(replace(place, muted=True))
    return STAY


def _remove(floor: Floor, by: str, command: say.Remove, _: Moment) -> Leaving:
    return ((floor.remove(by, command.who).id, Parting.REMOVED),)


def _ban(floor: Floor, by: str, command: say.Ban, _: Moment) -> Leaving:
    if command.who not in floor:
        return _ban_hand(floor, by, command.who)
    if command.who == by:
        sentence = "You cannot ban yourself. Leave the stage instead."
        raise ForbiddenError(sentence)
    return _banned(floor, by, floor.place(command.who).marks, command.who)


def _banned(floor: Floor, by: str, marks: Marks, who: str = "") -> Leaving:
    """Ban `who` and whoever has one of these marks, but no other host and not `by`.

    What those who are spared are known by is not banned: they could not come back either.
    """
    others = [one for one in floor.places if one.id != who]
    spared = [one for one in others if one.id == by or one.role is Role.HOST]
    floor.bans.add(marks, {mark for one in spared for mark in one.marks.hashes})
    known = frozenset(marks.hashes)
    gone = [
        one.id
        for one in floor.places
        if one.id == who or (one not in spared and not known.isdisjoint(one.marks.hashes))
    ]
    for participant in gone:
        floor.keep_out(participant)
    return tuple((participant, Parting.BANNED) for participant in gone)


def _ban_hand(floor: Floor, by: str, claim: str) -> Leaving:
    """Whoever has raised it may be on stage by now, or about to be: by another invitation."""
    hand = floor.queue.hand(claim)
    floor.queue.take_down(claim)
    floor.invitations.close(claim, "withdrawn")
    return _banned(floor, by, Marks(listener=mark_of("listener", hand.listener)))


def _set_role(floor: Floor, _: str, command: say.SetRole, __: Moment) -> Leaving:
    if command.role not in {Role.COHOST, Role.SPEAKER}:
        sentence = f"There is no role {command.role[:20]!r} to give: it is cohost or speaker."
        raise PeerError(sentence)
    role = Role(command.role)
    place = floor.place(command.who)
    if place.role is not role:
        floor.set_role(place.id, role)
        floor.tell(place.id, Told(code="role", word=role.value))
    return STAY


def _seat(floor: Floor, _: str, command: say.Seat, now: Moment) -> Leaving:
    where = _checked_where(command.where)
    place = floor.place(command.who)
    if place.where == where:
        return STAY
    if where == ON_STAGE and not place.is_host and floor.lock.reason(now.mono_us):
        sentence = "The stage is locked: nobody comes on it. Unlock it first."
        raise ForbiddenError(sentence)
    floor.change(replace(place, where=where))
    floor.tell(place.id, Told(code=f"to_{where}"))
    if where == ON_STAGE and floor.next_up[0] == place.id:
        floor.next_up = ("", "")
    return STAY


def _lock(floor: Floor, _: str, command: say.Lock, __: Moment) -> Leaving:
    floor.lock.by_host = command.on
    return STAY


def _arrive(floor: Floor, _: str, command: say.Arrive, __: Moment) -> Leaving:
    floor.arrive = _checked_where(command.where)
    return STAY


def _invite(floor: Floor, _: str, command: say.Invite, now: Moment) -> Leaving:
    hand = floor.queue.hand(command.who)
    floor.invitations.invite(hand.claim, now, hand.listener)
    return STAY


def _dismiss(floor: Floor, _: str, command: say.Dismiss, __: Moment) -> Leaving:
    floor.queue.take_down(floor.queue.hand(command.who).claim)
    floor.invitations.close(command.who, "dismissed")
    return STAY


def _order(floor: Floor, _: str, command: say.Order, __: Moment) -> Leaving:
    floor.queue.move(command.who, command.to)
    return STAY


def _note(floor: Floor, _: str, command: say.NoteOn, __: Moment) -> Leaving:
    floor.queue.note(command.who, command.text)
    return STAY


def _limit(floor: Floor, by: str, command: say.Limit, now: Moment) -> Leaving:
    if not 0 <= command.seconds <= LIMIT_S_MAX:
        sentence = f"A time limit is 1 to {LIMIT_S_MAX} seconds, or 0 for none."
        raise PeerError(sentence)
    place = floor.place(command.who or by)
    life_us = command.seconds * _SECOND_US
    until = (now.mono_us + life_us, now.utc_us + life_us) if life_us else (0, 0)
    floor.change(replace(place, until_us=until[0], until_utc_us=until[1], warned=False))
    return STAY


def _next(floor: Floor, _: str, command: say.Next, __: Moment) -> Leaving:
    who = command.who
    name = ""
    if who:
        name = floor.place(who).name if who in floor else floor.queue.hand(who).name
    floor.next_up = (who, name)
    return STAY


def _say(floor: Floor, _: str, command: say.Say, __: Moment) -> Leaving:
    text = one_line(command.text)
    if len(text) > MESSAGE_CHARS_MAX:
        sentence = (
            f"A message has at most {MESSAGE_CHARS_MAX} characters; this one has {len(text)}."
        )
        raise PeerError(sentence)
    floor.message = text
    return STAY


def _checked_where(where: str) -> str:
    if where not in WHERE:
        sentence = f"There is no seat {where[:20]!r}: it is stage or backstage."
        raise PeerError(sentence)
    return where


_HANDLERS: Final[Mapping[type[Up], Callable[[Floor, str, Any, Moment], Leaving]]] = {
    say.Mute: _mute,
    say.Leave: _leave,
    say.MuteAll: _mute_all,
    say.Remove: _remove,
    say.Ban: _ban,
    say.SetRole: _set_role,
    say.Seat: _seat,
    say.Lock: _lock,
    say.Arrive: _arrive,
    say.Invite: _invite,
    say.Dismiss: _dismiss,
    say.Order: _order,
    say.NoteOn: _note,
    say.Limit: _limit,
    say.Next: _next,
    say.Say: _say,
}
