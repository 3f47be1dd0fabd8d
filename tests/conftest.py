"""Fixtures that every kind of test may ask for."""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import settings
from tests.house import House

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

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


@pytest.fixture(autouse=True)
def _end_what_a_test_made() -> Iterator[None]:
    """The spaces of a test end with it, so that the next one has the machine to itself."""
    before = {id(one): len(one.created) for one in _SHARED}
    yield
    for one in _SHARED:
        one.end(*one.created[before.get(id(one), 0) :])


@pytest.fixture(scope="module", autouse=True)
def _end_what_a_file_made() -> Iterator[None]:
    """So do those of a file, which pages made, too."""
    yield
    for one in _SHARED:
        one.end(*one.running())


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
