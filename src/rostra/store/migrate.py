"""Brings a database to this version's tables, and refuses one that is newer."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, MetaData, inspect, text

from rostra.domain.errors import HouseError
from rostra.store.engine import transaction
from rostra.store.tables import metadata
from rostra.store.watch_tables import watch_metadata

HEAD: Final = "0002"
"""The desk's newest migration; a test holds it against the folder, so that Alembic is loaded only
when there is something to do (it costs a quarter of a second and several megabytes)."""
WATCH_HEAD: Final = "0001"
"""The watch's newest migration; as above."""


@dataclass(frozen=True, slots=True)
class History:
    """The migrations of one store: their folder beside this file, the newest, what they lead to."""

    folder: str
    head: str
    tables: MetaData


DESK: Final = History("migrations", HEAD, metadata)
WATCH: Final = History("watch_migrations", WATCH_HEAD, watch_metadata)


def migrate(engine: Engine, history: History = DESK) -> None:
    """Run what is missing; HouseError if the tables were made by a newer version."""
    found = _revision(engine)
    if found == history.head:
        return
    if found is not None and found > history.head:
        sentence = f"The database is at {found}, newer than this version knows ({history.head})."
        sentence += " Install the newer Rostra again."
        raise HouseError(sentence)
    _upgrade(engine, history)


def _revision(engine: Engine) -> str | None:
    with transaction(engine) as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        row = connection.execute(text("SELECT version_num FROM alembic_version")).first()
    return None if row is None else str(row[0])


def _upgrade(engine: Engine, history: History) -> None:
    from alembic import command  # noqa: PLC0415 - see HEAD
    from alembic.config import Config  # noqa: PLC0415 - see HEAD

    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / history.folder))
    config.attributes["tables"] = history.tables
    with transaction(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
