"""Writes a batch of reports, and reads beforehand what the window holds of its reporters."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Table, bindparam, func, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert

from rostra.store.watch_report_tables import (
    COUNTERS,
    report_details,
    report_places,
    report_slots,
    reporters,
)
from rostra.watch.counting import Met, Outcome, Settled, slot_of
from rostra.watch.kinds import Kind
from rostra.watch.moments import US_PER_S

HOUR_S: Final = 3_600


def met(sql: Connection, window: int, hashes: set[str]) -> dict[str, Met]:
    """Which of these reporters the window knows already."""
    rows = sql.execute(_MET_BEFORE, {"window": window, "hashes": list(hashes)})
    return {row.reporter: Met(bool(row.proven), row.slot_utc_s, Kind(row.kind)) for row in rows}


def networks(sql: Connection, window: int, hashes: set[str]) -> dict[str, int]:
    """How many reports of these networks count already in the window."""
    rows = sql.execute(NETWORKS, {"window": window, "hashes": list(hashes)})
    return {row.network: row.many for row in rows}


def taken(sql: Connection, spots: set[tuple[str, int]]) -> dict[tuple[str, int], int]:
    """How many reports these slots of components hold, whatever they counted as."""
    # Every pair of them: a batch has few slots, and rows too many do no harm.
    components, slots = ({spot[at] for spot in spots} for at in (0, 1))
    rows = sql.execute(_TAKEN, {"components": list(components), "slots": list(slots)})
    return {(row.component, row.slot_utc_s): int(row.many) for row in rows}


def write(sql: Connection, window: int, found: Sequence[Settled]) -> None:
    """Keep what a batch has become."""
    met = [_reporter_row(window, one) for one in found if one.outcome in _MET]
    if met:
        sql.execute(_MEET, met)
    sql.execute(_COUNT, _slot_rows(found))
    hours = Counter(
        (one.report.component, hour_of(one.report.utc_us // US_PER_S), one.report.place)
        for one in found
        if one.outcome is Outcome.COUNTED and one.report.place
    )
    if hours:
        names = ("component", "hour_utc_s", "place", "reports")
        told = [dict(zip(names, (*spot, many), strict=True)) for spot, many in hours.items()]
        sql.execute(_PLACE, told)
    kept = [_detail_row(one) for one in found if one.kept]
    if kept:
        sql.execute(_DETAIL, kept)


_MET: Final = frozenset({Outcome.COUNTED, Outcome.UNPROVEN})


def _reporter_row(window: int, one: Settled) -> dict[str, Any]:
    return {
        "window": window,
        "reporter": one.report.reporter,
        "network": one.report.network,
        "proven": int(one.outcome is Outcome.COUNTED),
        "slot_utc_s": slot_of(one.report.utc_us),
        "kind": one.report.kind.value,
    }


def _slot_rows(found: Sequence[Settled]) -> list[dict[str, Any]]:
    """What a batch adds to its slots; a proven report takes its unproven forerunner's place."""
    sums: dict[tuple[str, int, str], Counter[str]] = {}
    for one in found:
        own = (one.report.component, slot_of(one.report.utc_us), one.report.kind.value)
        sums.setdefault(own, Counter())[COUNTERS[one.outcome]] += 1
        if one.undone is not None:
            before = (one.report.component, one.undone.slot_utc_s, one.undone.kind.value)
            earlier = sums.setdefault(before, Counter())
            earlier["unproven"] -= 1
            earlier["repeats"] += 1
    names = ("component", "slot_utc_s", "kind")
    return [
        dict(zip(names, spot, strict=True)) | {name: many[name] for name in COUNTERS.values()}
        for spot, many in sums.items()
    ]


def _detail_row(one: Settled) -> dict[str, Any]:
    report = one.report
    return {
        "id": report.id,
        "component": report.component,
        "kind": report.kind.value,
        "utc_us": report.utc_us,
        "outcome": one.outcome.value,
        "place": report.place,
        "source": report.source,
        "facts_json": msgspec.json.encode(report.facts).decode() if report.facts else "",
    }


def adding(table: Table, names: Sequence[str]) -> Any:  # noqa: ANN401 - SQLAlchemy's own type
    """An insert that adds to the row that is there."""
    statement = upsert(table)
    return statement.on_conflict_do_update(
        set_={name: table.c[name] + statement.excluded[name] for name in names}
    )


def hour_of(utc_s: int) -> int:
    """The first second of the hour."""
    return utc_s // HOUR_S * HOUR_S


def _meeting() -> Any:  # noqa: ANN401 - SQLAlchemy's own type
    statement = upsert(reporters)
    names = ("network", "proven", "slot_utc_s", "kind")
    return statement.on_conflict_do_update(set_={name: statement.excluded[name] for name in names})


def _several(name: str) -> Any:  # noqa: ANN401 - SQLAlchemy's own type
    return bindparam(name, expanding=True)


def _taken() -> Any:  # noqa: ANN401 - SQLAlchemy's own type
    rows = report_slots.c
    many = func.sum(sum((rows[name] for name in COUNTERS.values()), start=0))
    within = (rows.component.in_(_several("components")), rows.slot_utc_s.in_(_several("slots")))
    wanted = select(rows.component, rows.slot_utc_s, many.label("many")).where(*within)
    return wanted.group_by(rows.component, rows.slot_utc_s)


# Made once: to put a statement together costs as much as a small one takes to run.
_MET_BEFORE: Final = select(reporters).where(
    reporters.c.window == bindparam("window"), reporters.c.reporter.in_(_several("hashes"))
)
NETWORKS: Final = (
    select(reporters.c.network, func.count().label("many"))
    .where(
        reporters.c.window == bindparam("window"),
        reporters.c.network.in_(_several("hashes")),
        reporters.c.proven == 1,
    )
    .group_by(reporters.c.network)
)
_TAKEN: Final = _taken()
_MEET: Final = _meeting()
_COUNT: Final = adding(report_slots, tuple(COUNTERS.values()))
_PLACE: Final = adding(report_places, ("reports",))
_DETAIL: Final = insert(report_details)
