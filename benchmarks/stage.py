"""Measures the stage: 20 speakers at once, the studio on one core and the speakers on another.

Prints one JSON object: CPU of the studio's process in cores (its own rusage), latency from a
sample spoken to its packet at another speaker, and how far each speaker's own voice is down.
Each speaker sends a chirp of their own every second over a quiet tone. Usage:

    python -m benchmarks.stage [--speakers 20] [--seconds 15]
"""

import argparse
import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import uvloop
from numpy.typing import NDArray

from rostra.domain.space import Role
from rostra.stage.drivers.opus import Decoder, Encoder
from rostra.stage.drivers.room import StageRoom
from rostra.stage.drivers.speaker import Speaker
from rostra.stage.drivers.talk import OfStudio
from rostra.stage.drivers.webrtc import WebRtcEngine
from rostra.stage.facts import StageFacts
from rostra.stage.floor import Floor
from rostra.wire.messages import Answer

RATE = 48_000
BLOCK = 960
WARM_S = 3.0
CHIRP_S = 0.1

Samples = NDArray[np.float32]


def chirp(index: int) -> Samples:
    """A 100 ms sweep that no other speaker has: its own band, up or down."""
    low = 400 + 220 * index
    times = np.arange(int(RATE * CHIRP_S)) / RATE
    phase = 2 * np.pi * (low * times + 0.5 * (180 / CHIRP_S) * times**2)
    return (0.3 * np.hanning(len(times)) * np.sin(phase)).astype(np.float32)


def second(index: int, count: int) -> Samples:
    """One second of a speaker: noise like breath, and the chirp at a time of its own."""
    rng = np.random.default_rng(index)
    sound = rng.normal(0, 0.004, RATE).astype(np.float32)
    start = int(RATE * 0.85 * index / count)
    wave = chirp(index)
    sound[start : start + len(wave)] += wave
    return sound


def coded(index: int, count: int) -> Iterator[bytes]:
    """The speaker's second for ever, encoded once: clients must not cost what they measure."""
    encoder = Encoder()
    sound = second(index, count)
    blocks = [sound[start : start + BLOCK] for start in range(0, RATE, BLOCK)]
    for block in blocks:
        encoder.encode(block)
    packets = [encoder.encode(block) for block in blocks]
    while True:
        yield from packets


# -- the studio's process


async def studio(core: int) -> None:
    """Answers offers read as JSON lines; `{"usage": true}` prints the CPU used so far."""
    os.sched_setaffinity(0, {core})

    async def refuse(_: str, __: OfStudio) -> None:
        return None

    room = StageRoom(WebRtcEngine(), Floor(), StageFacts, refuse, lambda: None)
    stop = threading.Event()
    lags: list[float] = []
    clock = threading.Thread(target=tick, args=(room, stop, lags))
    clock.start()
    reader = asyncio.StreamReader(limit=1 << 20)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        request = json.loads(line)
        if "sdp" in request:
            answer = await room.join(request["id"], request["id"], Role.SPEAKER, request["sdp"])
            reply: dict[str, Any] = {"sdp": answer}
        else:
            usage = resource.getrusage(resource.RUSAGE_SELF)
            reply = {
                "cpu_s": usage.ru_utime + usage.ru_stime,
                "step_ms_median": statistics.median(lags[-500:]) * 1e3,
                "step_ms_max": max(lags[-500:]) * 1e3,
            }
        print(json.dumps(reply), flush=True)
    stop.set()
    clock.join()
    await room.close()


def tick(room: StageRoom, stop: threading.Event, lags: list[float]) -> None:
    """The studio's clock: one block every 20 ms."""
    start, block = time.monotonic_ns(), 0
    while not stop.wait(max(0.0, (start + block * 20_000_000 - time.monotonic_ns()) / 1e9)):
        before = time.monotonic()
        room.step(block, time.monotonic_ns())
        lags.append(time.monotonic() - before)
        block += 1


# -- the speakers' process


