"""Opens the watch's own store: a SQLite file below the data folder, and the books on it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, event

from rostra.store.engine import open_engine, sqlite_url
from rostra.store.migrate import WATCH, migrate
from rostra.store.watch_incidents import SqlIncidents
from rostra.store.watch_reports import SqlReports

FILE = "watch.sqlite3"

_PRAGMAS: Final = (
    # What was answered has to be there after a loss of power too, not only of the process.
    "synchronous=FULL",
    # What is deleted is overwritten: the keys of reporters' hashes shall be gone.
    "secure_delete=ON",
)


@dataclass(frozen=True, slots=True)
class WatchStore:
    """What the watch keeps; `close` lets go of the file."""

    engine: Engine
    reports: SqlReports
    incidents: SqlIncidents

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def open_watch_store(data: Path) -> WatchStore:
    """Open `watch.sqlite3` below `data`.

    Raises HouseError when it cannot be opened, or is newer than this version.
    """
    engine = open_engine(sqlite_url(data / FILE), "watch")
    event.listen(engine, "connect", _prepare)
    migrate(engine, WATCH)
    return WatchStore(engine, SqlReports(engine, lambda: scrub(engine)), SqlIncidents(engine))


def scrub(engine: Engine) -> None:
    """Take deleted bytes off the disk: bring the log into the file, and cut the log to nothing.

    While another connection reads an older state this waits for the next time.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as sql:
        sql.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 - DB-API object
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
