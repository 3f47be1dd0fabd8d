"""Opens the watch's own store: a SQLite file below the data folder, and the books on it."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from rostra.store.engine import open_engine, sqlite_url
from rostra.store.migrate import WATCH, migrate

FILE = "watch.sqlite3"


@dataclass(frozen=True, slots=True)
class WatchStore:
    """What the watch keeps; `close` lets go of the file."""

    engine: Engine

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def open_watch_store(data: Path) -> WatchStore:
    """Open `watch.sqlite3` below `data`.

    Raises HouseError when it cannot be opened, or is newer than this version.
    """
    engine = open_engine(sqlite_url(data / FILE), "watch")
    migrate(engine, WATCH)
    return WatchStore(engine)
