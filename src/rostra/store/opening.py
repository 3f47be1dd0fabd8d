"""Opens the store: the engine, its tables brought up to date, and the two books on them."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from rostra.store.accounts import SqlAccounts
from rostra.store.engine import open_engine, sqlite_url
from rostra.store.migrate import migrate
from rostra.store.spaces import SqlSpaces


@dataclass(frozen=True, slots=True)
class Store:
    """What the desk keeps; `close` lets go of the database."""

    engine: Engine
    accounts: SqlAccounts
    spaces: SqlSpaces

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def open_store(url: str, data: Path) -> Store:
    """Open the database at `url`, or `desk.sqlite3` below `data` if it is empty.

    Raises HouseError when it cannot be opened or is newer than this version.
    """
    engine = open_engine(url or sqlite_url(data / "desk.sqlite3"))
    migrate(engine)
    return Store(engine, SqlAccounts(engine), SqlSpaces(engine))
