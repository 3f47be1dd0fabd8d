"""CPU of a house's studio at 20 speakers: stage, mixes, limiter, all three encoders, all it does.

    python -m benchmarks.studio [--speakers 20] [--seconds 15]

A real house with one live space; its studio alone on one core, house and speakers on another. The
speakers join by the space's link, through front door, desk and NATS, and all send at once.
"""

import argparse
import asyncio
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
import uvloop
from benchmarks import machine
from benchmarks.house import DemoHouse
from benchmarks.stage import WARM_S, Client, analyse

from rostra.stage.drivers.speaker import Speaker
from rostra.wire.messages import Answer

CALL_S = 20.0


async def join(client: Client, count: int, link: str, space: str) -> None:
    """Bring one speaker on stage by the space's link for speakers."""
    origin, ticket = link.split("/join/")

    async def post(sdp: str) -> Answer:
        body = {"ticket": ticket, "sdp": sdp, "name": f"Speaker {client.index + 1}"}
        async with httpx.AsyncClient(base_url=origin, timeout=CALL_S) as http:
            answer = await http.post(f"/api/v1/spaces/{space}/stage", json=body)
        answer.raise_for_status()
        return Answer(**answer.json())

    client.speaker = Speaker(client.sound(count), client.hear)
    await client.speaker.connect(post)


async def measure(house: DemoHouse, studio: int, count: int, seconds: float) -> dict[str, Any]:
    """Fill a new space's stage and return the figures."""
    house.rostra("space", "end", house.space)
    made = json.loads(house.rostra("space", "create", "--title", "Bench", "--at", "now", "--json"))
    clients = [Client(index) for index in range(count)]
    for client in clients:
        await join(client, count, made["speaker_url"], made["id"])
    await asyncio.sleep(WARM_S)
    before_s, start = machine.cpu_s(studio), time.monotonic()
    own_before_s = time.process_time()
    await asyncio.sleep(seconds)
    lasted_s = time.monotonic() - start
    used_s, own_s = machine.cpu_s(studio) - before_s, time.process_time() - own_before_s
    for client in clients:
        if client.speaker is not None:
            await client.speaker.close()
    return {
        "speakers": count,
        "seconds": round(lasted_s, 1),
        "studio_cores": round(used_s / lasted_s, 3),
        "clients_cores": round(own_s / lasted_s, 3),
        **analyse(clients, start),
    }


def main() -> None:
    """Read the options and print the figures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--speakers", type=int, default=20)
    options.add_argument("--seconds", type=float, default=15.0)
    given = options.parse_args()
    studio_core, load_core = machine.two_cores()
    with (
        tempfile.TemporaryDirectory() as folder,
        DemoHouse(Path(folder), load_core) as house,
    ):
        studio = house.pids()["studio"]
        machine.pin(studio, studio_core)
        os.sched_setaffinity(0, {load_core})
        print(json.dumps(uvloop.run(measure(house, studio, given.speakers, given.seconds))))


if __name__ == "__main__":
    main()
