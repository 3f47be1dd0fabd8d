"""What a participant may say over the data channel, and what the stage does about it."""

from collections.abc import Awaitable, Callable
from typing import Protocol

import msgspec

from rostra.domain.limits import DATA_CHANNEL_BYTES_MAX
from rostra.domain.ports import Moment
from rostra.stage.commands import STAY, Leaving, carry_out, check
from rostra.stage.floor import Floor
from rostra.stage.ports import Peer
from rostra.wire import stagelink
from rostra.wire.stagelink import (
    Ack,
    Break,
    ClosePoll,
    End,
    Later,
    OnQuestion,
    OpenPoll,
    Parting,
    Questions,
    Start,
    Up,
)

OfStudio = Start | End | Break | Later | Questions | OnQuestion | OpenPoll | ClosePoll
"""What the studio carries out, for a host on stage; the floor does the rest."""

StudioCommand = Callable[[str, OfStudio], Awaitable[None]]


Decided = Callable[[str, Up], None]
"""Told of what was carried out on the floor, and by whom."""


class Stage(Protocol):
    """The room, as its commands see it."""

    def leave(self, participant: str, parting: Parting | None) -> None:
        """Take somebody's place and close their connections with this word."""
        ...


class _Numbered(msgspec.Struct):
    n: int = 0


_NUMBERED = msgspec.json.Decoder(_Numbered)


class Orders:
    """Carries out the commands of one stage's participants."""

    def __init__(
        self, stage: Stage, floor: Floor, of_studio: StudioCommand, decided: Decided
    ) -> None:
        self._stage = stage
        self._floor = floor
        self._of_studio = of_studio
        self._decided = decided

    async def obey(self, participant: str, text: str | bytes, peer: Peer, now: Moment) -> None:
        """Carry out one command and acknowledge it; RostraError says why it is refused."""
        command = stagelink.read_up(text)
        leaving: Leaving = STAY
        if isinstance(command, OfStudio):
            check(self._floor, participant, command)
            await self._of_studio(participant, command)
        else:
            leaving = carry_out(self._floor, participant, command, now)
            self._decided(participant, command)
        peer.send_text(stagelink.pack(Ack(n=command.n)))
        for who, parting in leaving:
            self._stage.leave(who, parting)


def command_number(text: str | bytes) -> int:
    """The `n` of a command that could not be carried out, 0 if it cannot be read."""
    if len(text) > DATA_CHANNEL_BYTES_MAX:
        return 0
    try:
        return _NUMBERED.decode(text).n
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return 0
