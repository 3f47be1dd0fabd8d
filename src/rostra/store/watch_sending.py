"""The watch's outbox in SQL: each event once for each subscriber, claimed and settled."""

from collections.abc import Collection, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import (
    Connection,
    Engine,
    Exists,
    Row,
    Select,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)

from rostra.store.engine import transaction
from rostra.store.watch_outbox import UNSETTLED, events, outbox
from rostra.store.watch_subscribers import end_row, subscriber_of, subscribers
from rostra.watch.events import Event
from rostra.watch.moments import US_PER_S
from rostra.watch.outbox import (
    GATHER_S,
    TRIES_MAX,
    Batch,
    Kind,
    Outcome,
    Ruling,
    Settlement,
    State,
    due,
    ruling,
)
from rostra.watch.outbox import Row as OutboxRow
from rostra.watch.subscribers import Channel, Life, Subscriber, Wish

SETTLED_LIFE_S: Final = 7 * 86_400
"""Settled rows say for a week what was sent; they name no address."""
EVENTS_LIFE_S: Final = 90 * 86_400
"""So long an incident that subscribers heard of is known as told."""
SPREAD_MAX: Final = 100
"""Events that one round spreads; what waits is spread in the next."""


class Claimed(msgspec.Struct, frozen=True):
    """A letter that this process alone sends now: its rows, whom for, and what it tells."""

    batch: Batch
    subscriber: Subscriber
    kind: Kind
    events: tuple[Event, ...] = ()
    """Oldest first; none in a letter about the subscription itself."""

    @property
    def name(self) -> str:
        """The same in every try of the same news, so that receivers can drop a second copy."""
        return f"{self.batch.rows[0].id}-{self.batch.rows[-1].id}"


