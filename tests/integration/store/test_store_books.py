"""The store on real databases: accounts, sessions, spaces, migrations."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from rostra.domain.accounts import Account, AccountRole, InvitationError, NameTakenError
from rostra.domain.errors import HouseError
from rostra.domain.schedule import Happening, PlannedSpace
from rostra.domain.space import State
from rostra.store import engine as engine_module
from rostra.store.accounts import SESSIONS_PER_ACCOUNT_MAX
from rostra.store.migrate import HEAD, migrate
from rostra.store.opening import Store, open_store
from rostra.store.spaces import HISTORY_ROWS_MAX, UPCOMING_MAX

NOW = 1_800_000_000_000_000
HOUR = 3_600_000_000
ADA = Account("ada", "Ada", AccountRole.MEMBER, NOW)
SPACE = PlannedSpace("kaffee23", "Ein Abend", NOW, NOW, "ada", "Über …", "de", ("Ada", "Grace"))


@pytest.fixture
def store(database_url: str, tmp_path: Path) -> Iterator[Store]:
    opened = open_store(database_url, tmp_path)
    opened.accounts.register(ADA, "hash", None)
    yield opened
    opened.close()


def test_names_differ_in_more_than_case_and_form(store: Store) -> None:
    for name in ("ada", "ADA", "\uff21da", " Ada "):
        with pytest.raises(NameTakenError, match="is taken"):
            store.accounts.register(replace(ADA, id=name, name=name), "hash", None)
    assert store.accounts.count() == 1
    assert store.accounts.credentials("aDA") == (ADA, "hash")
    assert store.accounts.credentials("Grace") is None


def test_there_is_an_owner_once_one_came(store: Store) -> None:
    assert not store.accounts.has_owner()
    store.accounts.register(Account("o", "Owner", AccountRole.OWNER, NOW), "hash", None)
    assert store.accounts.has_owner()


def test_of_many_who_race_for_one_invitation_one_gets_it(store: Store) -> None:
    store.accounts.invite("word", AccountRole.OWNER, "ada", NOW + HOUR)

    def race(number: int) -> bool:
        account = Account(f"r{number}", f"Racer {number}", AccountRole.MEMBER, NOW)
        try:
            return store.accounts.register(account, "h", "word").role is AccountRole.OWNER
        except InvitationError:
            return False

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(race, range(8))) == [False] * 7 + [True]
    assert store.accounts.count() == 2
    assert not store.accounts.invitation_open("word", NOW)


@pytest.mark.parametrize(("word", "now"), [("word", NOW + HOUR), ("other", NOW)])
def test_an_invitation_that_is_over_or_unknown_is_not_open(
    store: Store, word: str, now: int
) -> None:
    store.accounts.invite("word", AccountRole.MEMBER, None, NOW + HOUR)
    assert store.accounts.invitation_open("word", NOW)
    assert not store.accounts.invitation_open(word, now)
    account = Account("g", "Grace", AccountRole.MEMBER, now)
    with pytest.raises(InvitationError):
        store.accounts.register(account, "h", word)
    assert store.accounts.credentials("Grace") is None


def test_the_oldest_session_goes_when_there_are_too_many(store: Store) -> None:
    for number in range(SESSIONS_PER_ACCOUNT_MAX + 1):
        store.accounts.open_session(f"s{number}", "ada", NOW + number, NOW + HOUR)
    assert store.accounts.session_account("s0", NOW) is None
    assert store.accounts.session_account("s1", NOW) == ADA
    newest = f"s{SESSIONS_PER_ACCOUNT_MAX}"
    assert store.accounts.session_account(newest, NOW + HOUR) is None
    store.accounts.close_session(newest)
    assert store.accounts.session_account(newest, NOW) is None


def test_a_space_comes_back_as_it_was_planned(store: Store) -> None:
    store.spaces.add(SPACE)
    assert store.spaces.get("kaffee23") == SPACE
    assert store.spaces.get("other") is None
    assert store.spaces.owned_by("ada") == [SPACE]
    assert store.spaces.cancel("other") is None


def test_a_space_that_is_over_stays_over(store: Store) -> None:
    store.spaces.add(SPACE)
    store.spaces.set_state("kaffee23", State.LIVE)
    assert [space.state for space in store.spaces.not_over()] == [State.LIVE]
    store.spaces.set_state("kaffee23", State.ENDED)
    store.spaces.set_state("kaffee23", State.LIVE)
    assert store.spaces.not_over() == []
    assert store.spaces.open_count("ada") == 0
    store.spaces.set_state("kaffee23", State.ARCHIVED)
    assert [space.state for space in store.spaces.owned_by("ada")] == [State.ARCHIVED]


def test_lists_have_an_end(store: Store) -> None:
    for number in range(UPCOMING_MAX + 3):  # two begin at the same time
        store.spaces.add(replace(SPACE, id=f"s{number:03}", t0_utc_us=NOW + number // 2))
    first = store.spaces.not_over()
    assert [space.id for space in first][-1] == f"s{UPCOMING_MAX - 1}"
    rest = store.spaces.not_over(first[-1])
    assert [space.id for space in rest] == [f"s{UPCOMING_MAX + more}" for more in range(3)]
    assert store.spaces.not_over(rest[-1]) == []
    assert len(store.spaces.owned_by("ada")) == UPCOMING_MAX


def test_history_keeps_its_newest_lines(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert HISTORY_ROWS_MAX >= 1_000
    monkeypatch.setattr("rostra.store.spaces.HISTORY_ROWS_MAX", 3)
    store.spaces.add(SPACE)
    store.spaces.add(replace(SPACE, id="other"))
    lines = [Happening("kaffee23", f"k{number}", NOW, "{}") for number in range(5)]
    for line in lines:
        assert store.spaces.keep(line)
        assert store.spaces.keep(replace(line, space="other"))
    assert not store.spaces.keep(replace(lines[0], space="nowhere"))
    assert store.spaces.history("kaffee23") == lines[2:]
    assert len(store.spaces.history("other")) == 3


def test_a_store_opens_again_with_what_it_held(database_url: str, tmp_path: Path) -> None:
    first = open_store(database_url, tmp_path)
    first.accounts.register(ADA, "hash", None)
    first.close()
    again = open_store(database_url, tmp_path)
    assert again.accounts.credentials("ada") == (ADA, "hash")
    again.close()


def test_as_many_connections_as_named_and_then_a_sentence(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "POOL_WAIT_S", 0.05)
    store = open_store(database_url, tmp_path)
    held = [store.engine.connect() for _ in range(engine_module.CONNECTIONS_MAX)]
    with pytest.raises(HouseError, match="does not answer"):
        store.accounts.has_owner()
    for one in held:
        one.close()
    assert not store.accounts.has_owner()
    store.close()


def test_a_database_of_a_newer_version_is_left_alone(store: Store) -> None:
    with store.engine.begin() as sql:
        sql.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(HouseError, match="newer than this version"):
        migrate(store.engine)


def test_migrating_twice_changes_nothing(store: Store) -> None:
    migrate(store.engine)
    with store.engine.connect() as sql:
        assert sql.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == HEAD
    assert store.accounts.count() == 1


def test_a_table_that_vanished_is_a_sentence(store: Store) -> None:
    with store.engine.begin() as sql:
        sql.execute(text("DROP TABLE sessions"))
    with pytest.raises(HouseError, match=r"does not answer: .*sessions"):
        store.accounts.session_account("x", NOW)


def test_tables_and_migrations_say_the_same(store: Store) -> None:
    from rostra.store.tables import metadata  # noqa: PLC0415 - only here

    found = inspect(store.engine)
    assert set(found.get_table_names()) == {*metadata.tables, "alembic_version"}
    for name, table in metadata.tables.items():
        there = {column["name"]: column["nullable"] for column in found.get_columns(name)}
        assert there == {column.name: bool(column.nullable) for column in table.columns}
        indices = {index["name"] for index in found.get_indexes(name)}
        assert indices >= {index.name for index in table.indexes}
