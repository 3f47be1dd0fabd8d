"""The backbone is killed under an edge with listeners: hold audio meanwhile, then the show."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from tests.fakes.grid_messages import loop as hold_loop
from tests.fakes.grid_messages import message, state
from tests.integration.edge.edge_house import WAIT_S, Client
from tests.nats_server import Server

from rostra.app.edge_bridge import Bridge
from rostra.app.edge_child import Stock, assemble
from rostra.delivery.drivers.loop import EdgeLoop
from rostra.delivery.drivers.sockets import listen
from rostra.domain.errors import HouseError
from rostra.domain.grid import MESSAGE_SAMPLES, SAMPLE_RATE_HZ, message_pts
from rostra.domain.ports import Backbone
from rostra.wire.drivers.nats import NatsBackbone, furnish
from rostra.wire.messages import pack, read_tally, to_json
from rostra.wire.mp4_read import MediaFragment, Mp4Reader
from rostra.wire.states import EdgeInfo

pytestmark = pytest.mark.timeout(60)

MESSAGE_S = MESSAGE_SAMPLES / SAMPLE_RATE_HZ
NAMES = ("push.mp4", "stream.aac", "stream.mp3")


@dataclass
class Place:
    """An edge on a real backbone, and the studio that feeds it."""

    edge: EdgeLoop
    studio: NatsBackbone
    address: tuple[str, int]
    number: int = 0

    @property
    def newest(self) -> int:
        channel = self.edge.hall.channels.get("hall")
        return channel.window.newest if channel else -1

    @property
    def real(self) -> bool:
        """Whether the newest message that went out is the studio's."""
        step = self.edge.hall.channels["hall"].window.get(self.newest)
        return step is not None and step.real

    async def say(self, count: int) -> None:
        """Send the next messages as fast as they go; lost ones stay lost."""
        for _ in range(count):
            try:
                await self.studio.publish("prog.hall", pack(message(self.number)))
            except HouseError:
                await asyncio.sleep(MESSAGE_S)
            self.number += 1


async def until(true: Callable[[], bool], what: str) -> None:
    deadline_s = time.monotonic() + WAIT_S
    while not true():
        assert time.monotonic() < deadline_s, f"waited {WAIT_S} s for: {what}"
        await asyncio.sleep(0.01)


@asynccontextmanager
async def place(server: Server) -> AsyncIterator[Place]:
    """An edge in threads of its own, on `server`, which is closed with it."""
    await server.start()
    studio = await server.client("studio")
    await furnish(studio)
    sock = listen("127.0.0.1", 0)
    info = EdgeInfo("edge-0", (f":{sock.getsockname()[1]}",))
    edge = assemble(sock, info, Stock(None, {}, hold_loop()), 10)

    async def connect() -> Backbone:
        password = server.passwords["edge"]
        return await NatsBackbone.connect(server.url, "edge", password, "edge-0", must=False)

    bridge = Bridge(connect, edge, info, "epoch")
    thread = threading.Thread(target=edge.run, daemon=True)
    thread.start()
    bridge.start()
    try:
        await until(lambda: edge.service.directory.loaded, "the backbone")
        await studio.put("state", "hall", to_json(state()))
        await until(lambda: "hall" in edge.hall.channels, "the space at the edge")
        yield Place(edge, studio, sock.getsockname())
    finally:
        bridge.stop()
        edge.stop()
        await asyncio.to_thread(thread.join, WAIT_S)
        sock.close()
        await server.close()


def join(at: Place, name: str) -> Client:
    client = Client(at.address)
    client.sock.sendall(f"GET /live/hall/{name} HTTP/1.1\r\nHost: t\r\n\r\n".encode())
    return client


def fragments(client: Client) -> list[MediaFragment]:
    boxes = Mp4Reader().feed(client.body()) if client.raw_body() else []
    return [box for box in boxes if isinstance(box, MediaFragment)]


async def test_listeners_stay_and_the_show_goes_on(tmp_path: Path) -> None:
    server = Server(tmp_path)
    async with place(server) as at:
        tallies: list[bytes] = []

        async def told(_subject: str, payload: bytes) -> None:
            tallies.append(payload)

        await at.studio.subscribe("tally.*", told)
        await at.say(20)
        await until(lambda: at.newest == 19, "the first messages")
        clients = [join(at, name) for name in NAMES]
        await until(lambda: at.edge.listeners == len(NAMES), "the listeners")
        server.kill()
        line = at.edge.hall.channels["hall"].line
        await until(lambda: line.filled > 9, "a second of hold audio")
        assert not at.real
        await server.start()
        told_before = len(tallies)
        async with asyncio.timeout(WAIT_S):
            while not at.real:
                at.number = at.newest + 2
                await at.say(1)
                await asyncio.sleep(MESSAGE_S)
        at.number = at.newest + 1
        first, last = at.number, at.number + 11
        await at.say(12)
        await until(lambda: at.newest >= last, "the show")
        push, aac, mp3 = clients
        await asyncio.to_thread(
            push.read_until,
            lambda c: bool(got := fragments(c)) and got[-1].end_pts > message_pts(last - 2),
            "the show in push",
        )
        wanted = message(first + 2)
        await asyncio.to_thread(aac.read_until, lambda c: wanted.aac[0] in c.data, "ADTS")
        await asyncio.to_thread(mp3.read_until, lambda c: wanted.mp3[0] in c.data, "MP3")
        assert all(a.end_pts == b.base_pts for a, b in pairwise(fragments(push)))
        for client in (aac, mp3):
            assert b"hold/" in client.data
        assert (at.edge.stats.joined, at.edge.stats.left) == (len(NAMES), 0)
        await until(lambda: len(tallies) > told_before + 1, "tallies again")
        [row] = read_tally(tallies[-1]).spaces
        assert (row.push, row.aac, row.mp3) == (1, 1, 1)
        await at.studio.put("state", "hall", to_json(state(title="Renamed")))
        directory = at.edge.service.directory
        await until(lambda: directory.space("hall") == state(title="Renamed"), "the watch again")
        for client in clients:
            client.sock.close()
