"""Fixtures that every kind of test may ask for."""

from collections.abc import Iterator

import pytest
from tests.house import House


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One running house with two edges, shared by all tests that leave it as they found it."""
    one = House(tmp_path_factory.mktemp("house"))
    one.start()
    yield one
    assert one.stop() == 0


@pytest.fixture
def own_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house that the test may start, break and stop by itself; not started yet."""
    one = House(tmp_path_factory.mktemp("own"))
    yield one
    if one.process is not None:
        one.stop()
