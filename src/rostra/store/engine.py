"""Opens a database and names whose it is and what is wrong when it does not answer."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, IntegrityError, SQLAlchemyError

from rostra.domain.errors import HouseError

BUSY_TIMEOUT_MS: Final = 5_000
"""How long SQLite waits for another writer (`rostra user create` beside the desk)."""

CONNECTIONS_MAX: Final = 5
"""As many as the desk has threads for its database, and one for the command line."""

POOL_WAIT_S: Final = 5.0
"""After this a request is told that the database is busy."""

SERVER_WAIT_S: Final = 5
"""How long a PostgreSQL server may take to let us in, or another writer to let go."""

_POSTGRESQL: Final = {
    "connect_timeout": SERVER_WAIT_S,
    "options": f"-c lock_timeout={SERVER_WAIT_S}s -c statement_timeout={2 * SERVER_WAIT_S}s",
}


WHOSE: Final = "rostra_whose"
"""The engine's execution option that says whose database it is, for sentences."""


def open_engine(url: str, whose: str = "desk") -> Engine:
    """An engine for `url`; SQLite files are created readable by their owner only.

    `whose` is the process that sentences name. Raises HouseError for an address that SQLAlchemy
    does not understand.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() != "sqlite":
            return create_engine(
                parsed,
                execution_options={WHOSE: whose},
                pool_size=CONNECTIONS_MAX,
                max_overflow=0,
                pool_timeout=POOL_WAIT_S,
                pool_pre_ping=True,  # a server that restarted costs no request
                connect_args=_POSTGRESQL if parsed.get_backend_name() == "postgresql" else {},
            )
        _create_private(parsed.database, whose)
        engine = create_engine(
            parsed,
            execution_options={WHOSE: whose},
            pool_size=CONNECTIONS_MAX,
            max_overflow=0,
            pool_timeout=POOL_WAIT_S,
            connect_args={"timeout": BUSY_TIMEOUT_MS / 1_000},
        )
    except (ArgumentError, ImportError) as error:
        sentence = f"database.url is not usable: {error}. Mend it in rostra.toml or ROSTRA_*."
        raise HouseError(sentence) from error
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def sqlite_url(path: Path) -> str:
    """The address of a SQLite file."""
    return f"sqlite:///{path}"


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """One transaction; foreign errors become HouseError, broken uniqueness stays visible."""
    try:
        with engine.begin() as connection:
            yield connection
    except IntegrityError:
        raise
    except SQLAlchemyError as error:
        cause = getattr(error, "orig", None) or error
        whose = engine.get_execution_options().get(WHOSE, "desk")
        sentence = f"The {whose}'s database does not answer: {cause}. See its disk and its address."
        raise HouseError(sentence) from error


def _create_private(database: str | None, whose: str) -> None:
    if not database or database == ":memory:" or database.startswith("file:"):
        return
    path = Path(database)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        sentence = f"The {whose}'s database {path} cannot be opened: {error.strerror}."
        raise HouseError(sentence) from error


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - DB-API object
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
