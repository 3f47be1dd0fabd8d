"""A real NATS server with the house's real configuration, on a port of its own."""

import asyncio
import subprocess
from pathlib import Path

from tests.house import free_block

from rostra.app.binaries import find_binary
from rostra.app.nats_config import ROLES, nats_config
from rostra.wire.drivers.nats import NatsBackbone

READY_WAIT_S = 10.0
KEPT_WAIT_S = 10.0


class Server:
    """A server that can be killed and started again on the same port and store."""

    def __init__(self, folder: Path) -> None:
        self.port = free_block()  # below the passing ports: it stays ours while we are down
        self.url = f"nats://127.0.0.1:{self.port}"
        self.passwords = {role: f"{role}-password" for role in ROLES}
        self._config = folder / "nats.conf"
        self._config.write_text(nats_config(self.port, -1, folder / "nats", self.passwords))
        self._process: subprocess.Popen[bytes] | None = None
        self._clients: list[NatsBackbone] = []

    async def start(self) -> None:
        self._process = subprocess.Popen(  # noqa: ASYNC220 - starting takes a millisecond
            [find_binary("nats-server"), "-c", str(self._config)], stderr=subprocess.DEVNULL
        )
        async with asyncio.timeout(READY_WAIT_S):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                except OSError:
                    await asyncio.sleep(0.02)
                    continue
                writer.close()
                await writer.wait_closed()
                return

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    async def client(self, role: str, *, must: bool = True) -> NatsBackbone:
        made = await NatsBackbone.connect(
            self.url, role, self.passwords[role], f"test {role}", must=must
        )
        self._clients.append(made)
        return made

    async def close(self) -> None:
        for client in self._clients:
            await client.close()
        self.kill()


async def kept_up_to(backbone: NatsBackbone, subject: str, last: bytes) -> list[bytes]:
    """What the memory stream holds, once it holds `last`: it stores beside those who hear."""
    async with asyncio.timeout(KEPT_WAIT_S):
        while not (kept := await backbone.recent(subject)) or kept[-1] != last:
            pass
    return kept
