"""What a participant may say over the data channel, and what the stage does about it."""

from collections.abc import Awaitable, Callable
from typing import Protocol

import msgspec

from rostra.domain.errors import PeerError
from rostra.domain.limits import DATA_CHANNEL_BYTES_MAX
from rostra.stage.floor import Floor
from rostra.stage.ports import Peer
from rostra.wire import stagelink
from rostra.wire.stagelink import Ack, Break, End, Later, Leave, Mute, Parting, Remove, Start

StartOrEnd = Callable[[str, Start | End | Break | Later], Awaitable[None]]


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

    def __init__(self, stage: Stage, floor: Floor, start_or_end: StartOrEnd) -> None:
        self._stage = stage
        self._floor = floor
        self._start_or_end = start_or_end

    async def obey(self, participant: str, text: str | bytes, peer: Peer) -> None:
        """Carry out one command and acknowledge it; RostraError says why it is refused."""
        command = stagelink.read_up(text)
        leaving: tuple[str, Parting] | None = None
        match command:
            case Mute():
                self._floor.mute(participant, command.who, on=command.on)
            case Leave():
                leaving = self._floor.place(participant).id, Parting.LEFT
            case Remove():
                place = self._floor.remove(participant, command.who)
                leaving = place.id, Parting.REMOVED
            case Start() | End():
                self._floor.require_host(participant, "start or end the space")
                await self._start_or_end(participant, command)
            case Break() | Later():
                self._floor.require_host(participant, "interrupt the space or move its start")
                await self._start_or_end(participant, command)
            case _:
                sentence = "The studio does not know this command yet."
                raise PeerError(sentence, status=501)
        peer.send_text(stagelink.pack(Ack(n=command.n)))
        if leaving is not None:
            self._stage.leave(*leaving)


def command_number(text: str | bytes) -> int:
    """The `n` of a command that could not be carried out, 0 if it cannot be read."""
    if len(text) > DATA_CHANNEL_BYTES_MAX:
        return 0
    try:
        return _NUMBERED.decode(text).n
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return 0
