"""Both databases that a house may keep its store in; the same tests hold for both."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.postgres_server import Postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    one = Postgres()
    yield one
    one.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'desk.sqlite3'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.fresh_database()
