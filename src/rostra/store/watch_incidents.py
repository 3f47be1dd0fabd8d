"""Incidents, announced work, events to tell, the operators' log and the alarms' state, in SQL."""

from collections.abc import Mapping
from typing import Final, TypeVar

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    delete,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from rostra.domain.errors import PeerError
from rostra.store.engine import transaction
from rostra.store.watch_tables import watch_metadata
from rostra.watch.events import Event
from rostra.watch.incidents import Change, Incident
from rostra.watch.maintenance import OVER, Maintenance, Work
from rostra.watch.ports import Action

COUNTED_MAX: Final = 5_000
"""Incidents that are read to count 90 days: fifty a day are no incidents any more."""

MAINTENANCES_MAX: Final = 200
"""Announced works that one reading holds."""

LOG_ROWS_MAX: Final = 500
"""Lines of the log that one reading holds; all of them are kept."""

TOLD_KEPT: Final = 1_000
"""Events that stay after they were told; older ones go."""

UNTOLD_MAX: Final = 100
"""Events that are handed on at once; the others follow at the next look."""

watch_incidents = Table(
    "watch_incidents",
    watch_metadata,
    Column("id", String(32), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("created_utc_us", BigInteger, nullable=False),
    Column("closed_utc_us", BigInteger, nullable=False),
    Column("body_json", Text, nullable=False),
    Index(None, "created_utc_us"),
    Index(None, "closed_utc_us"),
)

watch_maintenances = Table(
    "watch_maintenances",
    watch_metadata,
    Column("id", String(32), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("begins_utc_us", BigInteger, nullable=False),
    Column("over_utc_us", BigInteger, nullable=False),
    Column("body_json", Text, nullable=False),
    Index(None, "over_utc_us"),
)

watch_told = Table(
    "watch_told",
    watch_metadata,
    Column("n", Integer, primary_key=True, autoincrement=True),
    Column("id", String(64), nullable=False, unique=True),
    Column("told_utc_us", BigInteger, nullable=False),
    Column("body_json", Text, nullable=False),
    Index(None, "told_utc_us"),
)

watch_log = Table(
    "watch_log",
    watch_metadata,
    Column("n", Integer, primary_key=True, autoincrement=True),
    Column("utc_us", BigInteger, nullable=False),
    Column("by", String(60), nullable=False),
    Column("action", String(32), nullable=False),
    Column("subject", String(32), nullable=False),
    Column("detail_json", Text, nullable=False),
)

watch_vigils = Table(
    "watch_vigils",
    watch_metadata,
    Column("component", String(40), primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

_T = TypeVar("_T", Incident, Maintenance)


class ChangedError(PeerError):
    """Somebody else changed it since it was read (409)."""

    status = 409

    def __init__(self) -> None:
        super().__init__("Somebody else changed this a moment ago. Look at it again.")


class SqlIncidents:
    """`watch.ports.IncidentBook` in SQL; every method is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def open_or_recent(self, closed_after_utc_us: int) -> list[Incident]:
        """Incidents that are open, and those closed after a moment; newest first."""
        closed = watch_incidents.c.closed_utc_us
        wanted = select(watch_incidents.c.body_json).where(
            or_(closed == 0, closed > closed_after_utc_us)
        )
        newest = wanted.order_by(watch_incidents.c.created_utc_us.desc(), watch_incidents.c.id)
        with transaction(self._engine) as sql:
            return [_read(row.body_json, Incident) for row in sql.execute(newest)]

    def newest(self, rows: int) -> list[Incident]:
        """The newest incidents."""
        return self.since(0, rows)

    def since(self, created_after_utc_us: int, rows: int = COUNTED_MAX) -> list[Incident]:
        """Incidents made after a moment, newest first; `COUNTED_MAX` at most."""
        created = watch_incidents.c.created_utc_us
        wanted = (
            select(watch_incidents.c.body_json)
            .where(created > created_after_utc_us)
            .order_by(created.desc(), watch_incidents.c.id)
            .limit(rows)
        )
        with transaction(self._engine) as sql:
            return [_read(row.body_json, Incident) for row in sql.execute(wanted)]

    def incident(self, incident_id: str) -> Incident | None:
        """One incident, or None."""
        return self._one(watch_incidents, incident_id, Incident)

    def maintenances(self, ended_after_utc_us: int) -> list[Maintenance]:
        """Work that is not over, and what was over after a moment; by its beginning."""
        over = watch_maintenances.c.over_utc_us
        wanted = (
            select(watch_maintenances.c.body_json)
            .where(or_(over == 0, over > ended_after_utc_us))
            .order_by(watch_maintenances.c.begins_utc_us, watch_maintenances.c.id)
            .limit(MAINTENANCES_MAX)
        )
        with transaction(self._engine) as sql:
            return [_read(row.body_json, Maintenance) for row in sql.execute(wanted)]

    def maintenance(self, maintenance_id: str) -> Maintenance | None:
        """One piece of announced work, or None."""
        return self._one(watch_maintenances, maintenance_id, Maintenance)

    def keep(self, change: Change | Work, action: Action | None = None) -> None:
        """Write a change, its event and its line of the log, all or nothing; ChangedError (409)."""
        with transaction(self._engine) as sql:
            if isinstance(change, Work):
                work = change.maintenance
                over_utc_us = work.updated_utc_us if work.stage in OVER else 0
                row = {"begins_utc_us": work.begins_utc_us, "over_utc_us": over_utc_us}
                _write(sql, watch_maintenances, work, row)
            else:
                one = change.incident
                row = {"created_utc_us": one.created_utc_us, "closed_utc_us": one.closed_utc_us}
                _write(sql, watch_incidents, one, row)
            if change.event is not None:
                event = {"id": change.event.id, "told_utc_us": 0, "body_json": _json(change.event)}
                sql.execute(insert(watch_told).values(event))
            if action is not None:
                sql.execute(insert(watch_log).values(msgspec.structs.asdict(action)))

    def note(self, action: Action) -> None:
        """Add a line to the log."""
        with transaction(self._engine) as sql:
            sql.execute(insert(watch_log).values(msgspec.structs.asdict(action)))

    def log(self, rows: int) -> list[Action]:
        """The newest lines of the log, newest first."""
        wanted = select(watch_log).order_by(watch_log.c.n.desc()).limit(min(rows, LOG_ROWS_MAX))
        with transaction(self._engine) as sql:
            return [
                Action(row.utc_us, row.by, row.action, row.subject, row.detail_json)
                for row in sql.execute(wanted)
            ]

    def untold(self) -> list[Event]:
        """Events that were kept and not yet handed on, oldest first."""
        wanted = (
            select(watch_told.c.body_json)
            .where(watch_told.c.told_utc_us == 0)
            .order_by(watch_told.c.n)
            .limit(UNTOLD_MAX)
        )
        with transaction(self._engine) as sql:
            return [_read(row.body_json, Event) for row in sql.execute(wanted)]

    def told(self, event_id: str, utc_us: int) -> None:
        """An event has been handed on; the oldest of those that were are forgotten."""
        one = watch_told.c.id == event_id
        surplus = (
            select(watch_told.c.n)
            .where(watch_told.c.told_utc_us > 0)
            .order_by(watch_told.c.n.desc())
            .offset(TOLD_KEPT)
        )
        with transaction(self._engine) as sql:
            sql.execute(update(watch_told).where(one).values(told_utc_us=utc_us))
            sql.execute(delete(watch_told).where(watch_told.c.n.in_(surplus)))

    def vigils(self) -> dict[str, bytes]:
        """The alarms' state of each component."""
        with transaction(self._engine) as sql:
            return {row.component: row.body for row in sql.execute(select(watch_vigils))}

    def keep_vigils(self, vigils: Mapping[str, bytes]) -> None:
        """Keep the alarms' state over a restart."""
        rows = [{"component": one, "body": body} for one, body in vigils.items()]
        if not rows:
            return
        with transaction(self._engine) as sql:
            sql.execute(delete(watch_vigils).where(watch_vigils.c.component.in_(vigils)))
            sql.execute(insert(watch_vigils), rows)

    def _one(self, table: Table, its_id: str, of: type[_T]) -> _T | None:
        wanted = select(table.c.body_json).where(table.c.id == its_id)
        with transaction(self._engine) as sql:
            row = sql.execute(wanted).first()
        return None if row is None else _read(row.body_json, of)


def _write(
    sql: Connection, table: Table, thing: Incident | Maintenance, row: dict[str, int]
) -> None:
    """Write a thing over the revision that it was made from."""
    values = {**row, "revision": thing.revision, "body_json": _json(thing)}
    if thing.revision == 1:
        try:
            sql.execute(insert(table).values(id=thing.id, **values))
        except IntegrityError as error:
            raise ChangedError from error
        return
    before = (table.c.id == thing.id, table.c.revision == thing.revision - 1)
    if sql.execute(update(table).where(*before).values(values)).rowcount != 1:
        raise ChangedError


def _json(thing: Incident | Maintenance | Event) -> str:
    return msgspec.json.encode(thing).decode()


_Read = TypeVar("_Read")


def _read(body: str, of: type[_Read]) -> _Read:
    return msgspec.json.decode(body, type=of)