class SqlOutbox:
    """What is to be sent; every method is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, event: Event, now_utc_us: int) -> bool:
        """Keep an event to be spread; False if it was kept before."""
        row = {
            "id": event.id,
            "subject": event.subject,
            "event_json": msgspec.json.encode(event).decode(),
            "kept_utc_us": now_utc_us,
        }
        with transaction(self._engine) as sql:
            if sql.execute(select(events.c.number).where(events.c.id == event.id)).first():
                return False
            sql.execute(insert(events).values(row))
        return True

    def unspread(self) -> list[Event]:
        """Events that nobody was enqueued for yet, oldest first."""
        wanted = select(events.c.event_json).where(events.c.ruling == "")
        with transaction(self._engine) as sql:
            found = sql.execute(wanted.order_by(events.c.number).limit(SPREAD_MAX)).scalars()
            return [msgspec.json.decode(one, type=Event) for one in found]

    def spread(self, event: Event, now_utc_us: int) -> int:
        """Enqueue an event for everybody who wants it, if the rules let it be told; how many.

        In one transaction with the mark that it is spread: a process that dies has done all of it
        or nothing.
        """
        own = events.c.id == event.id
        with transaction(self._engine) as sql:
            if (
                sql.execute(select(events.c.number).where(own, events.c.ruling == "")).first()
                is None
            ):
                return 0
            ruled = ruling(event, told=_told(sql, event.subject))
            rows = [] if ruled is Ruling.HOLD else _rows(sql, event, now_utc_us)
            if rows:
                sql.execute(insert(outbox), rows)
            sql.execute(update(events).where(own).values(ruling=ruled.value))
        return len(rows)

    def claim(self, channel: Channel, now_utc_us: int, letters_max: int) -> list[Claimed]:
        """Letters of one channel that are due, marked as under way before they are given out."""
        with transaction(self._engine) as sql:
            heads = list(sql.execute(_heads(channel, now_utc_us, letters_max)).scalars())
            mine = outbox.c.subscriber.in_(heads), outbox.c.state.in_(UNSETTLED)
            rows = {row.id: row for row in sql.execute(select(outbox).where(*mine))}
            batches = due(map(_row, rows.values()), now_utc_us, letters_max)
            return _claimed(sql, batches, rows)

    def settle(self, claimed: Claimed, outcome: Outcome, settled: Settlement, now: int) -> None:
        """Keep what came of a letter; rows that were settled meanwhile stay as they are."""
        ids = [row.id for row in claimed.batch.rows]
        under_way = (outbox.c.id.in_(ids), outbox.c.state == State.SENDING.value)
        over = settled.state is not State.WAITING
        values = {
            "state": settled.state.value,
            "due_utc_us": settled.due_utc_us,
            "tries": settled.tries,
            "settled_utc_us": now if over else 0,
        }
        own_id = claimed.subscriber.id
        with transaction(self._engine) as sql:
            sql.execute(update(outbox).where(*under_way).values(values))
            own = subscribers.c.id == own_id
            if settled.failed_letters != claimed.subscriber.failed_letters:
                failed = {"failed_letters": settled.failed_letters}
                sql.execute(update(subscribers).where(own).values(failed))
            if settled.ends:
                end_row(sql, own_id, outcome.why, now)

    def next_due_utc_us(self, channel: Channel) -> int | None:
        """When a channel's next letter is due; None if none waits, or all that do are held up.

        A letter under way holds up its subscriber's later ones: its end is when to ask again.
        """
        waits = (outbox.c.channel == channel.value, outbox.c.state == State.WAITING.value)
        wanted = select(outbox.c.due_utc_us).where(*waits, ~_overtaking())
        # Along the index to the first, where a minimum would look at each.
        wanted = wanted.order_by(outbox.c.due_utc_us, outbox.c.id).limit(1)
        with transaction(self._engine) as sql:
            found = sql.execute(wanted).scalar()
        return None if found is None else int(found)

    def unsettled(self) -> dict[Channel, int]:
        """Rows of each channel that wait or are under way."""
        wanted = select(outbox.c.channel, func.count()).where(outbox.c.state.in_(UNSETTLED))
        with transaction(self._engine) as sql:
            found = {row[0]: row[1] for row in sql.execute(wanted.group_by(outbox.c.channel))}
        return {channel: int(found.get(channel.value, 0)) for channel in Channel}

    def release(self, now_utc_us: int) -> int:
        """At the start: letters that a process died over wait again, with one try counted.

        Whether they arrived nobody knows; they keep their name, by which receivers drop a copy.
        """
        in_doubt = outbox.c.state == State.SENDING.value
        tried_out = outbox.c.tries + 1 >= TRIES_MAX  # it may be what the process dies of
        given_up = {"state": State.GIVEN_UP.value, "settled_utc_us": now_utc_us}
        waits = {"state": State.WAITING.value, "tries": outbox.c.tries + 1}
        with transaction(self._engine) as sql:
            sql.execute(update(outbox).where(in_doubt, tried_out).values(given_up))
            return sql.execute(update(outbox).where(in_doubt).values(waits)).rowcount

    def tidy(self, now_utc_us: int) -> None:
        """Delete rows that were settled long ago, and events that nobody will ask for again."""
        settled = outbox.c.state.in_((State.SENT.value, State.GIVEN_UP.value))
        old_row = outbox.c.settled_utc_us <= now_utc_us - SETTLED_LIFE_S * US_PER_S
        old_event = events.c.kept_utc_us <= now_utc_us - EVENTS_LIFE_S * US_PER_S
        with transaction(self._engine) as sql:
            sql.execute(delete(outbox).where(settled, old_row))
            sql.execute(delete(events).where(old_event, events.c.ruling != ""))


def _told(sql: Connection, subject: str) -> bool:
    wanted = select(events.c.number).where(
        events.c.subject == subject, events.c.ruling == Ruling.TELL.value
    )
    return sql.execute(wanted.limit(1)).first() is not None


def _rows(sql: Connection, event: Event, now: int) -> list[dict[str, object]]:
    wanted = select(subscribers.c.id, subscribers.c.channel, subscribers.c.wish_json)
    confirmed = sql.execute(wanted.where(subscribers.c.life == Life.CONFIRMED.value)).all()
    # Most people want the same: each wish is read once.
    wants = {
        wish: msgspec.json.decode(wish, type=Wish).wants(event)
        for wish in {row.wish_json for row in confirmed}
    }
    return [
        {
            "subscriber": row.id,
            "channel": row.channel,
            "event": event.id,
            "kind": Kind.NEWS.value,
            "subject": event.subject,
            "state": State.WAITING.value,
            "due_utc_us": now + int(GATHER_S * US_PER_S),
        }
        for row in confirmed
        if wants[row.wish_json]
    ]


def _heads(channel: Channel, now: int, letters_max: int) -> Select[tuple[str]]:
    """Subscribers whose oldest unsettled row is due, and who have nothing under way."""
    waits = (
        outbox.c.channel == channel.value,
        outbox.c.state == State.WAITING.value,
        outbox.c.due_utc_us <= now,
    )
    wanted = select(outbox.c.subscriber).where(*waits, ~_overtaking())
    return wanted.order_by(outbox.c.due_utc_us, outbox.c.id).limit(letters_max)


def _overtaking() -> Exists:
    """Whether an earlier row of the same subscriber is unsettled, or any is under way."""
    before = outbox.alias("before")
    return exists().where(
        before.c.subscriber == outbox.c.subscriber,
        before.c.state.in_(UNSETTLED),
        (before.c.id < outbox.c.id) | (before.c.state == State.SENDING.value),
    )


def _claimed(
    sql: Connection, batches: Sequence[Batch], rows: dict[int, Row[*tuple[Any, ...]]]
) -> list[Claimed]:
    """Mark what the batches hold as under way, and read what is needed to write them."""
    ids = [row.id for batch in batches for row in batch.rows]
    sql.execute(update(outbox).where(outbox.c.id.in_(ids)).values(state=State.SENDING.value))
    wanted = subscribers.c.id.in_([batch.subscriber for batch in batches])
    whom = {row.id: row for row in sql.execute(select(subscribers).where(wanted))}
    told = _events(sql, {rows[one].event for one in ids})
    return [
        Claimed(
            batch,
            subscriber_of(whom[batch.subscriber]),
            batch.rows[0].kind,
            tuple(told[name] for row in batch.rows if (name := rows[row.id].event) in told),
        )
        for batch in batches
    ]


def _events(sql: Connection, ids: Collection[str]) -> dict[str, Event]:
    wanted = select(events.c.id, events.c.event_json).where(events.c.id.in_(ids))
    return {row.id: msgspec.json.decode(row.event_json, type=Event) for row in sql.execute(wanted)}


def _row(row: Row[*tuple[Any, ...]]) -> OutboxRow:
    return OutboxRow(
        id=row.id,
        subscriber=row.subscriber,
        kind=Kind(row.kind),
        subject=row.subject,
        state=State(row.state),
        due_utc_us=row.due_utc_us,
        tries=row.tries,
    )
