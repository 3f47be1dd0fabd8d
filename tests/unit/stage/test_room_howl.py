"""A participant whose device howls is told so, and told again when they come back."""

import numpy as np
from tests.fakes.engine import MemoryEngine, MemoryPeer

from rostra.domain.space import Role
from rostra.stage.drivers.opus import Encoder
from rostra.stage.drivers.room import StageRoom
from rostra.stage.drivers.seat import Link
from rostra.stage.facts import StageFacts
from rostra.stage.floor import Floor
from rostra.wire.stagelink import Start, Told

BLOCKS = 90


async def nothing(participant: str, command: object) -> None:
    assert isinstance(command, Start), participant


async def enter(room: StageRoom, engine: MemoryEngine, who: str) -> MemoryPeer:
    await room.join(who, who.title(), Role.SPEAKER, "offer")
    peer = engine.peers[-1]
    peer.sink.connected()
    peer.sink.opened()
    return peer


async def test_the_one_who_howls_is_told_and_nobody_else() -> None:
    engine = MemoryEngine()
    room = StageRoom(engine, Floor(), StageFacts, nothing, lambda: None)
    anna, bert = await enter(room, engine, "anna"), await enter(room, engine, "bert")
    times = np.arange(BLOCKS * 960) / 48_000
    growing = np.minimum(1e-3 * 10 ** (1.5 * times), 0.5)
    sound = (growing * np.sin(2 * np.pi * 1_200 * times)).astype(np.float32)
    encoder = Encoder()
    link = anna.sink
    assert isinstance(link, Link)
    for number, block in enumerate(sound.reshape(-1, 960)):
        link.packet(number, number * 960, encoder.encode(block), number * 20_000)
        room.step(number, number * 20_000_000)
    await room.settled()
    assert anna.of(Told) == [Told(code="howl")]
    assert bert.of(Told) == []
    again = await enter(room, engine, "anna")
    assert again.of(Told) == [Told(code="howl")]
    await room.close()
