"""One desk for each test that asks for it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from tests.integration.web.desk_kit import Desk, desk_on


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_on(tmp_path) as running:
        yield running
