"""What probes found, in SQL: each result for some days, and counts of a quarter of an hour."""

from collections.abc import Iterable
from typing import Any, Final

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Engine,
    Function,
    Index,
    Integer,
    Label,
    Row,
    String,
    Subquery,
    Table,
    Text,
    delete,
    func,
    select,
)
from sqlalchemy.dialects.sqlite import insert

from rostra.store.engine import transaction
from rostra.store.watch_tables import watch_metadata
from rostra.watch.moments import US_PER_S
from rostra.watch.probing import Result, Step

SLOT_S: Final = 900
"""A quarter of an hour: a point of the day's chart. Longer slots are sums of these."""

DETAIL_DAYS: Final = 7
"""How long each single result is kept: an incident is talked about within the week."""

SLOT_DAYS: Final = 100
"""How long counts are kept: the chart's 90 days, and a weekend on which nobody looked."""

RESULTS_MAX: Final = 1_000_000
"""Single results kept at most, some 300 MB; beyond it the oldest go before their days are up."""

RECENT_MAX: Final = 1_000
"""Results of a component that are read again at a start: far more than its panel remembers."""

_EVER_US: Final = 2**63 - 1
DAY_S: Final = 86_400

probe_results = Table(
    "watch_probe_results",
    watch_metadata,
    Column("component", String(40), primary_key=True),
    Column("place", String(40), primary_key=True),
    Column("utc_us", BigInteger, primary_key=True),
    Column("ok", Boolean, nullable=False),
    Column("own_fault", Boolean, nullable=False),
    Column("listening", Integer, nullable=False),
    Column("steps_json", Text, nullable=False),
    Index(None, "utc_us"),
    sqlite_with_rowid=False,
)

