"""A stage on loopback with a real clock thread, and what its tests say and hear."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import numpy as np

from rostra.domain.limits import SPEAKERS_MAX
from rostra.domain.space import Role
from rostra.stage.drivers.opus import Decoder, Encoder
from rostra.stage.drivers.room import StageRoom
from rostra.stage.drivers.speaker import Speaker
from rostra.stage.drivers.talk import OfStudio
from rostra.stage.drivers.webrtc import WebRtcEngine
from rostra.stage.facts import StageFacts
from rostra.stage.floor import Floor
from rostra.stage.levels import Block
from rostra.wire.messages import Answer

RATE = 48_000


def tone(hertz: float, seconds: float, level: float = 0.2) -> Block:
    times = np.arange(int(RATE * seconds)) / RATE
    return (level * np.sin(2 * np.pi * hertz * times)).astype(np.float32)


def coded(pcm: Block) -> Iterator[bytes]:
    encoder = Encoder()
    for start in range(0, len(pcm) - 959, 960):
        yield encoder.encode(pcm[start : start + 960])


def power_db(pcm: Block, hertz: float) -> float:
    """Power at one frequency in dB relative to a full-scale sine, by a windowed correlation."""
    window = np.hanning(len(pcm))
    turn = np.exp(-2j * np.pi * hertz * np.arange(len(pcm)) / RATE)
    amplitude = 2 * abs(np.sum(pcm * window * turn)) / window.sum()
    return float(20 * np.log10(max(amplitude, 1e-9)))


@dataclass
class Ear:
    """What a speaker hears, as packets in order of arrival."""

    packets: list[bytes] = field(default_factory=list)
    arrivals_us: list[int] = field(default_factory=list)
    more: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, sequence: int, timestamp: int, payload: bytes, arrival_us: int) -> None:
        assert 0 <= sequence < 1 << 16
        assert 0 <= timestamp < 1 << 32
        self.packets.append(payload)
        self.arrivals_us.append(arrival_us)
        self.more.set()

    async def next(self, count: int) -> Block:
        """The next `count` packets from now on, decoded (with the codec warmed up by older)."""
        start = len(self.packets)
        async with asyncio.timeout(count * 0.02 + 5):
            while len(self.packets) < start + count:
                self.more.clear()
                await self.more.wait()
        decoder = Decoder()
        warm = max(start - 10, 0)
        blocks = [decoder.decode(packet) for packet in self.packets[warm : start + count]]
        return np.concatenate(blocks[start - warm :])


@dataclass
class Rig:
    room: StageRoom
    engine: WebRtcEngine
    floor: Floor
    commands: list[tuple[str, OfStudio]] = field(default_factory=list)
    mixes: list[Block] = field(default_factory=list)
    changes: int = 0

    async def speaker(
        self, participant: str, pcm: Block, ear: Ear | None = None, role: Role = Role.SPEAKER
    ) -> Speaker:
        speaker = Speaker(coded(pcm), ear.hear if ear else None)

        async def post(sdp: str) -> Answer:
            answer = await self.room.join(participant, participant.title(), role, sdp, "again")
            return Answer(sdp=answer, participant=participant, resume="again")

        await speaker.connect(post)
        return speaker


def _tick(room: StageRoom, mixes: list[Block], stop: threading.Event) -> None:
    start = time.monotonic_ns()
    block = 0
    while not stop.wait(max(0.0, (start + block * 20_000_000 - time.monotonic_ns()) / 1e9)):
        mixes.append(room.step(block, time.monotonic_ns()).mix)
        block += 1


@asynccontextmanager
async def stage(state: str = "lobby", speakers_max: int = SPEAKERS_MAX) -> AsyncIterator[Rig]:
    engine = WebRtcEngine()
    floor = Floor(speakers_max)
    rig: Rig

    async def on_command(participant: str, command: OfStudio) -> None:
        rig.commands.append((participant, command))

    def on_changed() -> None:
        rig.changes += 1

    room = StageRoom(
        engine, floor, lambda: StageFacts(title="Test", state=state), on_command, on_changed
    )
    # Its voices are held tones, which a guard must take for a howl; it has tests of its own.
    vars(room)["_console"]._howl.heard = lambda _, block: block
    rig = Rig(room, engine, floor)
    stop = threading.Event()
    clock = threading.Thread(target=_tick, args=(room, rig.mixes, stop))
    clock.start()
    try:
        yield rig
    finally:
        await room.close()
        await engine.close()
        stop.set()
        clock.join()
        assert engine.peers == 0
