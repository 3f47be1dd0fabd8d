"""A web server that does exactly what a test says, faults included."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Self

Writes = Callable[[asyncio.StreamWriter], Awaitable[None]]


def answer(body: bytes = b"well", status: str = "200 OK", headers: str = "") -> bytes:
    """A whole answer of HTTP/1.1."""
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return head.encode() + body


class FaultyServer:
    """Answers each path with bytes, or lets a function write; counts what was asked."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.paths: dict[str, bytes | Writes] = {}
        self.asked: list[str] = []
        self.heads: list[bytes] = []
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._visits: set[asyncio.Task[None]] = set()
        self._writers: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._visitor, "127.0.0.1", 0, ssl=self._tls)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for visit in self._visits:
            visit.cancel()
        await asyncio.gather(*self._visits, return_exceptions=True)
        for write in self._writers:
            write.transport.abort()
            with suppress(OSError):
                await write.wait_closed()

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://localhost:{self.port}"

    def _visitor(self, read: asyncio.StreamReader, write: asyncio.StreamWriter) -> None:
        visit = asyncio.create_task(self._visit(read, write))
        self._visits.add(visit)
        visit.add_done_callback(self._visits.discard)

    async def _visit(self, read: asyncio.StreamReader, write: asyncio.StreamWriter) -> None:
        self._writers.append(write)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
                head = await read.readuntil(b"\r\n\r\n")
                await self._answer(write, head)
        finally:
            write.close()

    async def _answer(self, write: asyncio.StreamWriter, head: bytes) -> None:
        path = head.split(b" ")[1].decode()
        self.asked.append(path)
        self.heads.append(head)
        told = self.paths.get(path, answer(b"nothing", "404 Not Found"))
        if isinstance(told, bytes):
            write.write(told)
            await write.drain()
        else:
            await told(write)


async def never(_write: asyncio.StreamWriter) -> None:
    """Says nothing for as long as the server lives."""
    await asyncio.Event().wait()


async def endless(write: asyncio.StreamWriter) -> None:
    """An answer that never ends."""
    write.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while not write.transport.is_closing():
        write.write(b"x" * 65_536)
        await write.drain()


async def endless_head(write: asyncio.StreamWriter) -> None:
    """Headers without end."""
    write.write(b"HTTP/1.1 200 OK\r\n")
    while not write.transport.is_closing():
        write.write(b"X-More: " + b"x" * 8_000 + b"\r\n")
        await write.drain()