@dataclass
class Client:
    """One speaker of the crowd, with everything it sent and heard and when."""

    index: int
    speaker: Speaker | None = None
    sent: list[int] = field(default_factory=list)
    heard: list[tuple[int, int, bytes]] = field(default_factory=list)

    def sound(self, count: int) -> Iterator[bytes]:
        """The packets, noting when each is handed to the network."""
        for packet in coded(self.index, count):
            self.sent.append(time.monotonic_ns() // 1_000)
            yield packet

    def hear(self, _: int, timestamp: int, payload: bytes, arrival_us: int) -> None:
        """Note a packet."""
        self.heard.append((arrival_us, timestamp, payload))


class Pipe:
    """Requests to the studio's process, one at a time."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._lock = asyncio.Lock()

    async def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """One request, one answer."""
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError(self._process)
        async with self._lock:
            stdin.write(json.dumps(request).encode() + b"\n")
            reply: dict[str, Any] = json.loads(await stdout.readline())
            return reply


async def measure(count: int, seconds: float) -> dict[str, Any]:
    """Run a stage of `count` speakers and return the figures."""
    os.sched_setaffinity(0, {1})
    process = await asyncio.create_subprocess_exec(
        sys.executable, __file__, "--studio", "0",
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, limit=1 << 20,
    )  # fmt: skip
    pipe = Pipe(process)
    clients = [Client(index) for index in range(count)]
    for client in clients:
        await join(client, count, pipe)
    await asyncio.sleep(WARM_S)
    before, start = await pipe.ask({"usage": True}), time.monotonic()
    own_before = time.process_time()
    await asyncio.sleep(seconds)
    after, lasted = await pipe.ask({"usage": True}), time.monotonic() - start
    own = time.process_time() - own_before
    for client in clients:
        if client.speaker is not None:
            await client.speaker.close()
    if process.stdin is not None:
        process.stdin.close()
    await process.wait()
    return {
        "speakers": count,
        "seconds": round(lasted, 1),
        "studio_cores": round((after["cpu_s"] - before["cpu_s"]) / lasted, 3),
        "clients_cores": round(own / lasted, 3),
        "step_ms_median": round(after["step_ms_median"], 2),
        "step_ms_max": round(after["step_ms_max"], 2),
        **analyse(clients, start),
    }


async def join(client: Client, count: int, pipe: Pipe) -> None:
    """Connect one speaker."""
    name = f"speaker-{client.index}"

    async def post(sdp: str) -> Answer:
        reply = await pipe.ask({"id": name, "sdp": sdp})
        return Answer(sdp=reply["sdp"], participant=name, resume="")

    client.speaker = Speaker(client.sound(count), client.hear)
    await client.speaker.connect(post)


def analyse(clients: list[Client], start: float) -> dict[str, Any]:
    """Latency and rejection from what two of the clients heard after `start`."""
    latencies: list[float] = []
    rejections: list[float] = []
    for listener in clients[:2]:
        found = [strength(listener, speaker, len(clients), start) for speaker in clients]
        others = [item for index, item in enumerate(found) if index != listener.index]
        latencies += [ms for _, ms_list in others for ms in ms_list]
        own = found[listener.index][0]
        rejections.append(min(20 * np.log10(level / own) for level, _ in others))
    latencies.sort()
    return {
        "wire_latency_ms_median": round(statistics.median(latencies), 1),
        "wire_latency_ms_p95": round(latencies[int(len(latencies) * 0.95)], 1),
        "onsets": len(latencies),
        "own_voice_rejection_db": round(float(min(rejections)), 1),
    }


def strength(
    listener: Client, speaker: Client, count: int, start: float
) -> tuple[float, list[float]]:
    """How strong the speaker's chirp is at the listener, and its latency each time, in ms."""
    decoder = Decoder()
    packets = [item for item in listener.heard if item[0] / 1e6 > start]
    pcm = np.concatenate([decoder.decode(payload) for _, _, payload in packets])
    arrivals = np.array([arrival for arrival, _, _ in packets], dtype=np.float64)
    wave = chirp(speaker.index)
    size = 1 << (len(pcm) + len(wave)).bit_length()
    matched = np.fft.irfft(np.fft.rfft(pcm, size) * np.conj(np.fft.rfft(wave, size)))[: len(pcm)]
    matched = np.abs(matched) / float(np.dot(wave, wave))
    offset = int(RATE * 0.85 * speaker.index / count)
    latencies: list[float] = []
    peaks: list[float] = []
    for turn in range(len(speaker.sent) // 50):
        block = turn * 50 + offset // BLOCK
        if block >= len(speaker.sent) or speaker.sent[block] / 1e6 < start:
            continue
        # The packet that holds the first sample was sent when its 20 ms had been spoken.
        spoken_us = speaker.sent[block] - 20_000 + offset % BLOCK / RATE * 1e6
        first = int(np.searchsorted(arrivals, spoken_us)) * BLOCK
        window = matched[first : first + RATE // 2]
        if len(window) < RATE // 2:
            continue
        peak = int(np.argmax(window)) + first
        peaks.append(float(matched[peak]))
        latencies.append((arrivals[peak // BLOCK] - spoken_us) / 1e3)
    return statistics.median(peaks), latencies


def main() -> None:
    """Read the options and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--speakers", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--studio", type=int, default=None, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.studio is not None:
        uvloop.run(studio(options.studio))
        return
    figures = uvloop.run(measure(options.speakers, options.seconds))
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    Path(__file__).resolve(strict=True)
    main()
