"""People's reports of trouble in SQL: taken in batches, counted by slot, and forgotten in time.

The watch's intake is the only writer of reports, one batch a transaction; uniqueness is the
table's primary key all the same.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Engine, Row, Table, delete, func, insert, select

from rostra.store.engine import transaction
from rostra.store.watch_report_tables import (
    COUNTERS,
    exposures,
    report_details,
    report_keys,
    report_places,
    report_slots,
    reporters,
)
from rostra.store.watch_report_writing import adding, hour_of, met, networks, taken, write
from rostra.watch.counting import Outcome, settle, slot_of
from rostra.watch.fact_sums import Detail
from rostra.watch.kinds import Kind, Report, SlotCount
from rostra.watch.moments import US_PER_S
from rostra.watch.reporters import WINDOWS_AHEAD_MAX, window_of

KEPT_DAYS: Final = 14
"""Reports in detail, with the player's facts: as long as somebody looks for a cause."""

SLOTS_KEPT_DAYS: Final = 400
"""Counts by slot: a year and a month, so that a yearly event has its like to compare with."""

PLACES_KEPT_DAYS: Final = 91
"""Counts by place: what the longest chart shows."""

DETAILS_MAX: Final = 1_000_000
"""Reports that are kept with their facts, about a gigabyte, looked at once an hour: a flood of them
does not fill the disk. Sums are kept all the same."""

DAY_US: Final = 86_400 * US_PER_S
_EVER: Final = 2**62


