"""One evening for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.integration.studio.evening import Evening
from tests.nats_server import Server


@pytest.fixture
async def evening(tmp_path: Path) -> AsyncIterator[Evening]:
    server = Server(tmp_path)
    await server.start()
    one = Evening(server, tmp_path)
    await one.begin()
    yield one
    await one.end()
    await server.close()
