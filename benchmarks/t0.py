"""T0 on the second, in decoded sound, with a crowd connected, and who asks for what around it.

    python -m benchmarks.t0 [--quick] [--runs 20] [--listeners 1000] [--lead 28]

A real house with two edges. Each run plans a space some seconds ahead; a host comes by WebRTC and
says recorded speech; the crowd connects: push, AAC and MP3 at one edge, players of HLS at the
other. One listener of push decodes what it is sent: where the crossfade's middle lies by pts, and
how far what was said lies from its own time. Others note when the sample of T0 reaches them.
"""

import asyncio
import contextlib
import itertools
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import numpy as np
import uvloop
from benchmarks import bench, machine
from benchmarks.bench import Bench, Crowd
from benchmarks.crossfade import AROUND_SAMPLES, RATE_HZ, Pcm, lag, middle
from benchmarks.figures import Case, summary_ms
from benchmarks.house import DemoHouse
from benchmarks.machine import ROOT

from rostra.programme.drivers.decode import UnitDecoder, read_sound
from rostra.programme.drivers.loops import default_hold_pcm
from rostra.stage.drivers.opus import Encoder
from rostra.stage.drivers.speaker import Speaker
from rostra.stage.drivers.voice import SILENCE
from rostra.wire.messages import Answer
from rostra.wire.mp4_read import MediaFragment, Mp4Reader

SPEECH = ROOT / "tests" / "data" / "speech.opus"
LEAD_S = 28.0
"""From the plan to T0: a command, a host's WebRTC and 1,000 joins, on a busy machine."""
QUIET_BEFORE_S = 15.0
"""Everybody has to be there so long before T0: requests are counted from here on."""
AROUND_S = 5.0
PROBES = 40
"""Listeners among the crowd that note when each fragment comes."""
SHARES = {"aac": 0.05, "mp3": 0.05, "hls": 0.05}
"""Of the listeners; the others play push."""
HLS_POLL_MS = 1_920
"""A player asks once in a segment."""
SPEAKS_S = 0.7
"""After T0 the host begins to speak: the crossfade is found in what fades, alone."""
SPOKEN_S = (1.0, 4.5)
"""After T0: where what was said is looked for."""
LATE_SAMPLES_MAX = 24_000
SURE_MIN = 0.3
"""Correlation below which a run has not found its speech again."""
STUDIO_TRIES = 50
SERVER_FAULT = 500
BLOCK = 960
BLOCK_US = 20_000
US = 1_000_000


LATE_MAX = 5
"""Events whose crowd came too late, on a busy machine, and that are held again."""


class LateError(Exception):
    """Not everybody was there in time."""


