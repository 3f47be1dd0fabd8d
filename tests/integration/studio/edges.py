"""Real edges beside an evening's studio, on its backbone; and listeners who speak plain HTTP."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.fakes.grid_messages import loop as hold_loop
from tests.integration.edge.edge_house import unchunked
from tests.integration.studio.evening import PATIENCE_S, SPACE
from tests.nats_server import Server
from tests.until import until

from rostra.app.edge_bridge import Bridge
from rostra.app.edge_child import Stock, assemble
from rostra.app.edge_crowd import shared_secret
from rostra.delivery.drivers.sockets import listen
from rostra.domain.ports import Backbone
from rostra.wire.drivers.nats import NatsBackbone
from rostra.wire.mp4_read import Emsg, Mp4Reader
from rostra.wire.notices import read as read_notice
from rostra.wire.states import EdgeInfo


class Listener:
    """One connection of push, and the notices that came on it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.notices: list[tuple[int, str, dict[str, Any]]] = []
        self._raw = b""
        self._read = 0
        self._boxes = Mp4Reader()

    async def hear(self) -> None:
        """Read for ever."""
        self._raw = (await self.reader.readuntil(b"\r\n\r\n"))[:0]
        while data := await self.reader.read(65_536):
            self._raw += data
            body, _ = unchunked(self._raw)
            for box in self._boxes.feed(body[self._read :]):
                if isinstance(box, Emsg):
                    notice = read_notice(box.payload)
                    self.notices.append((notice.pts_samples, notice.kind, notice.body))
            self._read = len(body)

    def told(self, kind: str) -> list[tuple[int, dict[str, Any]]]:
        """Notices of one kind, with their places in the sound."""
        return [(pts, body) for pts, one, body in self.notices if one == kind]


class Edge:
    """One edge process's loop and bridge, in threads of this one."""

    def __init__(self, server: Server, name: str, epoch: str) -> None:
        self._socket = listen("127.0.0.1", 0)
        self.port: int = self._socket.getsockname()[1]
        info = EdgeInfo(name, (f":{self.port}",))
        self.loop = assemble(self._socket, info, Stock(None, {}, hold_loop()), 100)
        password = server.passwords["edge"]
        self.loop.service.crowd.share(shared_secret(password))

        async def connect() -> Backbone:
            return await NatsBackbone.connect(server.url, "edge", password, name, must=False)

        self.bridge = Bridge(connect, self.loop, info, epoch)
        self._thread = threading.Thread(target=self.loop.run)
        self._thread.start()
        self.bridge.start()
        self._hearing: list[tuple[Listener, asyncio.Task[None]]] = []

    async def stop(self) -> None:
        """As a process that ends: nothing more is heard of it."""
        for listener, task in self._hearing:
            task.cancel()
            listener.writer.close()
        await asyncio.gather(*(task for _, task in self._hearing), return_exceptions=True)
        await asyncio.to_thread(self.bridge.stop)
        self.loop.stop()
        await asyncio.to_thread(self._thread.join)
        self._socket.close()
        assert self.loop.stats.turn_errors == 0

    async def ready(self) -> None:
        """Wait until it has a programme."""
        await until(lambda: SPACE in self.loop.hall.channels)
        await until(lambda: self.loop.hall.channels[SPACE].window.newest >= 0)

    async def ask(self, path: str, body: dict[str, object] | None = None) -> tuple[int, bytes]:
        """One request below `/live/SPACE/`: its status and body."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        payload = b"" if body is None else json.dumps(body).encode()
        method = "GET" if body is None else "POST"
        head = f"{method} /live/{SPACE}/{path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
        head += f"Content-Length: {len(payload)}\r\n\r\n" if payload else "\r\n"
        writer.write(head.encode() + payload)
        async with asyncio.timeout(PATIENCE_S):
            answer = await reader.read()
        writer.close()
        top, _, rest = answer.partition(b"\r\n\r\n")
        return int(top.split(b" ", 2)[1]), rest

    def knows(self, poll: str) -> bool:
        """Whether it has heard that this poll is open."""
        state = self.loop.service.directory.space(SPACE)
        return state is not None and state.poll is not None and state.poll.id == poll

    async def listen(self, name: str) -> Listener:
        """Open push as the listener of that id."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(f"GET /live/{SPACE}/push.mp4?l={name} HTTP/1.1\r\nHost: h\r\n\r\n".encode())
        listener = Listener(reader, writer)
        self._hearing.append((listener, asyncio.create_task(listener.hear())))
        return listener


@asynccontextmanager
async def edges(server: Server, *names: str) -> AsyncIterator[list[Edge]]:
    """Edges that have the programme; whatever is in the list at the end is stopped."""
    running = [Edge(server, name, f"{name} first") for name in names]
    try:
        for edge in running:
            await edge.ready()
        yield running
    finally:
        for edge in running:
            await edge.stop()