class SqlReports:
    """People's reports; every method is one transaction.

    `scrub` is called once a key is deleted: it takes the deleted bytes off the disk.
    """

    def __init__(self, engine: Engine, scrub: Callable[[], None] = lambda: None) -> None:
        self._engine = engine
        self._scrub = scrub

    # what comes in

    def key(self, window: int, fresh: bytes) -> tuple[int, bytes]:
        """The newest window that has a key, and its key; `fresh` becomes that of a new window.

        A window a little older than the newest one (a clock that stepped back) gets the newest
        one's; far older (the clock had been wrong) a fresh one: a deleted key never comes back.
        Keys and hashes of older windows are deleted.
        """
        with transaction(self._engine) as sql:
            newest = sql.execute(
                select(report_keys).order_by(report_keys.c.window.desc()).limit(1)
            ).first()
            if newest is not None and window <= newest.window <= window + WINDOWS_AHEAD_MAX:
                return newest.window, newest.key
            sql.execute(delete(report_keys))
            sql.execute(delete(reporters))
            sql.execute(insert(report_keys).values(window=window, key=fresh))
        self._scrub()
        return window, fresh

    def add(self, reports: Sequence[Report]) -> list[bool]:
        """Keep a batch, and say of each whether it counts."""
        return [outcome is Outcome.COUNTED for outcome in self.take(reports)]

    def take(self, reports: Sequence[Report], window: int | None = None) -> list[Outcome]:
        """Keep a batch of one window in one transaction; what became of each, in their order.

        Without a `window` it is the one in which the first report lies.
        """
        if not reports:
            return []
        number = window_of(reports[0].utc_us) if window is None else window
        with transaction(self._engine) as sql:
            found = settle(
                reports,
                met(sql, number, {report.reporter for report in reports}),
                networks(sql, number, {report.network for report in reports}),
                taken(sql, {(one.component, slot_of(one.utc_us)) for one in reports}),
            )
            write(sql, number, found)
        return [one.outcome for one in found]

    def note_exposure(self, component: str, slot_utc_s: int, listening: float) -> None:
        """One look at how many listen; a slot's exposure is the mean of its looks."""
        row = {"component": component, "slot_utc_s": slot_utc_s, "listening": listening, "looks": 1}
        with transaction(self._engine) as sql:
            sql.execute(adding(exposures, ("listening", "looks")), [row])

    # what is asked

    def counts(
        self, component: str, since_utc_s: int, until_utc_s: int
    ) -> dict[Kind, list[SlotCount]]:
        """Reports that count, of each kind that has any, with the exposure of the slots.

        Slots from `since_utc_s` (included) to `until_utc_s` (not), oldest first; of each kind
        also those without a report whose exposure is known. A slot that is missing had none.
        """
        with transaction(self._engine) as sql:
            exposed = dict(_exposures(sql, component, since_utc_s, until_utc_s))
            within = _between(report_slots, component, since_utc_s, until_utc_s)
            rows = sql.execute(
                select(report_slots).where(*within, report_slots.c.reports > 0)
            ).all()
        found: dict[Kind, dict[int, int]] = {}
        for row in rows:
            found.setdefault(Kind(row.kind), {})[row.slot_utc_s] = row.reports
        return {
            kind: [
                SlotCount(slot, told.get(slot, 0), exposed.get(slot, 0.0))
                for slot in sorted({*told, *exposed})
            ]
            for kind, told in found.items()
        }

    def unproven(self, component: str, since_utc_s: int) -> int:
        """Reports since then that are shown and do not count."""
        return sum(self.unproven_slots(component, since_utc_s).values())

    def unproven_slots(
        self, component: str, since_utc_s: int, until_utc_s: int | None = None
    ) -> dict[int, int]:
        """The same by slot."""
        until = _EVER if until_utc_s is None else until_utc_s
        many = func.sum(report_slots.c.unproven + report_slots.c.surplus)
        wanted = select(report_slots.c.slot_utc_s, many.label("many")).where(
            *_between(report_slots, component, since_utc_s, until)
        )
        with transaction(self._engine) as sql:
            rows = sql.execute(wanted.group_by(report_slots.c.slot_utc_s)).all()
        return {row.slot_utc_s: int(row.many) for row in rows if row.many}

    def taken(self, component: str, since_utc_s: int) -> dict[Outcome, int]:
        """Every report since then by what became of it."""
        found = self.tallies(component, since_utc_s).values()
        return {outcome: sum(one[outcome] for one in found) for outcome in COUNTERS}

    def tallies(self, component: str, since_utc_s: int) -> dict[Kind, dict[Outcome, int]]:
        """The same by kind, of each kind that has any."""
        sums = [func.sum(report_slots.c[name]).label(name) for name in COUNTERS.values()]
        wanted = (
            select(report_slots.c.kind, *sums)
            .where(*_between(report_slots, component, since_utc_s, _EVER))
            .group_by(report_slots.c.kind)
        )
        with transaction(self._engine) as sql:
            rows = sql.execute(wanted).all()
        return {
            Kind(row.kind): {one: int(getattr(row, name)) for one, name in COUNTERS.items()}
            for row in rows
        }

    def places(self, component: str, since_utc_s: int) -> dict[str, int]:
        """Reports that count by coarse place, by whole hours; those without a place left out."""
        many = func.sum(report_places.c.reports)
        wanted = (
            select(report_places.c.place, many.label("many"))
            .where(
                report_places.c.component == component,
                report_places.c.hour_utc_s >= hour_of(since_utc_s),
            )
            .group_by(report_places.c.place)
            .order_by(many.desc(), report_places.c.place)
        )
        with transaction(self._engine) as sql:
            return {row.place: int(row.many) for row in sql.execute(wanted)}

    def details(
        self,
        component: str,
        since_utc_us: int,
        rows: int,
        kinds: Sequence[Kind] = tuple(Kind),
        outcomes: Sequence[Outcome] = tuple(Outcome),
    ) -> list[Detail]:
        """The newest reports that are kept one by one, at most `rows`, of these kinds and outcomes.

        No reporter is in them.
        """
        wanted = (
            select(report_details)
            .where(
                report_details.c.component == component,
                report_details.c.utc_us >= since_utc_us,
                report_details.c.kind.in_(kinds),
                report_details.c.outcome.in_(outcomes),
            )
            .order_by(report_details.c.utc_us.desc())
            .limit(rows)
        )
        with transaction(self._engine) as sql:
            return [_detail(row) for row in sql.execute(wanted)]

    def forget(self, before_utc_us: int) -> None:
        """Delete reports in detail before this moment; counts stay (`forget_old`)."""
        with transaction(self._engine) as sql:
            sql.execute(delete(report_details).where(report_details.c.utc_us < before_utc_us))

    def forget_old(self, now_utc_us: int) -> None:
        """Delete all that is past its days."""
        self.forget(now_utc_us - KEPT_DAYS * DAY_US)
        slots_from = (now_utc_us - SLOTS_KEPT_DAYS * DAY_US) // US_PER_S
        places_from = (now_utc_us - PLACES_KEPT_DAYS * DAY_US) // US_PER_S
        with transaction(self._engine) as sql:
            sql.execute(delete(report_slots).where(report_slots.c.slot_utc_s < slots_from))
            sql.execute(delete(exposures).where(exposures.c.slot_utc_s < slots_from))
            sql.execute(delete(report_places).where(report_places.c.hour_utc_s < places_from))
            newest = select(report_details.c.utc_us).order_by(report_details.c.utc_us.desc())
            beyond = sql.execute(newest.offset(DETAILS_MAX).limit(1)).scalar()
            if beyond is not None:
                sql.execute(delete(report_details).where(report_details.c.utc_us <= beyond))


def _detail(row: Row[*tuple[Any, ...]]) -> Detail:
    facts = msgspec.json.decode(row.facts_json) if row.facts_json else {}
    kind, outcome = Kind(row.kind), Outcome(row.outcome)
    return Detail(kind, row.utc_us, outcome, row.place, row.source, facts)


def _between(table: Table, component: str, since: int, until: int) -> tuple[Any, ...]:
    slot = table.c.slot_utc_s
    return (table.c.component == component, slot >= since, slot < until)


def _exposures(sql: Connection, component: str, since: int, until: int) -> list[tuple[int, float]]:
    rows = sql.execute(select(exposures).where(*_between(exposures, component, since, until)))
    return [(row.slot_utc_s, row.listening / row.looks) for row in rows]
