"""The watch's own file: made and brought forward by its own migrations, and never the desk's."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from rostra.domain.errors import HouseError
from rostra.store.engine import open_engine, sqlite_url, transaction
from rostra.store.migrate import WATCH, WATCH_HEAD, migrate
from rostra.store.watch_opening import FILE, open_watch_store


def test_its_tables_are_those_of_its_books_and_at_its_own_head(tmp_path: Path) -> None:
    for _ in range(2):  # made, and opened again
        store = open_watch_store(tmp_path)
        with store.engine.connect() as sql:
            found = compare_metadata(MigrationContext.configure(sql), WATCH.tables)
            at = sql.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        store.close()
        assert (found, at) == ([], WATCH_HEAD)


def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    store = open_watch_store(tmp_path)
    with store.engine.begin() as sql:
        sql.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(HouseError, match="newer than this version"):
        migrate(store.engine, WATCH)
    store.close()


def test_a_file_that_cannot_be_used_is_a_sentence_that_names_whose_it_is(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"This is no database, but a text. " * 40)
    with pytest.raises(HouseError, match=r"The watch's database does not answer: .*not a database"):
        open_watch_store(tmp_path)
    (tmp_path / FILE).unlink()
    (tmp_path / FILE).mkdir()
    with pytest.raises(HouseError, match=r"The watch's database .* cannot be opened"):
        open_watch_store(tmp_path)


def test_a_sentence_about_the_desks_names_the_desk(tmp_path: Path) -> None:
    engine = open_engine(sqlite_url(tmp_path / "desk.sqlite3"))
    with (
        pytest.raises(HouseError, match="The desk's database does not answer"),
        transaction(engine) as sql,
    ):
        sql.execute(text("SELECT * FROM nothing"))
    engine.dispose()
