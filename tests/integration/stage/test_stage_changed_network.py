"""A speaker's network goes away and another one comes: how long the others do not hear them."""

import asyncio
import os
import wave
from collections.abc import Callable
from pathlib import Path
from typing import cast

import numpy as np
from tests import figures
from tests.integration.stage.stage_rig import Ear, Rig, stage, tone
from tests.until import until

from rostra.domain.space import Role
from rostra.stage.drivers.opus import Decoder
from rostra.stage.drivers.speaker import Speaker, speak
from rostra.wire.messages import Answer

GAP_S_MAX = 2.0
LOUD = 0.05
HZ = 700.0


class End(asyncio.DatagramProtocol):
    """One end of a relay: what comes in goes out by the other, unless the path is cut."""

    def __init__(self) -> None:
        self.other: End
        self.to: tuple[str, int] | None = None
        self.is_cut = False
        self.passed = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.to = self.to or addr
        if not self.is_cut and self.other.to is not None:
            self.passed += 1
            self.other.transport.sendto(data, self.other.to)


class Network:
    """The only way between a speaker and the studio: a relay of its own for each offer."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._ends: list[End] = []
        self.paths = 0

    async def post(self, sdp: str) -> Answer:
        """Take the offer to the studio; neither side learns the other's address."""
        without = [line for line in sdp.split("\r\n") if not line.startswith("a=candidate")]
        answer = await self._rig.room.join(
            "file", "File", Role.SPEAKER, "\r\n".join(without), "again"
        )
        return Answer(await self._hidden(answer), "file", "again")

    async def _hidden(self, answer: str) -> str:
        """The answer with the relay's address in place of the studio's."""
        self.paths += 1
        lines = answer.split("\r\n")
        known = [line.split()[4:6] for line in lines if line.startswith("a=candidate")]
        address, port = next(one for one in known if "." in one[0])
        near, far = await self._end(address), await self._end(address)
        near.other, far.other = far, near
        far.to = (address, int(port))
        here = near.transport.get_extra_info("sockname")[1]
        relay = f"a=candidate:1 1 udp 2130706431 {address} {here} typ host"
        kept = "\r\n".join(line for line in lines if not line.startswith("a=candidate"))
        return kept.replace("a=end-of-candidates", f"{relay}\r\na=end-of-candidates")

    async def _end(self, address: str) -> End:
        loop = asyncio.get_running_loop()
        _, end = await loop.create_datagram_endpoint(End, local_addr=(address, 0))
        self._ends.append(end)
        return end

    def cut(self) -> None:
        for end in self._ends:
            end.is_cut = True

    def close(self) -> None:
        for end in self._ends:
            end.transport.close()


def written(path: Path) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes((tone(HZ, 4.0, 0.4) * 32_767).astype("<i2").tobytes())
    return path


def gaps_s(ear: Ear) -> list[float]:
    """Silences between loud packets, in seconds; packets come every 20 ms whoever speaks."""
    decoder = Decoder()
    loud = [float(np.abs(decoder.decode(packet)).max()) > LOUD for packet in ear.packets]
    heard = [number for number, is_loud in enumerate(loud) if is_loud]
    steps = np.diff(np.array(heard))
    return [float(step - 1) * 0.02 for step in steps if step > 1]


def heard_lately(ear: Ear) -> Callable[[], bool]:
    """Whether somebody is loud in the newest packets."""

    def lately() -> bool:
        decoder = Decoder()
        sound = [decoder.decode(packet) for packet in ear.packets[-15:]]
        return len(sound) == 15 and float(np.abs(sound[-1]).max()) > LOUD

    return lately


async def test_a_changed_network_is_a_gap_of_two_seconds_at_most(tmp_path: Path) -> None:
    async with stage() as rig:
        network, ear = Network(rig), Ear()
        listener = await rig.speaker("listener", tone(100.0, 0.1), ear)
        connected: list[Speaker] = []
        speaking = asyncio.create_task(
            speak(network.post, written(tmp_path / "talk.wav"), loop=True,
                  on_connected=connected.append)
        )  # fmt: skip
        await until(heard_lately(ear))
        await ear.next(25)
        network.cut()
        await until(lambda: len(connected) > 1)
        await until(heard_lately(ear))
        await ear.next(25)
        gap_s = max(gaps_s(ear))
        others = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))  # work that is not ours
        figures.show({"unheard_after_a_changed_network_s": round(gap_s, 2)})
        assert 0.5 < gap_s <= GAP_S_MAX * others
        assert network.paths == len(connected) == 2
        assert [person.id for person in rig.room.people()] == ["listener", "file"]
        speaking.cancel()
        await asyncio.gather(speaking, listener.close(), return_exceptions=True)
        network.close()
