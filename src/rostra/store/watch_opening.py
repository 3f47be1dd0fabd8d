"""Opens the watch's own store: a SQLite file below the data folder, and the books on it."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from rostra.store.engine import open_engine, sqlite_url
from rostra.store.watch_incidents import SqlIncidents
from rostra.store.watch_tables import watch_metadata

FILE = "watch.sqlite3"


@dataclass(frozen=True, slots=True)
class WatchStore:
    """What the watch keeps; `close` lets go of the file."""

    engine: Engine
    incidents: SqlIncidents

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def open_watch_store(data: Path) -> WatchStore:
    """Open `watch.sqlite3` below `data`; HouseError when it cannot be opened."""
    engine = open_engine(sqlite_url(data / FILE))
    watch_metadata.create_all(engine)
    return WatchStore(engine, SqlIncidents(engine))
