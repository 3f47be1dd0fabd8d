"""Tables of events and of what is to be sent to whom."""

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    insert,
    update,
)
from sqlalchemy.schema import ForeignKey

from rostra.store.watch_tables import watch_metadata
from rostra.watch.outbox import Kind, State
from rostra.watch.subscribers import Channel

events = Table(
    "watch_outbox_events",
    watch_metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", String(80), nullable=False, unique=True),
    Column("subject", String(64), nullable=False),
    Column("event_json", Text, nullable=False),
    Column("kept_utc_us", BigInteger, nullable=False),
    Column("ruling", String(8), nullable=False, default=""),
    Index(None, "subject"),
    Index(None, "ruling"),
)
"""`ruling` is empty until the event was spread over its subscribers."""

outbox = Table(
    "watch_outbox",
    watch_metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("subscriber", ForeignKey("watch_subscribers.id", ondelete="CASCADE"), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("event", String(80), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("due_utc_us", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False, default=0),
    Column("settled_utc_us", BigInteger, nullable=False, default=0),
    UniqueConstraint("subscriber", "event"),
    Index(None, "channel", "state", "due_utc_us", "id"),
    Index("ix_watch_outbox_unsettled", "subscriber", "state", "id"),
    sqlite_autoincrement=True,
)
"""Ids are never used twice: receivers know a letter again by its first row's."""

UNSETTLED = (State.WAITING.value, State.SENDING.value)


def enqueue_own(sql: Connection, own_id: str, channel: Channel, kind: Kind, now: int) -> None:
    """A letter about the subscription itself, due at once."""
    row = {
        "subscriber": own_id,
        "channel": channel.value,
        "event": f"{kind.value}-{now}",
        "kind": kind.value,
        "subject": "",
        "state": State.WAITING.value,
        "due_utc_us": now,
    }
    sql.execute(insert(outbox).values(row))


def drop_rows(sql: Connection, own_id: str, now: int) -> None:
    """Give up everything that waits for a subscriber, or is under way to them."""
    mine = (outbox.c.subscriber == own_id, outbox.c.state.in_(UNSETTLED))
    values = {"state": State.GIVEN_UP.value, "settled_utc_us": now}
    sql.execute(update(outbox).where(*mine).values(values))
