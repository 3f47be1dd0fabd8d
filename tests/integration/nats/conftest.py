"""A real NATS server with the house's real configuration, on a port of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.nats_server import Server

from rostra.wire.drivers.nats import NatsBackbone, furnish


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    one = Server(tmp_path)
    await one.start()
    yield one
    await one.close()


@pytest.fixture
async def studio(server: Server) -> NatsBackbone:
    one = await server.client("studio")
    await furnish(one)
    return one
