"""Fixtures that every kind of test may ask for."""

from collections.abc import Callable, Iterator

import pytest
from tests.house import House

_SHARED: list[House] = []
"""The running house that tests share, if one was asked for."""


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One running house with two edges, shared by all tests that leave it as they found it."""
    one = House(tmp_path_factory.mktemp("house"))
    one.start()
    _SHARED.append(one)
    yield one
    _SHARED.clear()
    assert one.stop() == 0


@pytest.fixture(scope="module", autouse=True)
def _leave_nothing_running() -> Iterator[None]:
    """A file's spaces end with it, so that the files after it have the machine to themselves."""
    yield
    for one in _SHARED:
        one.end_spaces()


@pytest.fixture
def house_behind(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[..., House]]:
    """Makes houses whose command line stands behind another's, as behind `nohup`."""
    made: list[House] = []

    def make(*before: str) -> House:
        made.append(House(tmp_path_factory.mktemp("own"), before=before))
        return made[-1]

    yield make
    for one in made:
        if one.process is not None:
            one.stop()


@pytest.fixture
def own_house(house_behind: Callable[..., House]) -> House:
    """A house that the test may start, break and stop by itself; not started yet."""
    return house_behind()
