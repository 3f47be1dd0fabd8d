"""Whatever happens to the outbox, each event is sent once and in order; whatever comes is read."""

from collections import defaultdict
from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete
from tests.integration.watch.subscribe_kit import START, event, subscribe

from rostra.domain.errors import PeerError
from rostra.store.watch_opening import WatchStore, open_watch_store
from rostra.store.watch_outbox import events, outbox
from rostra.store.watch_sending import SPREAD_MAX, Claimed
from rostra.store.watch_subscribers import subscribers
from rostra.watch.asking import ASK_BYTES_MAX, Ask, checked_email, read_ask
from rostra.watch.events import What
from rostra.watch.outbox import TRIES_MAX, Outcome, State, Verdict, delay_s, settle
from rostra.watch.outside import checked_url
from rostra.watch.subscribers import (
    CHANNEL_OF,
    Browser,
    Channel,
    Hook,
    MailBox,
    Topic,
)

NAMES = ("ana", "ben", "cho")
KNOWN = frozenset({"sound", "stage"})
SUBJECTS = ("inc1", "inc2")
steps = st.lists(
    st.one_of(
        st.tuples(st.just("tell"), st.sampled_from(SUBJECTS)),
        st.tuples(st.just("again"), st.just("")),
        st.tuples(st.just("pass"), st.integers(1, 40)),
        st.tuples(st.just("claim"), st.integers(1, 3)),
        st.tuples(st.just("settle"), st.sampled_from((*Verdict, Verdict.SENT))),
        st.tuples(st.just("crash"), st.just("")),
    ),
    max_size=40,
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WatchStore]:
    one = open_watch_store(tmp_path_factory.mktemp("watch"))
    yield one
    one.close()


class Evening:
    """One outbox and a crowd, driven step by step; every step keeps the promises."""

    def __init__(self, store: WatchStore) -> None:
        with store.engine.begin() as sql:
            for table in (outbox, events, subscribers):
                sql.execute(delete(table))
        self.store = store
        self.now = START
        self.told = 0
        self.flying: list[Claimed] = []
        self.sent: set[tuple[str, str]] = set()
        self.settled: set[tuple[str, str]] = set()
        self.first: dict[tuple[str, str], list[int]] = defaultdict(list)
        for name in NAMES:
            subscribe(store, name, MailBox(f"{name}@example.org"))

    def tell(self, subject: object) -> None:
        self.told += 1
        news = event(self.told, What.OPENED, subject=str(subject))
        for _ in range(2):  # told twice is told once
            self.store.outbox.keep(news, self.now)
            self.store.outbox.spread(news, self.now)

    def again(self, _: object) -> None:
        assert self.store.outbox.unspread() == []

    def pass_s(self, seconds: object) -> None:
        assert isinstance(seconds, int)
        self.now += seconds * 1_000_000

    def claim(self, letters: object) -> None:
        assert isinstance(letters, int)
        claimed = self.store.outbox.claim(Channel.EMAIL, self.now, letters)
        assert len(claimed) <= letters
        self.flying += claimed
        whom = [one.subscriber.id for one in self.flying]
        assert len(whom) == len(set(whom)), "one letter at a time for each"
        for one in claimed:
            for news in one.events:
                key = (one.subscriber.id, news.id)
                assert key not in self.settled, "what is settled is never sent again"
                order = self.first[one.subscriber.id, news.subject]
                number = int(news.id.rpartition("-")[2])
                if number not in order:
                    assert all(number > earlier for earlier in order), "in order"
                    order.append(number)

    def settle(self, verdict: object) -> None:
        if not self.flying:
            return
        one = self.flying.pop(0)
        outcome = Outcome(Verdict(str(verdict)))
        follows = settle(one.batch, outcome, one.subscriber.failed_letters, self.now, 0.5)
        self.store.outbox.settle(one, outcome, follows, self.now)
        keys = {(one.subscriber.id, news.id) for news in one.events}
        if follows.state is not State.WAITING:
            self.settled |= keys
        if outcome.verdict is Verdict.SENT:
            assert not keys & self.sent
            self.sent |= keys

    def crash(self, _: object) -> None:
        self.flying.clear()
        self.store.outbox.release(self.now)

    def everything_arrives(self) -> None:
        """Nothing is lost: whoever is still subscribed hears the rest once all goes well."""
        self.crash("")
        for _ in range(3 * self.told + 3):
            if not self.store.outbox.unsettled()[Channel.EMAIL]:
                break
            self.pass_s(2_000)
            self.claim(10)
            while self.flying:
                self.settle(Verdict.SENT)
        assert self.store.outbox.unsettled()[Channel.EMAIL] == 0
        for name in NAMES:
            if self.store.subscribers.open(name) is not None:
                heard = {news for who, news in self.sent | self.settled if who == name}
                assert len(heard) == self.told


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps)
def test_each_event_is_sent_once_and_in_order_whatever_happens(
    store: WatchStore, happenings: list[tuple[str, object]]
) -> None:
    evening = Evening(store)
    does = {
        "tell": evening.tell,
        "again": evening.again,
        "pass": evening.pass_s,
        "claim": evening.claim,
        "settle": evening.settle,
        "crash": evening.crash,
    }
    for name, value in happenings:
        does[name](value)
    evening.everything_arrives()


