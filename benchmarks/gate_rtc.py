"""Speech over real UDP through the fault proxy into one engine; what it heard goes to a file.

    python -m benchmarks.gate_rtc ours|theirs CELLS.json OUT.npz

A process of its own for each engine: libwebrtc aborts when Python ends, so that it leaves by
`os._exit`. The packets are those of our encoder in both cases, and so are the faults.
"""

import asyncio
import contextlib
import json
import os
import resource
import sys
import threading
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from aiortc import RTCPeerConnection, RTCSessionDescription
from benchmarks.links import Faults, Link
from benchmarks.listening import RATE, Samples
from benchmarks.speech import BLOCK, coded, speech
from benchmarks.udp import Proxy, alone

from rostra.domain.space import Role
from rostra.stage.drivers.ice import adopt, configuration
from rostra.stage.drivers.room import StageRoom
from rostra.stage.drivers.talk import OfStudio
from rostra.stage.drivers.webrtc import Outlet, WebRtcEngine
from rostra.stage.facts import StageFacts
from rostra.stage.floor import Floor
from rostra.stage.ports import IceOptions

TAIL_S = 1.0
"""Recorded after the last packet."""
AGAIN_S = 0.03
"""Sound that comes this much after its place has had silence before it: no frame was handed out."""


class Ear(Protocol):
    """One engine's receiving end."""

    async def answer(self, offer: str) -> str:
        """Answer the sender's offer."""
        ...

    def tape(self, start_s: float) -> Samples:
        """What was heard since `start_s` (monotonic)."""
        ...

    async def close(self) -> None:
        """End."""
        ...


class Ours:
    """A stage of one speaker, whose mix is what was heard."""

    def __init__(self) -> None:
        async def refuse(_: str, __: OfStudio) -> None:
            return None

        self._room = StageRoom(WebRtcEngine(), Floor(), StageFacts, refuse, lambda: None)
        self._stop = threading.Event()
        self._mixes: list[tuple[float, Samples]] = []
        self._clock = threading.Thread(target=self._tick)
        self._clock.start()

    def _tick(self) -> None:
        start, block = time.monotonic(), 0
        while not self._stop.wait(max(0.0, start + block * 0.02 - time.monotonic())):
            mix = self._room.step(block, time.monotonic_ns()).mix
            self._mixes.append((start + block * 0.02, mix))
            block += 1

    async def answer(self, offer: str) -> str:
        """Join the stage, its microphone open."""
        return await self._room.join("one", "One", Role.SPEAKER, offer)

    def tape(self, start_s: float) -> Samples:
        """The mix."""
        return _placed([(at, mix) for at, mix in self._mixes if at >= start_s], start_s)

    async def close(self) -> None:
        """End the stage."""
        self._stop.set()
        self._clock.join()
        await self._room.close()


@cache
def _factory() -> Any:  # noqa: ANN401 - of a library without types
    """There may be one in a process."""
    import reactor_webrtc  # noqa: PLC0415 - only where it is measured

    return reactor_webrtc.PeerConnectionFactory()


