"""A TCP proxy on loopback that behaves like a far and narrow network."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

READ_BYTES = 4_096
"""Read at once: at 1 Mbit/s 33 ms, so that a rate is even."""


@dataclass(frozen=True)
class Way:
    """One direction: how long each byte is under way, and how many pass in a second."""

    delay_s: float
    bytes_per_s: float

    def times(self, now_s: float, free_s: float, size: int) -> tuple[float, float]:
        """When `size` bytes that came now arrive, and when the line is free again."""
        free_s = max(now_s, free_s) + size / self.bytes_per_s
        return free_s + self.delay_s, free_s


@asynccontextmanager
async def proxy(to_port: int, way: Way) -> AsyncIterator[int]:
    """Listen on a free port of loopback and pass everything on, both ways alike."""
    tasks: set[asyncio.Task[None]] = set()

    async def come(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await asyncio.sleep(way.delay_s)  # the SYN's own way
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", to_port)
        except OSError:
            writer.close()
            return
        for one in (_carry(reader, far_writer, way), _carry(far_reader, writer, way)):
            task = asyncio.create_task(one)
            tasks.add(task)
            task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(come, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: Way) -> None:
    loop, free_s = asyncio.get_running_loop(), 0.0
    queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(1_000)
    delivering = asyncio.create_task(_deliver(queue, writer))
    try:
        while data := await reader.read(READ_BYTES):
            due_s, free_s = way.times(loop.time(), free_s, len(data))
            await asyncio.sleep(free_s - loop.time())  # a full line takes no more: TCP feels it
            await queue.put((due_s, data))
        await queue.put((loop.time() + way.delay_s, b""))
        await delivering
    except OSError:
        pass
    finally:
        delivering.cancel()
        writer.close()


async def _deliver(
    queue: "asyncio.Queue[tuple[float, bytes]]", writer: asyncio.StreamWriter
) -> None:
    with contextlib.suppress(OSError):
        while True:
            due_s, data = await queue.get()
            await asyncio.sleep(due_s - asyncio.get_running_loop().time())
            if not data:
                return
            writer.write(data)
            await writer.drain()
