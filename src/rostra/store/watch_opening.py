"""Opens the watch's own store: a SQLite file below the data folder, and the books on it."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from rostra.store.engine import open_engine, sqlite_url
from rostra.store.watch_sealing import sealing_at
from rostra.store.watch_sending import SqlOutbox
from rostra.store.watch_subscribers import SqlSubscribers
from rostra.store.watch_tables import watch_metadata

FILE = "watch.sqlite3"
SECRETS = "secrets"
"""The folder below the data folder that holds the key of subscribers' addresses."""


@dataclass(frozen=True, slots=True)
class WatchStore:
    """What the watch keeps; `close` lets go of the file."""

    engine: Engine
    subscribers: SqlSubscribers
    outbox: SqlOutbox

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def open_watch_store(data: Path) -> WatchStore:
    """Open `watch.sqlite3` below `data`; HouseError when it, or its key, cannot be opened."""
    engine = open_engine(sqlite_url(data / FILE))
    watch_metadata.create_all(engine)
    sealing = sealing_at(data / SECRETS)
    return WatchStore(engine, SqlSubscribers(engine, sealing), SqlOutbox(engine))
