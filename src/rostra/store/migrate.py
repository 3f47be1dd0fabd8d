"""Brings a database to this version's tables, and refuses one that is newer."""

import logging
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, inspect, text

from rostra.domain.errors import HouseError
from rostra.store.engine import transaction

HEAD: Final = "0002"
"""The newest migration; a test holds it against the folder, so that Alembic is loaded only
when there is something to do (it costs a quarter of a second and several megabytes)."""


def migrate(engine: Engine) -> None:
    """Run what is missing; HouseError if the tables were made by a newer version."""
    found = _revision(engine)
    if found == HEAD:
        return
    if found is not None and found > HEAD:
        sentence = f"The database is at {found}, newer than this version knows ({HEAD})."
        sentence += " Install the newer Rostra again."
        raise HouseError(sentence)
    _upgrade(engine)


def _revision(engine: Engine) -> str | None:
    with transaction(engine) as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        row = connection.execute(text("SELECT version_num FROM alembic_version")).first()
    return None if row is None else str(row[0])


def _upgrade(engine: Engine) -> None:
    from alembic import command  # noqa: PLC0415 - see HEAD
    from alembic.config import Config  # noqa: PLC0415 - see HEAD

    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with transaction(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
