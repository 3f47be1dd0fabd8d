"""The outbox at work: what it holds back, what it survives, and how it is put together."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import text
from tests.integration.watch.subscribe_kit import (
    Hands,
    board,
    event,
    gathered,
    running,
    subscribe,
)
from tests.until import until

from rostra.app import watch_outbox
from rostra.app.config import Settings
from rostra.app.watch_faults import FaultCollector
from rostra.app.watch_options import Mail, Watch
from rostra.app.watch_outbox import Outbox
from rostra.app.watch_subscriptions import assemble_subscriptions
from rostra.domain.errors import HouseError
from rostra.store.watch_opening import WatchStore, open_watch_store
from rostra.store.watch_sealing import KEY_BYTES, Sealing
from rostra.store.watch_sending import Claimed
from rostra.store.watch_subscribers import SqlSubscribers
from rostra.watch.board import Board, ProbesView
from rostra.watch.drivers.outward import POST_TIMEOUT_S
from rostra.watch.events import What
from rostra.watch.outbox import Outcome, Verdict
from rostra.watch.subscribers import Channel, MailBox, Sealed, Topic, Wish


@pytest.fixture
def store(tmp_path: Path) -> Iterator[WatchStore]:
    one = open_watch_store(tmp_path)
    yield one
    one.close()


class Letterbox:
    """A channel that keeps what it is given; `fault` is raised instead, `stuck` never ends."""

    at_once = 2

    def __init__(self) -> None:
        self.told: list[tuple[str, list[What]]] = []
        self.fault: Exception | None = None
        self.stuck = False

    async def send(self, claimed: Claimed, sealed: Sealed, _board: Board) -> Outcome:
        assert isinstance(sealed.address, MailBox)
        if self.stuck:
            await asyncio.Event().wait()
        if self.fault is not None:
            raise self.fault
        self.told.append((claimed.subscriber.id, [one.what for one in claimed.events]))
        return Outcome(Verdict.SENT)


def ana(store: WatchStore, wish: Wish | None = None) -> None:
    subscribe(store, "ana", MailBox("ana@example.org"), wish)


async def test_a_draft_is_told_once_a_person_or_a_second_place_confirms_it(
    store: WatchStore,
) -> None:
    clock, box, seen = Hands(), Letterbox(), [board()]
    ana(store)
    async with running(store, {Channel.EMAIL: box}, clock, lambda: seen[0]) as outbox:
        outbox.tell(event(1, automatic=True))
        outbox.tell(event(2, What.DISMISSED))
        outbox.tell(event(1, subject="inc2", automatic=True))
        outbox.tell(event(2, What.UPDATED, subject="inc2"))
        outbox.tell(event(3, What.RESOLVED, subject="inc2", automatic=True))
        await gathered(store, outbox, clock)
        await until(lambda: box.told)
        assert box.told == [("ana", [What.UPDATED, What.RESOLVED])]

        sound = msgspec.structs.replace(seen[0].components[0], probes=ProbesView("failing"))
        seen[0] = msgspec.structs.replace(seen[0], components=(sound,))
        outbox.tell(event(1, subject="inc3", automatic=True))
        await gathered(store, outbox, clock)
        await until(lambda: len(box.told) == 2)
        await until(lambda: store.outbox.unsettled()[Channel.EMAIL] == 0)


async def test_who_wants_work_alone_hears_of_no_incident(store: WatchStore) -> None:
    clock, box = Hands(), Letterbox()
    ana(store, Wish(topics=(Topic.MAINTENANCE,)))
    async with running(store, {Channel.EMAIL: box}, clock) as outbox:
        await asyncio.to_thread(outbox.tell, event(1))
        await asyncio.to_thread(outbox.tell, event(1, What.SCHEDULED, subject="work"))
        await gathered(store, outbox, clock)
        await until(lambda: box.told)
    assert box.told == [("ana", [What.SCHEDULED])]


async def test_events_outlive_a_store_that_is_away_for_a_moment(
    store: WatchStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert watch_outbox.EVENTS_UNKEPT_MAX > 100
    monkeypatch.setattr(watch_outbox, "EVENTS_UNKEPT_MAX", 2)
    clock, box = Hands(), Letterbox()
    ana(store)
    outbox = Outbox((store.subscribers, store.outbox), {Channel.EMAIL: box}, board, clock)
    with store.engine.begin() as sql:
        sql.execute(text("ALTER TABLE watch_outbox_events RENAME TO away"))
    for number in range(3):
        outbox.tell(event(number))
    with store.engine.begin() as sql:
        sql.execute(text("ALTER TABLE away RENAME TO watch_outbox_events"))
    assert (outbox.faults["keep"], outbox.faults["lose"]) == (3, 1)
    task = asyncio.create_task(outbox.run())
    await until(lambda: store.outbox.unsettled()[Channel.EMAIL] == 2)
    assert outbox.faults["store"] == 0
    with store.engine.begin() as sql:
        sql.execute(text("ALTER TABLE watch_outbox_events RENAME TO away"))
    outbox.wake()
    await until(lambda: outbox.faults["store"])
    with store.engine.begin() as sql:
        sql.execute(text("ALTER TABLE away RENAME TO watch_outbox_events"))
    outbox.tell(event(9))
    await until(lambda: store.outbox.unsettled()[Channel.EMAIL] == 3)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_try_that_hangs_or_breaks_is_tried_again(
    store: WatchStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert watch_outbox.SEND_S_MAX > POST_TIMEOUT_S, "a channel's own bound comes first"
    monkeypatch.setattr(watch_outbox, "SEND_S_MAX", 0.05)
    clock, box = Hands(), Letterbox()
    ana(store)
    box.stuck = True
    async with running(store, {Channel.EMAIL: box}, clock) as outbox:
        outbox.tell(event(1))
        await gathered(store, outbox, clock)
        await until(lambda: _due(store) > clock.utc_us)
        box.stuck, box.fault = False, RuntimeError("of ours")
        clock.pass_s(5)
        outbox.wake()
        await until(lambda: _due(store) > clock.utc_us)
        box.fault = None
        clock.pass_s(10)
        outbox.wake()
        await until(lambda: outbox.letters[Channel.EMAIL, Verdict.SENT])
    assert (outbox.faults["hang"], outbox.faults["send"]) == (1, 1)
    registry = CollectorRegistry()
    registry.register(FaultCollector({"outbox": outbox.faults}, outbox.letters))
    for outcome, tries in (("later", 2), ("sent", 1), ("gone", 0)):
        labels = {"channel": "email", "outcome": outcome}
        assert registry.get_sample_value("rostra_watch_letters_total", labels) == tries


def _due(store: WatchStore) -> int:
    return store.outbox.next_due_utc_us(Channel.EMAIL) or 0


async def test_without_its_key_an_address_waits_and_is_not_lost(store: WatchStore) -> None:
    clock, box = Hands(), Letterbox()
    ana(store)
    foreign = SqlSubscribers(store.engine, Sealing(b"x" * KEY_BYTES))
    outbox = Outbox((foreign, store.outbox), {Channel.EMAIL: box}, board, clock, lambda: 0.5)
    task = asyncio.create_task(outbox.run())
    outbox.tell(event(1))
    await gathered(store, outbox, clock)
    await until(lambda: _due(store) > clock.utc_us)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert box.told == []
    assert outbox.faults["open"] == 1
    assert store.outbox.unsettled()[Channel.EMAIL] == 1


def test_what_is_configured_is_offered(store: WatchStore, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    made = assemble_subscriptions(settings, store, Hands(), board)
    assert made.subscribing.channels == {Channel.WEBPUSH, Channel.WEBHOOK}
    assert len(made.subscribing.vapid) == 87
    assert (settings.secrets / "watch-vapid.pem").stat().st_mode & 0o077 == 0
    made.close()
    mail = Mail(host="mail.example.org", sender="watch@example.org")
    with_mail = settings.model_copy(update={"watch": Watch(mail=mail)})
    made = assemble_subscriptions(with_mail, store, Hands(), board)
    assert made.subscribing.channels == set(Channel)
    made.close()
    nobody = settings.model_copy(update={"watch": Watch(mail=Mail(host="mail.example.org"))})
    with pytest.raises(HouseError, match=r"watch\.mail\.sender"):
        assemble_subscriptions(nobody, store, Hands(), board)
