"""A network between a browser and a house that can be cut: what is under way ends."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

CHUNK_BYTES = 65_536


class Wire:
    """Carries bytes both ways between `port` here and a port of the house."""

    def __init__(self, house_port: int) -> None:
        self._house_port = house_port
        self._writers: set[asyncio.StreamWriter] = set()
        self._whole = True
        self.port = 0

    def cut(self) -> None:
        """Like a phone that left one network: every connection is gone, and none can be made."""
        self._whole = False
        for writer in self._writers:
            writer.transport.abort()

    def mend(self) -> None:
        """There is a network again."""
        self._whole = True

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        if not self._whole:
            writer.transport.abort()
            return
        to_house = await asyncio.open_connection("127.0.0.1", self._house_port)
        self._writers |= {writer, to_house[1]}
        await asyncio.gather(_copy(reader, to_house[1]), _copy(to_house[0], writer))
        self._writers -= {writer, to_house[1]}


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(CHUNK_BYTES):
            writer.write(data)
            await writer.drain()
    writer.close()


@contextlib.asynccontextmanager
async def wire(house_port: int) -> AsyncIterator[Wire]:
    """A wire for the length of a block."""
    one = Wire(house_port)
    server = await asyncio.start_server(one.carry, "127.0.0.1", 0)
    one.port = server.sockets[0].getsockname()[1]
    try:
        yield one
    finally:
        one.cut()
        server.close()