class Theirs:
    """A peer of libwebrtc."""

    def __init__(self) -> None:
        import reactor_webrtc as rw  # noqa: PLC0415 - only where it is measured

        self._rw = rw
        self._frames: list[tuple[float, Samples]] = []
        observer = rw.PeerConnectionObserver()
        self._gathered = asyncio.Event()
        loop = asyncio.get_running_loop()
        self._candidates: list[str] = []

        def candidate(one: Any) -> None:  # noqa: ANN401 - of a library without types
            self._candidates.append(one.candidate)
            loop.call_soon_threadsafe(self._gathered.set)

        def track(_: object, one: Any) -> None:  # noqa: ANN401 - as above
            self._track = one
            one.on_audio_frame(self._hear)

        observer.on_ice_candidate = candidate
        observer.on_track = track
        self._factory = _factory()
        self._observer = observer
        self._pc = self._factory.create_peer_connection(rw.RtcConfiguration(), observer)

    def _hear(self, pcm: bytes, rate: int, channels: int, _: int) -> None:
        samples = np.frombuffer(pcm, dtype="<i2").reshape(-1, channels)[:, 0] / 32_768
        self._frames.append((time.monotonic(), samples.astype(np.float32).repeat(RATE // rate)))

    async def answer(self, offer: str) -> str:
        """Answer with the host's candidates."""
        rw = self._rw
        await self._pc.set_remote_description(rw.SessionDescription("offer", offer))
        answer = await self._pc.create_answer()
        await self._pc.set_local_description(answer)
        await asyncio.wait_for(self._gathered.wait(), 5)
        await asyncio.sleep(0.2)
        lines = "".join(f"a={one}\r\n" for one in self._candidates)
        return str(answer.sdp) + lines

    def tape(self, start_s: float) -> Samples:
        """Its frames of 10 ms; one that is all zero is not handed out."""
        return _placed([(at, one) for at, one in self._frames if at >= start_s], start_s)

    async def close(self) -> None:
        """Nothing: the process leaves without asking."""


def _placed(pieces: list[tuple[float, Samples]], start_s: float) -> Samples:
    """The pieces one after the other; a gap only where time has run away from them."""
    out, length = [], 0
    for at_s, piece in pieces:
        missing = at_s - start_s - length / RATE
        if missing > AGAIN_S or not length:
            silence = np.zeros(max(0, int(missing * 100)) * RATE // 100, dtype=np.float32)
            out.append(silence)
            length += len(silence)
        out.append(piece)
        length += len(piece)
    return np.concatenate(out) if out else np.zeros(0, dtype=np.float32)


async def one_cell(ear: Ear, faults: Faults, seed: int, packets: list[bytes]) -> Samples:
    """Send the packets in real time and give what was heard from the first one on."""
    ice = IceOptions()
    pc = RTCPeerConnection(configuration(ice))
    outlet = Outlet()
    transceiver = pc.addTransceiver(outlet, direction="sendonly")
    adopt(transceiver.receiver.transport.transport._connection, ice)  # noqa: SLF001 - pinned
    connected = asyncio.Event()

    def changed() -> None:
        if pc.connectionState == "connected":
            connected.set()

    pc.on("connectionstatechange", changed)
    proxy = Proxy(Link(faults, seed))
    await proxy.open()
    try:
        await pc.setLocalDescription(await pc.createOffer())
        answer = proxy.towards(await ear.answer(alone(pc.localDescription.sdp)))
        await pc.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        await asyncio.wait_for(connected.wait(), 20)
        await asyncio.sleep(0.5)
        start = time.monotonic()
        for number, packet in enumerate(packets):
            outlet.push(packet, number * BLOCK)
            await asyncio.sleep(max(0.0, start + (number + 1) * 0.02 - time.monotonic()))
        await asyncio.sleep(TAIL_S)
        return ear.tape(start)
    finally:
        outlet.stop()
        proxy.close()
        await ear.close()
        await pc.close()


async def run(make: Callable[[], Ear], cells: list[dict[str, Any]]) -> dict[str, Samples]:
    """Every cell at once, each with an ear of its own."""

    async def cell(one: dict[str, Any]) -> Samples:
        faults = Faults(**one["faults"])
        sound = speech(one["seconds"])
        return await one_cell(make(), faults, one["seed"], coded(sound))

    tapes = await asyncio.gather(*(cell(one) for one in cells))
    return {str(one["key"]): tape for one, tape in zip(cells, tapes, strict=True)}


def main() -> None:
    """Run what the arguments say and leave at once."""
    which, cells, out = sys.argv[1:]
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[0] if which == "ours" else cores[-1]})
    with contextlib.suppress(PermissionError):  # so that other work does not look like jitter
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    makers: dict[str, Callable[[], Ear]] = {"ours": Ours, "theirs": Theirs}
    tapes = asyncio.run(run(makers[which], json.loads(cells)))
    used = resource.getrusage(resource.RUSAGE_SELF)
    talked_s = sum(one["seconds"] for one in json.loads(cells))
    tapes["cpu"] = np.array([(used.ru_utime + used.ru_stime) / talked_s], dtype=np.float32)
    np.savez(Path(out), allow_pickle=False, **tapes)
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