probe_slots = Table(
    "watch_probe_slots",
    watch_metadata,
    Column("component", String(40), primary_key=True),
    Column("slot_utc_s", BigInteger, primary_key=True),
    Column("probes", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Index(None, "slot_utc_s"),
    sqlite_with_rowid=False,
)

_DECODER: Final = msgspec.json.Decoder(tuple[Step, ...])


class SqlProbes:
    """The book of the probes; every method is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, results: Iterable[Result]) -> int:
        """Keep results and count them; how many were new. Who tells one twice counts once.

        A result by which a place only accuses itself is kept, and counted nowhere.
        """
        new = 0
        with transaction(self._engine) as sql:
            for one in results:
                kept = insert(probe_results).values(_row(one)).on_conflict_do_nothing()
                if not sql.execute(kept).rowcount:
                    continue
                new += 1
                if not one.own_fault:
                    sql.execute(_counted(one))
        return new

    def slots(self, component: str, since_utc_s: int, slot_s: int) -> list[tuple[int, int, int]]:
        """`(slot_utc_s, probes, failed)` of each slot since a time that has any, oldest first.

        `slot_s` is a multiple of a quarter of an hour; slots are aligned to UTC.
        """
        begin = (probe_slots.c.slot_utc_s // slot_s) * slot_s
        wanted = (
            select(begin, func.sum(probe_slots.c.probes), func.sum(probe_slots.c.failed))
            .where(
                probe_slots.c.component == component,
                probe_slots.c.slot_utc_s >= since_utc_s - since_utc_s % slot_s,
            )
            .group_by(begin)
            .order_by(begin)
        )
        with transaction(self._engine) as sql:
            return [(int(at), int(all_), int(bad)) for at, all_, bad in sql.execute(wanted)]

    def recent(
        self, component: str, since_utc_us: int, until_utc_us: int = _EVER_US
    ) -> list[Result]:
        """The newest results of a component in a time, oldest first, `RECENT_MAX` at most."""
        wanted = (
            select(probe_results)
            .where(
                probe_results.c.component == component,
                probe_results.c.utc_us.between(since_utc_us, until_utc_us),
            )
            .order_by(probe_results.c.utc_us.desc(), probe_results.c.place.desc())
            .limit(RECENT_MAX)
        )
        with transaction(self._engine) as sql:
            return [_result(row) for row in reversed(sql.execute(wanted).all())]

    def turns(self, component: str, within_us: int, until_utc_us: int) -> list[Result]:
        """By which two results each place began to fail, for the places that did, oldest first.

        They are the first two failures in a row, `within_us` of each other, after the last two
        good results in a row, of `DETAIL_DAYS`. Of a place's own faults none counts.
        """
        one = _in_a_row(component, until_utc_us)
        good = (
            select(one.c.place, func.max(one.c.utc_us).label("utc_us"))
            .where(one.c.ok, one.c.ok_before)
            .group_by(one.c.place)
            .subquery()
        )
        wanted = (
            select(one.c.place, func.min(one.c.utc_us), one.c.utc_us_after)
            .outerjoin(good, good.c.place == one.c.place)
            .where(
                ~one.c.ok,
                ~one.c.ok_after,
                one.c.utc_us_after - one.c.utc_us <= within_us,
                one.c.utc_us > func.coalesce(good.c.utc_us, 0),
            )
            .group_by(one.c.place)
        )
        results = probe_results
        with transaction(self._engine) as sql:
            rows = [
                row
                for place, *pair in sql.execute(wanted).all()
                for row in sql.execute(
                    select(results).where(
                        results.c.component == component,
                        results.c.place == place,
                        results.c.utc_us.in_(pair),
                    )
                )
            ]
        return sorted(map(_result, rows), key=lambda result: result.utc_us)

    def forget(self, now_utc_us: int) -> int:
        """Let go of what is older than its days, and of what is too much; how many results."""
        results, slots = probe_results, probe_slots
        before_us = now_utc_us - DETAIL_DAYS * DAY_S * US_PER_S
        before_s = now_utc_us // US_PER_S - SLOT_DAYS * DAY_S
        surplus = (
            select(results.c.utc_us).order_by(results.c.utc_us.desc()).offset(RESULTS_MAX).limit(1)
        )
        with transaction(self._engine) as sql:
            oldest = sql.execute(surplus).scalar()
            if oldest is not None:
                before_us = max(before_us, int(oldest) + 1)
            sql.execute(delete(slots).where(slots.c.slot_utc_s < before_s))
            return sql.execute(delete(results).where(results.c.utc_us < before_us)).rowcount


def _in_a_row(component: str, until_utc_us: int) -> Subquery:
    """Each result that says something of the target, beside its place's one before and after."""
    of = probe_results.c

    def beside(function: Function[Any], name: str) -> Label[Any]:
        return function.over(partition_by=of.place, order_by=of.utc_us).label(name)

    return (
        select(
            of.place,
            of.utc_us,
            of.ok,
            beside(func.lag(of.ok), "ok_before"),
            beside(func.lead(of.ok), "ok_after"),
            beside(func.lead(of.utc_us), "utc_us_after"),
        )
        .where(
            of.component == component,
            ~of.own_fault,
            of.utc_us.between(until_utc_us - DETAIL_DAYS * DAY_S * US_PER_S, until_utc_us),
        )
        .subquery()
    )


def _row(one: Result) -> dict[str, Any]:
    return {
        "component": one.component,
        "place": one.place,
        "utc_us": one.utc_us,
        "ok": one.ok,
        "own_fault": one.own_fault,
        "listening": one.listening,
        "steps_json": msgspec.json.encode(one.steps).decode(),
    }


def _counted(one: Result) -> Any:  # noqa: ANN401 - a statement of the dialect's own type
    slot = one.utc_us // US_PER_S // SLOT_S * SLOT_S
    failed = 0 if one.ok else 1
    values = {"component": one.component, "slot_utc_s": slot, "probes": 1, "failed": failed}
    more = {"probes": probe_slots.c.probes + 1, "failed": probe_slots.c.failed + failed}
    return insert(probe_slots).values(values).on_conflict_do_update(set_=more)


def _result(row: Row[*tuple[Any, ...]]) -> Result:
    return Result(
        component=row.component,
        place=row.place,
        utc_us=row.utc_us,
        ok=row.ok,
        steps=_DECODER.decode(row.steps_json),
        own_fault=row.own_fault,
        listening=row.listening,
    )
