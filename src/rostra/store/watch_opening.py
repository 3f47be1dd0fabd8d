"""Opens the watch's own store: a SQLite file below the data folder, and the books on it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, event

from rostra.store.engine import open_engine, sqlite_url
from rostra.store.migrate import WATCH, migrate
from rostra.store.watch_incidents import SqlIncidents
from rostra.store.watch_probes import SqlProbes
from rostra.store.watch_reports import SqlReports
from rostra.store.watch_sealing import sealing_at
from rostra.store.watch_sending import SqlOutbox
from rostra.store.watch_subscribers import SqlSubscribers

FILE = "watch.sqlite3"
SECRETS = "secrets"
"""The folder below the data folder that holds the key of subscribers' addresses."""

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
    probes: SqlProbes
    incidents: SqlIncidents
    subscribers: SqlSubscribers
    outbox: SqlOutbox

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def open_watch_store(data: Path) -> WatchStore:
    """Open `watch.sqlite3` below `data`.

    Raises HouseError when it, or the key of its addresses, cannot be opened, or when it is newer
    than this version.
    """
    engine = open_engine(sqlite_url(data / FILE), "watch")
    event.listen(engine, "connect", _prepare)
    migrate(engine, WATCH)
    sealing = sealing_at(data / SECRETS)
    return WatchStore(
        engine,
        reports=SqlReports(engine, lambda: scrub(engine)),
        probes=SqlProbes(engine),
        incidents=SqlIncidents(engine),
        subscribers=SqlSubscribers(engine, sealing),
        outbox=SqlOutbox(engine),
    )


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