def test_a_letter_that_kills_the_process_is_given_up(store: WatchStore) -> None:
    evening = Evening(store)
    evening.tell("inc1")
    for _ in range(TRIES_MAX):
        evening.pass_s(2_000)
        evening.claim(10)
        evening.crash("")
    assert store.outbox.unsettled()[Channel.EMAIL] == 0


def test_many_events_are_spread_in_rounds(store: WatchStore) -> None:
    Evening(store)
    for number in range(SPREAD_MAX + 1):
        store.outbox.keep(event(number), START)
    assert len(store.outbox.unspread()) == SPREAD_MAX


texts = st.text(max_size=60)
any_json = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=8,
)
nearly = st.fixed_dictionaries(
    {"channel": st.sampled_from([*Channel, "fax"])},
    optional={
        "address": texts | st.emails(),
        "url": texts | st.from_regex(r"https?://[a-z.:@\[\]0-9]{1,30}/?", fullmatch=True),
        "subscription": any_json
        | st.fixed_dictionaries(
            {
                "endpoint": st.just("https://push.example.org/1"),
                "keys": st.fixed_dictionaries({"p256dh": texts, "auth": texts}),
            }
        ),
        "components": st.lists(st.sampled_from(["sound", "stage", "x"]), max_size=3) | any_json,
        "topics": st.lists(st.sampled_from([*Topic, "x"]), max_size=3),
        "language": st.sampled_from(["en", "es", "fr"]),
    },
)


def outcome(body: bytes) -> tuple[Ask | None, PeerError | None]:
    try:
        return read_ask(body, KNOWN), None
    except PeerError as error:
        return None, error


@settings(max_examples=80, deadline=None)
@given(
    st.binary(max_size=200) | any_json.map(msgspec.json.encode) | nearly.map(msgspec.json.encode)
)
def test_any_request_is_a_wish_in_one_form_or_a_sentence(body: bytes) -> None:
    ask, refusal = outcome(body)
    if ask is None:
        assert refusal is not None
        assert refusal.status == 422
        assert refusal.sentence.endswith(".")
        return
    assert set(ask.wish.components) < KNOWN
    assert ask.wish.topics
    assert type(ask.address) in CHANNEL_OF
    if isinstance(ask.address, MailBox):
        assert checked_email(ask.address.address) == ask.address.address
        assert ask.address.address.isascii()
        assert not set("\r\n ,<>") & set(ask.address.address)
    elif isinstance(ask.address, Hook):
        assert checked_url(ask.address.url).startswith("https://")
    else:
        assert isinstance(ask.address, Browser)


def test_a_request_that_is_too_large_is_not_read() -> None:
    with pytest.raises(PeerError) as refusal:
        read_ask(b"[" * (ASK_BYTES_MAX + 1), KNOWN)
    assert refusal.value.status == 413
    with pytest.raises(PeerError):
        read_ask(b"[" * ASK_BYTES_MAX, KNOWN)


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_a_wait_is_within_its_window(tries: int, chance: float) -> None:
    assert 0.0 <= delay_s(tries, chance) <= delay_s(tries, 1.0)
