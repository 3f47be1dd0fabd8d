"""Who may do what on the floor: one table, from which `docs/reference/floor.md` is checked.

Commands come from a page that may say anything; each is held to its row before it is carried out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from rostra.domain.errors import ForbiddenError
from rostra.domain.space import Role
from rostra.stage.places import HOSTS, Place
from rostra.wire import stagelink as say
from rostra.wire.stagelink import Up

EVERYBODY: Final = frozenset(Role)
NOBODY: Final[frozenset[Role]] = frozenset()


@dataclass(frozen=True, slots=True)
class Right:
    """One row: who may do it to others or to the space, and who to themselves.

    `what` ends the sentence "Only a host can …". With `spares_hosts` a co-host may do it to
    everybody but a host.
    """

    what: str
    roles: frozenset[Role] = HOSTS
    to_oneself: frozenset[Role] = NOBODY
    spares_hosts: bool = False


RIGHTS: Final[Mapping[type[Up], Right]] = {
    say.Mute: Right("mute others", to_oneself=EVERYBODY),
    say.Leave: Right("leave", roles=EVERYBODY, to_oneself=EVERYBODY),
    say.MuteAll: Right("mute everybody"),
    say.Remove: Right("take people off the stage", spares_hosts=True),
    say.Ban: Right("ban people", spares_hosts=True),
    say.SetRole: Right("give roles", to_oneself=HOSTS, spares_hosts=True),
    say.Seat: Right("move people on stage or behind it", to_oneself=HOSTS),
    say.Lock: Right("lock the stage"),
    say.Arrive: Right("say where newcomers arrive"),
    say.Invite: Right("invite people on stage"),
    say.Dismiss: Right("take hands down"),
    say.Order: Right("order the queue"),
    say.NoteOn: Right("write notes on hands"),
    say.Limit: Right("limit speaking time", to_oneself=HOSTS),
    say.Next: Right("announce who is next", to_oneself=HOSTS),
    say.Say: Right("write to everybody"),
    say.Start: Right("start or end the space"),
    say.End: Right("start or end the space"),
    say.Break: Right("call a break"),
    say.Later: Right("move the beginning"),
    say.Questions: Right("decide on questions"),
    say.OnQuestion: Right("decide on questions"),
    say.OpenPoll: Right("open and close polls"),
    say.ClosePoll: Right("open and close polls"),
}


def require(right: Right, by: Place, who: Place | None = None, *, oneself: bool = False) -> None:
    """ForbiddenError unless `by` may do this, to `who` if it is about somebody on stage."""
    if by.role not in (right.to_oneself if oneself and right.to_oneself else right.roles):
        sentence = f"Only a host can {right.what}."
        raise ForbiddenError(sentence)
    above = who is not None and who.role is Role.HOST and by.role is not Role.HOST
    if right.spares_hosts and above:
        sentence = "A co-host cannot remove, ban or demote a host."
        raise ForbiddenError(sentence)
