"""Who subscribed to the watch, in SQL: addresses encrypted, words of links as hashes alone."""

from typing import Any, Final

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Index,
    Integer,
    LargeBinary,
    Row,
    Select,
    String,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
    update,
)

from rostra.domain.errors import HouseError
from rostra.store.engine import transaction
from rostra.store.watch_outbox import drop_rows, enqueue_own
from rostra.store.watch_sealing import Sealing, hash_of
from rostra.store.watch_tables import watch_metadata
from rostra.watch.asking import Ask
from rostra.watch.moments import US_PER_S
from rostra.watch.outbox import Kind
from rostra.watch.subscribers import (
    ASKED_LIFE_S,
    ASKS_PER_ADDRESS_MAX,
    CHANNEL_OF,
    ENDED_LIFE_S,
    SUBSCRIBERS_MAX,
    Channel,
    Life,
    Sealed,
    Subscriber,
    Wish,
    confirmed_at_once,
    may_become,
    most_confirmed,
)

ALREADY_EVERY_S: Final = 86_400
"""A letter `you are subscribed already` goes to one address at most once in a day."""


subscribers = Table(
    "watch_subscribers",
    watch_metadata,
    Column("id", String(32), primary_key=True),
    Column("channel", String(16), nullable=False),
    Column("life", String(16), nullable=False),
    Column("wish_json", Text, nullable=False),
    Column("finding", String(64), nullable=True),
    Column("sealed", LargeBinary, nullable=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("created_utc_us", BigInteger, nullable=False),
    Column("ended_utc_us", BigInteger, nullable=False, default=0),
    Column("why_ended", String(200), nullable=False, default=""),
    Column("failed_letters", Integer, nullable=False, default=0),
    Column("already_utc_us", BigInteger, nullable=False, default=0),
    Index(None, "finding"),
    Index(None, "life", "created_utc_us"),
)


class TooManySubscribersError(HouseError):
    """The watch has as many subscribers as it takes (503)."""

    status = 503


class SqlSubscribers:
    """The book of subscribers; every method is one transaction."""

    def __init__(self, engine: Engine, sealing: Sealing) -> None:
        self._engine = engine
        self._sealing = sealing

    def ask(self, own_id: str, token: str, ask: Ask, now_utc_us: int) -> Life:
        """Keep a wish to be told, with its letter that asks whether it is theirs.

        The answer is the same whether the address is known or not: ASKED for mailboxes and
        programs, CONFIRMED for browsers. What is really done differs: a confirmed mailbox gets a
        letter that it is subscribed, an address that was asked too often gets nothing.
        """
        channel = CHANNEL_OF[type(ask.address)]
        finding = self._sealing.finding(channel, ask.address.key)
        at_once = confirmed_at_once(ask.address)
        life = Life.CONFIRMED if at_once else Life.ASKED
        with transaction(self._engine) as sql:
            # First of all, and for everybody: a full watch must not tell who is known to it.
            if _count(sql) >= SUBSCRIBERS_MAX:
                sentence = "This watch takes no more subscribers at the moment. Read its feeds."
                raise TooManySubscribersError(sentence)
            known = self._of(sql, finding)
            if at_once:
                self._end_surplus(sql, known, 0, now_utc_us)
            elif self._answered(sql, channel, known, now_utc_us):
                return life
            sealed = self._sealing.seal(msgspec.json.encode(Sealed(ask.address, token)), own_id)
            row = {
                "id": own_id,
                "channel": channel.value,
                "life": life.value,
                "wish_json": msgspec.json.encode(ask.wish).decode(),
                "finding": finding,
                "sealed": sealed,
                "token_hash": hash_of(token),
                "created_utc_us": now_utc_us,
            }
            sql.execute(insert(subscribers).values(row))
            if not at_once:
                enqueue_own(sql, own_id, channel, Kind.CONFIRM, now_utc_us)
        return life

    def find(self, token: str) -> Subscriber | None:
        """The subscription that a link's word belongs to, ended ones for some days included."""
        with transaction(self._engine) as sql:
            row = sql.execute(_by_token(token)).first()
        return None if row is None else subscriber_of(row)

    def confirm(self, token: str, now_utc_us: int) -> Subscriber | None:
        """Begin to tell them; again and again is the same. None if there is no such wish."""
        with transaction(self._engine) as sql:
            row = sql.execute(_by_token(token)).first()
            return None if row is None else self._confirm(sql, row, now_utc_us)

    def confirm_id(self, own_id: str, now_utc_us: int) -> None:
        """Begin to tell a program that answered with the word it was sent."""
        with transaction(self._engine) as sql:
            row = sql.execute(select(subscribers).where(subscribers.c.id == own_id)).first()
            if row is not None:
                self._confirm(sql, row, now_utc_us)

    def change(self, token: str, wish: Wish) -> bool:
        """Change what they are told; False if the subscription is not confirmed (any more)."""
        own = subscribers.c.token_hash == hash_of(token)
        values = {"wish_json": msgspec.json.encode(wish).decode()}
        with transaction(self._engine) as sql:
            confirmed = subscribers.c.life == Life.CONFIRMED.value
            return (
                sql.execute(update(subscribers).where(own, confirmed).values(values)).rowcount > 0
            )

    def end(self, token: str, now_utc_us: int) -> bool:
        """Forget their address at once; False if there is no such subscription."""
        with transaction(self._engine) as sql:
            row = sql.execute(_by_token(token)).first()
            if row is None:
                return False
            end_row(sql, row.id, "they left", now_utc_us)
        return True

    def open(self, own_id: str) -> Sealed | None:
        """Address and word of one subscriber, to write to them; None once they are ended."""
        with transaction(self._engine) as sql:
            wanted = select(subscribers.c.sealed).where(subscribers.c.id == own_id)
            sealed = sql.execute(wanted).scalar()
        if sealed is None:
            return None
        return msgspec.json.decode(self._sealing.open(sealed, own_id), type=Sealed)

    def counts(self) -> dict[Channel, int]:
        """Confirmed subscribers of each channel."""
        wanted = (
            select(subscribers.c.channel, func.count())
            .where(subscribers.c.life == Life.CONFIRMED.value)
            .group_by(subscribers.c.channel)
        )
        with transaction(self._engine) as sql:
            found = {Channel(row[0]): int(row[1]) for row in sql.execute(wanted)}
        return {channel: found.get(channel, 0) for channel in Channel}

    def tidy(self, now_utc_us: int) -> int:
        """Delete unconfirmed wishes after two days, and what is left of ended ones; how many."""
        old_asked = (
            subscribers.c.life == Life.ASKED.value,
            subscribers.c.created_utc_us <= now_utc_us - ASKED_LIFE_S * US_PER_S,
        )
        old_ended = (
            subscribers.c.life == Life.ENDED.value,
            subscribers.c.ended_utc_us <= now_utc_us - ENDED_LIFE_S * US_PER_S,
        )
        gone = 0
        with transaction(self._engine) as sql:
            for old in (old_asked, old_ended):
                gone += sql.execute(delete(subscribers).where(*old)).rowcount
        return gone

    def _of(self, sql: Connection, finding: str) -> list[Row[*tuple[Any, ...]]]:
        wanted = select(subscribers).where(subscribers.c.finding == finding)
        return list(sql.execute(wanted.order_by(subscribers.c.created_utc_us)))

    def _answered(
        self, sql: Connection, channel: Channel, known: list[Row[*tuple[Any, ...]]], now: int
    ) -> bool:
        """Whether a wish needs no row of its own: it is known, or its address asked too often."""
        if sum(row.life == Life.ASKED.value for row in known) >= ASKS_PER_ADDRESS_MAX:
            return True
        confirmed = [row for row in known if row.life == Life.CONFIRMED.value]
        if channel is not Channel.EMAIL or not confirmed:
            return False
        first = confirmed[0]
        if now - first.already_utc_us >= ALREADY_EVERY_S * US_PER_S:
            own = subscribers.c.id == first.id
            sql.execute(update(subscribers).where(own).values(already_utc_us=now))
            enqueue_own(sql, first.id, channel, Kind.ALREADY, now)
        return True

    def _confirm(self, sql: Connection, row: Row[*tuple[Any, ...]], now: int) -> Subscriber:
        known = subscriber_of(row)
        if not may_become(known.life, Life.CONFIRMED):
            return known
        others = [
            one
            for one in self._of(sql, row.finding)
            if one.id != row.id and one.life == Life.CONFIRMED.value
        ]
        self._end_surplus(sql, others, most_confirmed(known.channel) - 1, now)
        own = subscribers.c.id == row.id
        sql.execute(update(subscribers).where(own).values(life=Life.CONFIRMED.value))
        return msgspec.structs.replace(known, life=Life.CONFIRMED)

    def _end_surplus(
        self, sql: Connection, rows: list[Row[*tuple[Any, ...]]], most: int, now: int
    ) -> None:
        """The newest wish of an address counts: older ones beyond `most` end."""
        for row in rows[: max(len(rows) - most, 0)]:
            end_row(sql, row.id, "replaced by a newer one", now)


def end_row(sql: Connection, own_id: str, why: str, now_utc_us: int) -> None:
    """Forget an address and everything that waits for it; an ended one stays as it is."""
    values = {
        "life": Life.ENDED.value,
        "sealed": None,
        "finding": None,
        "ended_utc_us": now_utc_us,
        "why_ended": why[:200],
    }
    own = (subscribers.c.id == own_id, subscribers.c.life != Life.ENDED.value)
    sql.execute(update(subscribers).where(*own).values(values))
    drop_rows(sql, own_id, now_utc_us)


def subscriber_of(row: Row[*tuple[Any, ...]]) -> Subscriber:
    """A row as the rules know it."""
    return Subscriber(
        id=row.id,
        channel=Channel(row.channel),
        life=Life(row.life),
        wish=msgspec.json.decode(row.wish_json, type=Wish),
        created_utc_us=row.created_utc_us,
        failed_letters=row.failed_letters,
        why_ended=row.why_ended,
    )


def _by_token(token: str) -> Select[Any]:
    return select(subscribers).where(subscribers.c.token_hash == hash_of(token))


def _count(sql: Connection) -> int:
    wanted = select(func.count()).where(subscribers.c.life != Life.ENDED.value)
    return int(sql.execute(wanted.select_from(subscribers)).scalar_one())
