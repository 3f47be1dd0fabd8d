"""A running house for each test of the headless listener."""

from collections.abc import AsyncIterator

import pytest_asyncio
from tests.integration.listen.small_house import SmallHouse


@pytest_asyncio.fixture
async def house() -> AsyncIterator[SmallHouse]:
    async with SmallHouse() as running:
        yield running
