"""What only a PostgreSQL server can do to the desk: restart, hold a lock, be away."""

from pathlib import Path

import pytest
from sqlalchemy import text
from tests.postgres_server import Postgres

from rostra.domain.accounts import Account, AccountRole
from rostra.domain.errors import HouseError
from rostra.store import engine as engine_module
from rostra.store.opening import open_store

ADA = Account("ada", "Ada", AccountRole.MEMBER, 1_800_000_000_000_000)


def test_a_server_that_restarts_costs_no_request(postgres: Postgres, tmp_path: Path) -> None:
    store = open_store(postgres.fresh_database(), tmp_path)
    store.accounts.register(ADA, "hash", None)
    postgres.restart()
    assert store.accounts.credentials("ada") == (ADA, "hash")
    store.close()


def test_a_server_that_is_away_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(HouseError, match=r"does not answer: .*No such file"):
        open_store(f"postgresql+psycopg://postgres@/house?host={tmp_path}", tmp_path)


def test_a_lock_that_another_holds_is_a_sentence(
    postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres.fresh_database()
    options = {"options": "-c lock_timeout=50ms"}
    monkeypatch.setattr(engine_module, "_POSTGRESQL", options)
    store = open_store(url, tmp_path)
    with store.engine.begin() as other:
        other.execute(text("LOCK TABLE accounts IN EXCLUSIVE MODE"))
        with pytest.raises(HouseError, match="lock timeout"):
            store.accounts.register(ADA, "hash", None)
    store.accounts.register(ADA, "hash", None)
    store.close()


def test_the_plain_address_means_the_driver_that_is_installed(postgres: Postgres) -> None:
    url = postgres.fresh_database().replace("postgresql+psycopg", "postgresql")
    engine = engine_module.open_engine(url)
    with engine.connect() as sql:
        assert sql.execute(text("SHOW lock_timeout")).scalar_one() == "5s"
    assert engine.driver == "psycopg"
    engine.dispose()
