"""Spaces as planned and what happened in them, in SQL."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from sqlalchemy import Engine, Row, delete, func, insert, select, tuple_, update

from rostra.domain.schedule import Happening, PlannedSpace
from rostra.domain.space import OVER, State
from rostra.store.engine import transaction
from rostra.store.tables import space_history, spaces

HISTORY_ROWS_MAX: Final = 5_000
"""Rows kept of one space: an evening has some hundred; beyond it the oldest go."""

UPCOMING_MAX: Final = 500
"""Spaces that one list holds: far more than a page can show."""

_NOT_OVER: Final = tuple(state.value for state in State if state not in OVER)


class SqlSpaces:
    """`web.ports.Spaces` in SQL; every method is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, space: PlannedSpace) -> None:
        """Keep a new space."""
        row = {
            "id": space.id,
            "title": space.title,
            "description": space.description,
            "language": space.language,
            "hosts_json": msgspec.json.encode(space.hosts).decode(),
            "t0_utc_us": space.t0_utc_us,
            "doors_before_s": space.doors_before_s,
            "owner": space.owner or None,
            "state": space.state.value,
            "cancelled": space.cancelled,
            "start_at_once": space.start_at_once,
            "created_utc_us": space.created_utc_us,
            "hold": space.hold,
            "announcements_json": msgspec.json.encode(dict(space.announcements)).decode(),
        }
        with transaction(self._engine) as sql:
            sql.execute(insert(spaces).values(row))

    def get(self, space_id: str) -> PlannedSpace | None:
        """The space of this id, or None."""
        with transaction(self._engine) as sql:
            row = sql.execute(select(spaces).where(spaces.c.id == space_id)).first()
        return None if row is None else _space(row)

    def not_over(self, after: PlannedSpace | None = None) -> list[PlannedSpace]:
        """The spaces that may still be heard, by T0: `UPCOMING_MAX`, or as many after `after`."""
        wanted = (
            select(spaces)
            .where(spaces.c.state.in_(_NOT_OVER), spaces.c.cancelled.is_(False))
            .order_by(spaces.c.t0_utc_us, spaces.c.id)
            .limit(UPCOMING_MAX)
        )
        if after is not None:
            place = (after.t0_utc_us, after.id)
            wanted = wanted.where(tuple_(spaces.c.t0_utc_us, spaces.c.id) > tuple_(*place))
        with transaction(self._engine) as sql:
            return [_space(row) for row in sql.execute(wanted)]

    def owned_by(self, account_id: str) -> list[PlannedSpace]:
        """An account's spaces, newest T0 first, the ended ones included."""
        wanted = (
            select(spaces)
            .where(spaces.c.owner == account_id)
            .order_by(spaces.c.t0_utc_us.desc(), spaces.c.id)
            .limit(UPCOMING_MAX)
        )
        with transaction(self._engine) as sql:
            return [_space(row) for row in sql.execute(wanted)]

    def open_count(self, account_id: str) -> int:
        """How many spaces of an account are not over."""
        wanted = (
            select(func.count())
            .select_from(spaces)
            .where(spaces.c.owner == account_id, spaces.c.state.in_(_NOT_OVER))
        )
        with transaction(self._engine) as sql:
            return int(sql.execute(wanted).scalar_one())

    def set_state(self, space_id: str, state: State) -> None:
        """Note the state that a studio told; a space that is over stays over."""
        known = update(spaces).where(spaces.c.id == space_id)
        if state not in OVER:
            known = known.where(spaces.c.state.in_(_NOT_OVER))
        with transaction(self._engine) as sql:
            sql.execute(known.values(state=state.value))

    def cancel(self, space_id: str) -> PlannedSpace | None:
        """Call a space off; returns it as it is now, or None if there is no such space."""
        known = update(spaces).where(spaces.c.id == space_id)
        with transaction(self._engine) as sql:
            sql.execute(known.values(cancelled=True, state=State.CANCELLED.value))
        return self.get(space_id)

    def furnish(self, space_id: str, names: Mapping[str, str]) -> PlannedSpace | None:
        """Note the objects of its hold audio (`hold`) and announcements; returns the space."""
        own = spaces.c.id == space_id
        with transaction(self._engine) as sql:
            row = sql.execute(select(spaces).where(own).with_for_update()).first()
            if row is None:
                return None
            before = _space(row)
            kept = {"hold": before.hold, **dict(before.announcements), **names}
            hold = kept.pop("hold")
            told = {kind: name for kind, name in kept.items() if name}
            values = {"hold": hold, "announcements_json": msgspec.json.encode(told).decode()}
            sql.execute(update(spaces).where(own).values(values))
        return self.get(space_id)

    def keep(self, happening: Happening) -> bool:
        """Add a line to a space's history; False if there is no such space."""
        row = {
            "space": happening.space,
            "kind": happening.kind,
            "utc_us": happening.utc_us,
            "body_json": happening.body_json,
        }
        own = space_history.c.space == happening.space
        oldest_kept = (
            select(space_history.c.id)
            .where(own)
            .order_by(space_history.c.id.desc())
            .limit(1)
            .offset(HISTORY_ROWS_MAX - 1)
        )
        with transaction(self._engine) as sql:
            if sql.execute(select(spaces.c.id).where(spaces.c.id == happening.space)).first():
                sql.execute(insert(space_history).values(row))
                surplus = space_history.c.id < oldest_kept.scalar_subquery()
                sql.execute(delete(space_history).where(own, surplus))
                return True
        return False

    def history(self, space_id: str) -> list[Happening]:
        """What happened in a space, oldest first."""
        wanted = (
            select(space_history)
            .where(space_history.c.space == space_id)
            .order_by(space_history.c.id)
        )
        with transaction(self._engine) as sql:
            return [
                Happening(row.space, row.kind, row.utc_us, row.body_json)
                for row in sql.execute(wanted)
            ]


def _space(row: Row[*tuple[Any, ...]]) -> PlannedSpace:
    return PlannedSpace(
        id=row.id,
        title=row.title,
        t0_utc_us=row.t0_utc_us,
        created_utc_us=row.created_utc_us,
        owner=row.owner or "",
        description=row.description,
        language=row.language,
        hosts=msgspec.json.decode(row.hosts_json, type=tuple[str, ...]),
        state=State(row.state),
        cancelled=row.cancelled,
        start_at_once=row.start_at_once,
        doors_before_s=row.doors_before_s,
        hold=row.hold,
        announcements=tuple(
            sorted(msgspec.json.decode(row.announcements_json, type=dict[str, str]).items())
        ),
    )
