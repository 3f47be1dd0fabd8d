"""Addresses of databases, the newest migration, and SQL that PostgreSQL reads too."""

from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

import rostra.store
from rostra.domain.errors import HouseError
from rostra.store.engine import open_engine
from rostra.store.migrate import DESK, HEAD, WATCH, WATCH_HEAD, History
from rostra.store.tables import metadata


@pytest.mark.parametrize(("history", "head"), [(DESK, HEAD), (WATCH, WATCH_HEAD)])
def test_the_head_is_the_folders_newest(history: History, head: str) -> None:
    config = Config()
    folder = Path(rostra.store.__file__ or "").parent / history.folder
    config.set_main_option("script_location", str(folder))
    assert ScriptDirectory.from_config(config).get_heads() == [head] == [history.head]


@pytest.mark.parametrize("url", ["nonsense", "://", "oracle9://x", "postgresql+nodriver://h/d"])
def test_a_bad_address_names_its_key(url: str) -> None:
    with pytest.raises(HouseError, match=r"database\.url"):
        open_engine(url)


def test_every_table_can_be_said_in_postgresql() -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # the library leaves it so
    said = [str(CreateTable(table).compile(dialect=dialect)) for table in metadata.sorted_tables]
    said += [
        str(CreateIndex(index).compile(dialect=dialect))
        for table in metadata.sorted_tables
        for index in table.indexes
    ]
    assert sum("CREATE TABLE" in one for one in said) == len(metadata.tables)
    history = next(one for one in said if "CREATE TABLE space_history" in one)
    assert "id BIGSERIAL" in history