class Voice:
    """A host's microphone: silent until the crossfade is over, then speech for ever.

    It knows when each sample was taken.
    """

    def __init__(self, speaks_us: int) -> None:
        self.pcm = read_sound(SPEECH)
        self._speaks_us = speaks_us
        self._asked_us: list[int] = []

    def packets(self) -> Iterator[bytes]:
        """Packets of 20 ms; the first is asked for when its 20 ms have been spoken."""
        encoder = Encoder()
        for number in itertools.count():
            self._asked_us.append(time.time_ns() // 1_000)
            at = np.arange(number * BLOCK, (number + 1) * BLOCK) % len(self.pcm)
            speaks = self._asked_us[-1] > self._speaks_us
            yield encoder.encode(self.pcm[at] if speaks else SILENCE)

    def said(self, from_utc_us: int, samples: int) -> Pcm:
        """What was spoken from a moment on.

        A busy machine asks for packets late, never early: the earliest of those around tells when
        the microphone began, as far as it has not lost the thread since.
        """
        end_us = from_utc_us + samples * US // RATE_HZ
        around = [
            asked - number * BLOCK_US
            for number, asked in enumerate(self._asked_us)
            if from_utc_us < asked < end_us
        ]
        first = (from_utc_us - min(around) + BLOCK_US) * RATE_HZ // US
        at = np.arange(first, first + samples) % len(self.pcm)
        return self.pcm[at]


@dataclass
class Probe:
    """A listener of push: when each fragment came; one of them keeps the sound."""

    keeps: bool = False
    came: list[tuple[int, int, int]] = field(default_factory=list)
    """First pts, end, and when by the clock of the machine, µs."""
    units: dict[int, bytes] = field(default_factory=dict)

    async def listen(self, port: int, space: str) -> None:
        """Until cancelled, or the stream ends."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = f"GET /live/{space}/push.mp4 HTTP/1.1\r\nHost: localhost\r\n\r\n"
        writer.write(head.encode())
        await reader.readuntil(b"\r\n\r\n")
        mp4 = Mp4Reader()
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, ValueError):
            while size := int(await reader.readline(), 16):
                for item in mp4.feed(await reader.readexactly(size)):
                    if isinstance(item, MediaFragment):
                        self._take(item)
                await reader.readexactly(2)
        writer.close()

    def _take(self, item: MediaFragment) -> None:
        self.came.append((item.base_pts, item.end_pts, time.time_ns() // 1_000))
        if self.keeps:
            self.units |= {item.base_pts + 1_024 * n: one for n, one in enumerate(item.units)}

    def heard_us(self, pts: int) -> int | None:
        """When the fragment with this sample came."""
        return next((at for first, end, at in self.came if first <= pts < end), None)

    def sound(self) -> tuple[int, Pcm]:
        """What was decoded, and the pts of its first sample."""
        first = min(self.units)
        decoder = UnitDecoder()
        wanted = range(first, max(self.units) + 1, 1_024)
        return first, np.concatenate([decoder.feed(self.units[pts]) for pts in wanted])


class Event:
    """One scheduled event: its space, its T0, and who is there."""

    def __init__(self, kit: Bench, house: DemoHouse, listeners: int, lead_s: float) -> None:
        self.kit, self.house, self.listeners = kit, house, listeners
        self.t0_us = (time.time_ns() // 1_000 + int(lead_s * US)) // US * US
        at = datetime.fromtimestamp(self.t0_us / US, UTC).isoformat()
        made = house.rostra("space", "create", "--title", "T0", "--at", at, "--json")
        self.made: dict[str, str] = json.loads(made)
        self.voice = Voice(self.t0_us + int(SPEAKS_S * US))

    async def run(self) -> Case:
        """Gather everybody, let T0 pass, and say what was found."""
        space = self.made["id"]
        probes = [Probe(keeps=not number) for number in range(PROBES)]
        async with self._host(), self._listening(probes):
            with ExitStack() as crowds:
                await asyncio.to_thread(self._gather, crowds)
                self._must_be_before(QUIET_BEFORE_S)
                counts = [await self._counted(at) for at in (-QUIET_BEFORE_S, -AROUND_S, AROUND_S)]
                await self._at(AROUND_S + 2)
                state = await self._state()
        await asyncio.to_thread(self.house.rostra, "space", "end", space)
        return {**self._asked(counts), **self._heard(probes, state)}

    @contextlib.asynccontextmanager
    async def _host(self) -> AsyncIterator[None]:
        door, _, ticket = self.made["host_url"].rpartition("/")
        origin = door.rpartition("/")[0]
        path = f"/api/v1/spaces/{self.made['id']}/stage"

        async def post(sdp: str) -> Answer:
            async with httpx.AsyncClient(base_url=origin, timeout=20) as http:
                body = {"ticket": ticket, "sdp": sdp, "name": "Host"}
                answer = await http.post(path, json=body)
                for _ in range(STUDIO_TRIES):  # a studio that is only just taking the space
                    if answer.status_code < SERVER_FAULT:
                        break
                    await asyncio.sleep(0.2)
                    answer = await http.post(path, json=body)
            answer.raise_for_status()
            return Answer(**answer.json())

        speaker = Speaker(self.voice.packets())
        await speaker.connect(post)
        try:
            yield
        finally:
            await speaker.close()

    @contextlib.asynccontextmanager
    async def _listening(self, probes: list[Probe]) -> AsyncIterator[None]:
        port, space = self.house.edge_port(), self.made["id"]
        tasks = [asyncio.create_task(probe.listen(port, space)) for probe in probes]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _gather(self, crowds: ExitStack) -> None:
        """Connect the crowd; in a thread of its own."""
        stay_s = self.t0_us / US - time.time() + AROUND_S + 4
        port, live = self.house.edge_port(), f"/live/{self.made['id']}"
        count = {kind: max(1, int(self.listeners * share)) for kind, share in SHARES.items()}
        push = max(1, self.listeners - sum(count.values()) - PROBES)
        playlist = self._playlist(live)
        asked = [
            Crowd(port, f"{live}/push.mp4", push, stay_s),
            Crowd(port, f"{live}/stream.aac", count["aac"], stay_s),
            Crowd(port, f"{live}/stream.mp3", count["mp3"], stay_s, gap_ms=1_000),
            Crowd(self.house.edge_port(1), playlist, count["hls"], stay_s,
                  gap_ms=HLS_POLL_MS, joins_per_s=200, program="crowd_hls"),
        ]  # fmt: skip
        running = [(crowds.enter_context(self.kit.crowd(one)), one.listeners) for one in asked]
        for crowd, listeners in running:
            crowd.joined(listeners)

    def _playlist(self, live: str) -> str:
        """The playlist's path, once the edge of HLS has a segment to name in it."""
        edge = f"http://127.0.0.1:{self.house.edge_port(1)}"
        while True:
            state = httpx.get(f"{edge}{live}/state.json")
            run = state.json()["run"] if state.status_code == httpx.codes.OK else ""
            path = f"{live}/{run}/aac/audio.m3u8"
            if run and "#EXTINF" in httpx.get(edge + path).text:
                return path
            self._must_be_before(QUIET_BEFORE_S)
            time.sleep(0.2)

    async def _at(self, seconds: float) -> None:
        """Return so many seconds after T0."""
        await asyncio.sleep(self.t0_us / US + seconds - time.time())

    def _must_be_before(self, seconds: float) -> None:
        if time.time() > self.t0_us / US - seconds:
            raise LateError

    async def _counted(self, at_s: float) -> Case:
        """The edges' own counters at a moment around T0."""
        await self._at(at_s)
        one, two = [await asyncio.to_thread(self.house.edge_counters, index) for index in range(2)]
        return {
            "streams": one["rostra_edge_requests_total"],
            "joins": one["rostra_edge_joins_total"],
            "hls": two["rostra_edge_requests_total"],
            "filled": one["rostra_edge_filled_total"],
            "listening": one["rostra_edge_connections"] + two["rostra_edge_connections"],
        }

    async def _state(self) -> dict[str, Any]:
        path = f"http://127.0.0.1:{self.house.edge_port()}/live/{self.made['id']}/state.json"
        async with httpx.AsyncClient() as http:
            state: dict[str, Any] = (await http.get(path)).json()
        if state["state"] != "live" or state["t0_utc_us"] != self.t0_us:
            machine.stop(f"The space did not begin at its T0: {state}")
        return state

    @staticmethod
    def _asked(counts: list[Case]) -> Case:
        before, begin, end = counts
        return {
            "listening": int(begin["listening"]),
            "streams_asked": int(end["streams"] - begin["streams"]),
            "joins": int(end["joins"] - begin["joins"]),
            "filled": int(end["filled"] - before["filled"]),
            "hls_before": int(begin["hls"] - before["hls"]),
            "hls_around": int(end["hls"] - begin["hls"]),
        }

    def _heard(self, probes: list[Probe], state: dict[str, Any]) -> Case:
        """Where the middle lies, where speech lies, and when the sample of T0 came to whom."""
        epoch_us = state["epoch_utc_us"] + state["stepped_us"]
        t0_pts = (self.t0_us - epoch_us) * RATE_HZ // US
        first, pcm = probes[0].sound()
        begin, end = (t0_pts - first + int(RATE_HZ * at) for at in SPOKEN_S)
        said = self.voice.said(self.t0_us + int(US * SPOKEN_S[0]), end - begin)
        late, surely = lag(pcm[begin:end], said, LATE_SAMPLES_MAX)
        around = slice(t0_pts - first - AROUND_SAMPLES, t0_pts - first + AROUND_SAMPLES)
        at = np.arange(t0_pts - AROUND_SAMPLES, t0_pts + AROUND_SAMPLES)
        hold = default_hold_pcm()
        off = middle(pcm[around], hold[at % len(hold)])
        came = [probe.heard_us(t0_pts) for probe in probes]
        return {
            "error_ms": round(off / 48, 1),
            "spoken_ms": round(late / 48, 1) if surely > SURE_MIN else None,
            "came_ms": [round((one - self.t0_us) / 1_000, 1) for one in came if one is not None],
        }


def measure(kit: Bench, runs: int, listeners: int, lead_s: float) -> Case:
    """One event after the other at one house."""
    limit = machine.raise_handles(2 * listeners)
    found: list[Case] = []
    folder = kit.folder / "house"
    folder.mkdir()
    with DemoHouse(folder, kit.load_core, edges=2) as house:
        for index, pid in enumerate(house.edge_pids()):
            machine.pin(pid, kit.server_core if not index else kit.load_core)
        house.rostra("space", "end", house.space)
        for number in range(runs + LATE_MAX):
            try:
                case = uvloop.run(Event(kit, house, listeners, lead_s).run())
            except LateError:
                print("The crowd came too late for T0: again. See --lead.", flush=True)
                continue
            found.append(case)
            shown = {key: value for key, value in case.items() if key != "came_ms"}
            print(f"run {number + 1}: {shown}", flush=True)
            if len(found) == runs:
                break
    came = [one for case in found for one in case["came_ms"]]
    return {
        "limit": limit,
        "runs": len(found),
        "listeners": listeners,
        "listening_least": min(case["listening"] for case in found),
        "error": summary_ms([abs(case["error_ms"]) for case in found]),
        "errors_ms": [case["error_ms"] for case in found],
        "spoken_ms": [one for case in found if (one := case["spoken_ms"]) is not None],
        "came": summary_ms(came),
        "streams_asked": sum(case["streams_asked"] for case in found),
        "joins": sum(case["joins"] for case in found),
        "filled": [case["filled"] for case in found],
        "hls_before": [case["hls_before"] for case in found],
        "hls_around": [case["hls_around"] for case in found],
    }


def main() -> None:
    """Measure, append a line to the history, and write the page anew."""
    parser = bench.options(__doc__)
    parser.add_argument("--runs", type=int, help="events one after the other (20; quick: 2)")
    parser.add_argument("--listeners", type=int, default=1_000)
    parser.add_argument("--lead", type=float, default=LEAD_S, help="seconds from plan to T0")
    given = parser.parse_args()
    runs = given.runs or (2 if given.quick else 20)
    bench.run("t0", lambda kit: measure(kit, runs, given.listeners, given.lead), dry=given.dry)


if __name__ == "__main__":
    main()
