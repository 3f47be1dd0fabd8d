"""The tables of reports: counts by slot and place, the window's reporters, and some in detail.

Hashes of reporters live in tables of their own, which are emptied with the key that made them:
nothing that stays behind has ever held one.
"""

from typing import Final

from sqlalchemy import BigInteger, Column, Float, Index, Integer, LargeBinary, String, Table, Text

from rostra.store.watch_tables import watch_metadata
from rostra.watch.counting import Outcome

COUNTERS: Final = {
    Outcome.COUNTED: "reports",
    Outcome.UNPROVEN: "unproven",
    Outcome.REPEAT: "repeats",
    Outcome.SURPLUS: "surplus",
}
"""Every report adds one to one of them."""

report_keys = Table(
    "watch_report_keys",
    watch_metadata,
    Column("window", BigInteger, primary_key=True, autoincrement=False),
    Column("key", LargeBinary, nullable=False),
)

reporters = Table(
    "watch_reporters",
    watch_metadata,
    Column("window", BigInteger, primary_key=True, autoincrement=False),
    Column("reporter", String(32), primary_key=True),
    Column("network", String(32), nullable=False),
    Column("proven", Integer, nullable=False),
    Column("slot_utc_s", BigInteger, nullable=False),
    Column("kind", String(16), nullable=False),
    # The window as well: without it SQLite reads all of the window for each batch.
    Index(None, "window", "network"),
    sqlite_with_rowid=False,
)

report_slots = Table(
    "watch_report_slots",
    watch_metadata,
    Column("component", String(40), primary_key=True),
    Column("slot_utc_s", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(16), primary_key=True),
    *(Column(name, Integer, nullable=False) for name in COUNTERS.values()),
    sqlite_with_rowid=False,
)

report_places = Table(
    "watch_report_places",
    watch_metadata,
    Column("component", String(40), primary_key=True),
    Column("hour_utc_s", BigInteger, primary_key=True, autoincrement=False),
    Column("place", String(6), primary_key=True),
    Column("reports", Integer, nullable=False),
    sqlite_with_rowid=False,
)

exposures = Table(
    "watch_exposures",
    watch_metadata,
    Column("component", String(40), primary_key=True),
    Column("slot_utc_s", BigInteger, primary_key=True, autoincrement=False),
    Column("listening", Float, nullable=False),
    Column("looks", Integer, nullable=False),
    sqlite_with_rowid=False,
)

report_details = Table(
    "watch_reports",
    watch_metadata,
    Column("id", String(32), primary_key=True),
    Column("component", String(40), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("utc_us", BigInteger, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("place", String(6), nullable=False),
    Column("source", String(16), nullable=False),
    Column("facts_json", Text, nullable=False),
    Index(None, "component", "utc_us"),
    Index(None, "utc_us"),
)
