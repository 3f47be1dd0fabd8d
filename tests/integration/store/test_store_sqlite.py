"""What only a SQLite file can do, and what only it can suffer."""

import sqlite3
import stat
from pathlib import Path

import pytest
from sqlalchemy import text

from rostra.domain.accounts import Account, AccountRole
from rostra.domain.errors import HouseError
from rostra.store import engine as engine_module
from rostra.store.opening import open_store

ADA = Account("ada", "Ada", AccountRole.MEMBER, 1_800_000_000_000_000)


def test_the_file_is_for_its_user_only_and_tuned(tmp_path: Path) -> None:
    store = open_store("", tmp_path)
    mode = (tmp_path / "desk.sqlite3").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600
    with store.engine.connect() as sql:
        pragmas = [
            sql.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "foreign_keys", "busy_timeout")
        ]
    assert pragmas == ["wal", 1, engine_module.BUSY_TIMEOUT_MS]
    store.close()


def test_what_is_no_database_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "desk.sqlite3").write_bytes(b"This is no database, but a text. " * 40)
    with pytest.raises(HouseError, match="not a database"):
        open_store("", tmp_path)


def test_a_folder_in_its_place_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "desk.sqlite3").mkdir()
    with pytest.raises(HouseError, match="cannot be opened"):
        open_store("", tmp_path)


def test_a_writer_waits_for_another_and_then_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "BUSY_TIMEOUT_MS", 50)
    store = open_store("", tmp_path)
    other = sqlite3.connect(tmp_path / "desk.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(HouseError, match="locked"):
        store.accounts.register(ADA, "hash", None)
    other.execute("ROLLBACK")
    other.close()
    store.accounts.register(ADA, "hash", None)
    store.close()
