"""A real edge on real sockets, its backbone a fake in the bridge's own thread; and raw clients."""

import asyncio
import select
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from tests.fakes.backbone import FakeBackbone
from tests.fakes.grid_messages import loop as hold_loop
from tests.fakes.grid_messages import message, state

from rostra.app.edge_bridge import Bridge
from rostra.app.edge_child import Stock, assemble
from rostra.delivery.access import Access
from rostra.delivery.drivers.loop import EdgeLoop
from rostra.delivery.drivers.sockets import listen
from rostra.domain.ports import Backbone
from rostra.domain.space import State
from rostra.wire.messages import ProgrammeMessage, pack, to_json
from rostra.wire.states import EdgeInfo

WAIT_S = 10.0


def until(true: Callable[[], bool], what: str) -> None:
    """Wait for a condition; AssertionError names it."""
    deadline = time.monotonic() + WAIT_S
    while not true():
        assert time.monotonic() < deadline, f"waited {WAIT_S} s for: {what}"
        select.select([], [], [], 0.005)


@dataclass
class House:
    """One edge and its backbone."""

    edge: EdgeLoop
    bridge: Bridge
    backbone: FakeBackbone
    address: tuple[str, int]
    number: int = 0
    clients: list["Client"] = field(default_factory=list)

    def do(self, what: Awaitable[object]) -> None:
        """Run something in the backbone's thread, and wait for it."""

        async def run() -> None:
            await what

        asyncio.run_coroutine_threadsafe(run(), self.bridge.aio).result(WAIT_S)

    def say(self, now: State = State.LIVE, run: str = "run1") -> None:
        """Write the space's state, and wait until the edge knows it."""
        self.do(self.backbone.put("state", "hall", to_json(state(now, run))))
        directory = self.edge.service.directory
        until(lambda: directory.space("hall") == state(now, run), f"state {now} at the edge")

    def send(self, count: int, run: str = "run1", *, space: str = "hall") -> None:
        """Publish the next messages, and wait until the edge has let the last one out."""
        for _ in range(count):
            self.publish(message(self.number, run, space))
            self.number += 1
        last = self.number - 1
        until(lambda: self.newest(space) >= last, f"message {last} through the edge")

    def publish(self, what: ProgrammeMessage) -> None:
        """Publish one message."""
        self.do(self.backbone.publish(f"prog.{what.space}", pack(what)))

    def newest(self, space: str = "hall") -> int:
        """Number of the newest message that went out."""
        channel = self.edge.hall.channels.get(space)
        return channel.window.newest if channel else -1

    def client(
        self, request: bytes = b"", receive_buffer: int = 0, source: str = "127.0.0.1"
    ) -> "Client":
        """Connect from an address of this machine, and send `request`."""
        client = Client(self.address, receive_buffer, source)
        self.clients.append(client)
        client.sock.sendall(request)
        return client

    def get(self, path: str, headers: str = "", method: str = "GET") -> "Client":
        """Send one request."""
        head = f"{method} {path} HTTP/1.1\r\nHost: test\r\n{headers}\r\n"
        return self.client(head.encode())

    def listening(self, count: int) -> None:
        """Wait until so many streams are open."""
        until(lambda: self.edge.listeners == count, f"{count} listeners")


class Client:
    """A raw TCP client that keeps what it has read."""

    def __init__(
        self, address: tuple[str, int], receive_buffer: int = 0, source: str = "127.0.0.1"
    ) -> None:
        self.sock = socket.socket()
        self.sock.bind((source, 0))
        if receive_buffer:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.sock.settimeout(WAIT_S)
        self.sock.connect(address)
        self.data = b""
        self.ended = False

    def read_until(self, enough: Callable[["Client"], bool], what: str) -> "Client":
        """Read until `enough`; AssertionError if the stream ends or stalls before."""
        while not enough(self):
            assert not self.ended, f"the stream ended before: {what}"
            self._more()
        return self

    def read_to_end(self) -> "Client":
        """Read until the edge closes."""
        while not self.ended:
            self._more()
        return self

    def answer(self) -> "Client":
        """Read one whole answer with a Content-Length."""
        self.read_until(lambda c: b"\r\n\r\n" in c.data, "a head")
        length = int(self.headers().get("content-length", "0"))
        return self.read_until(lambda c: len(c.raw_body()) >= length, "a body")

    def _more(self) -> None:
        piece = self.sock.recv(65_536)
        self.data += piece
        self.ended = not piece

    @property
    def status(self) -> int:
        """The answer's status."""
        return int(self.data.split(b" ", 2)[1])

    def headers(self) -> dict[str, str]:
        """The answer's headers, names in lower case."""
        lines = self.data.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]
        pairs = (line.partition(": ") for line in lines)
        return {name.lower(): value for name, _, value in pairs}

    def raw_body(self) -> bytes:
        """What follows the head, framing included."""
        return self.data.partition(b"\r\n\r\n")[2]

    def body(self) -> bytes:
        """The body as far as its chunks are whole."""
        return unchunked(self.raw_body())[0]

    def finished(self) -> bool:
        """Whether the body ended with its last chunk."""
        return unchunked(self.raw_body())[1]


def unchunked(raw: bytes) -> tuple[bytes, bool]:
    """The whole chunks of `raw`, and whether the last chunk has come."""
    body, rest = b"", raw
    while b"\r\n" in rest:
        size_text, _, after = rest.partition(b"\r\n")
        size = int(size_text, 16)
        if size == 0:
            assert after == b"\r\n"
            return body, True
        if len(after) < size + 2:
            break
        assert after[size : size + 2] == b"\r\n"
        body, rest = body + after[:size], after[size + 2 :]
    return body, False


@contextmanager
def house(
    listeners_max: int = 100,
    stock: Stock | None = None,
    later: FakeBackbone | None = None,
    first: FakeBackbone | None = None,
    access: Access | None = None,
) -> Iterator[House]:
    """Run an edge for the length of a block.

    `first` is the backbone it finds, `later` the one when it connects again.
    """
    server = listen("127.0.0.1", 0)
    info = EdgeInfo("edge-0", (f":{server.getsockname()[1]}", "/e/edge-0"))
    stock = stock or Stock(None, {}, hold_loop())
    stock = stock if access is None else replace(stock, access=access)
    edge = assemble(server, info, stock, listeners_max)
    backbone = first or FakeBackbone()

    found = iter((backbone, *([later] if later else [])))

    async def connect() -> Backbone:
        return next(found, backbone)

    bridge = Bridge(connect, edge, info, "epoch")
    thread = threading.Thread(target=edge.run)
    thread.start()
    bridge.start()
    subject = House(edge, bridge, backbone, server.getsockname())
    try:
        until(lambda: edge.service.directory.loaded, "the backbone")
        yield subject
    finally:
        bridge.stop()
        edge.stop()
        thread.join(WAIT_S)
        for client in subject.clients:
            client.sock.close()
        server.close()
    assert not thread.is_alive()
    until(lambda: not bridge.alive, "the bridge's end")
    assert edge.stats.turn_errors == 0
