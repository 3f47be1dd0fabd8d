"""Subscribing over HTTP: by form, by JSON, one click to leave, and no way to learn who is there."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text
from tests.integration.watch.subscribe_kit import START, Hands, board, settle_sent, subscribe

from rostra.store.watch_opening import open_watch_store
from rostra.store.watch_sealing import KEY_BYTES, KEY_FILE, SealError, Sealing, sealing_at
from rostra.store.watch_subscribers import ALREADY_EVERY_S
from rostra.watch.asking import ASK_BYTES_MAX
from rostra.watch.board import Chart
from rostra.watch.outbox import Kind
from rostra.watch.subscribers import (
    ASKED_LIFE_S,
    ASKS_PER_ADDRESS_MAX,
    ENDED_LIFE_S,
    HOOKS_PER_ADDRESS_MAX,
    Channel,
    Hook,
    Life,
    MailBox,
    Topic,
)
from rostra.web.watch_factory import create_watch_app
from rostra.web.watch_metrics import SiteMetrics
from rostra.web.watch_site import Site
from rostra.web.watch_subscribing import ALL_ASKS_RATE, ASK_RATE, Subscribing
from rostra.web.watch_subscriptions import FIELDS_MAX, WORKER_FILE

P256DH = "BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
AUTH = "AAAAAAAAAAAAAAAAAAAAAA"
BROWSER = {
    "channel": "webpush",
    "subscription": {
        "endpoint": "https://push.example.org/1",
        "expirationTime": None,
        "keys": {"p256dh": P256DH, "auth": AUTH},
    },
}


class Desk:
    """The application over ASGI, with a store of its own and no outbox: letters stay in it."""

    def __init__(self, folder: Path, channels: frozenset[Channel] = frozenset(Channel)) -> None:
        self.clock = Hands()
        self.store = open_watch_store(folder)
        self.woken = 0

        def wake() -> None:
            self.woken += 1

        async def chart(component: str, of: str) -> Chart:
            return Chart(component, of, 900)

        subscribing = Subscribing(
            self.store.subscribers, self.clock, channels, "VAPID", wake, salt=b"s" * 16
        )
        self.site = Site(self.clock, board, chart, dist=folder, subscribing=subscribing)
        self.http = self.client(self.site)

    def client(self, site: Site, address: str = "198.51.100.7") -> httpx.AsyncClient:
        transport = httpx.ASGITransport(create_watch_app(site), client=(address, 1))
        return httpx.AsyncClient(transport=transport, base_url="http://watch/status")

    def letters(self, channel: Channel = Channel.EMAIL) -> list[tuple[Kind, str]]:
        """What would be sent now: each letter's kind and its subscriber's word."""
        told = []
        for claimed in self.store.outbox.claim(channel, self.clock.utc_us, 100):
            sealed = self.store.subscribers.open(claimed.subscriber.id)
            assert sealed is not None
            told.append((claimed.kind, sealed.token))
            settle_sent(self.store, claimed, self.clock.utc_us)
        return told


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    one = Desk(tmp_path)
    yield one
    await one.http.aclose()
    one.store.close()


async def test_a_form_without_script_leads_to_a_letter_and_a_button(desk: Desk) -> None:
    page = await desk.http.get("/subscribe", headers={"Accept-Language": "es"})
    assert page.status_code == 200
    assert "Tu dirección de correo" in page.text
    assert "form-action 'self'" in page.headers["content-security-policy"]
    assert "script" not in page.text
    form = {"channel": "email", "address": "Ana@Example.org", "component": ["sound"]}
    form |= {"topic": ["incidents"], "language": "es"}
    asked = await desk.http.post("/subscribe", data=form)
    assert asked.status_code == 202
    assert "Ana" not in asked.text
    [(kind, token)] = desk.letters()
    assert kind is Kind.CONFIRM
    assert token not in asked.text

    for _ in range(2):  # what looks at links in mail confirms nothing
        looked = await desk.http.get(f"/subscribe/confirm/{token}")
        assert 'method="post"' in looked.text
        assert "incidents of Sound" in looked.text
    assert (await desk.http.get(f"/subscribe/manage/{token}")).text.count("<form") == 1
    before = desk.store.subscribers.find(token)
    assert before is not None
    assert before.life is Life.ASKED
    confirmed = await desk.http.post(f"/subscribe/confirm/{token}")
    assert "You are subscribed" in confirmed.text
    found = desk.store.subscribers.find(token)
    assert found is not None
    assert found.life is Life.CONFIRMED
    assert found.wish.components == ("sound",)
    assert found.wish.topics == (Topic.INCIDENTS,)


async def test_whatever_is_asked_the_answer_does_not_tell_who_is_subscribed(desk: Desk) -> None:
    ask = {"channel": "email", "address": "ana@example.org"}
    first = await desk.http.post("/api/subscriptions", json=ask)
    [(_, token)] = desk.letters()
    await desk.http.post(f"/subscribe/confirm/{token}")
    for time, kinds in ((0, [Kind.ALREADY]), (0, []), (ALREADY_EVERY_S, [Kind.ALREADY])):
        desk.clock.pass_s(time)
        again = await desk.http.post("/api/subscriptions", json=ask | {"language": "es"})
        assert (again.status_code, again.content) == (first.status_code, first.content)
        assert [kind for kind, _ in desk.letters()] == kinds
    found = desk.store.subscribers.find(token)
    assert found is not None
    assert found.wish.language == "en", "who only knows an address changes nothing"


async def test_an_address_is_asked_a_few_times_and_no_more(desk: Desk) -> None:
    for number in range(ASKS_PER_ADDRESS_MAX + 2):
        ask = {"channel": "email", "address": "victim@example.org"}
        answer = await desk.http.post("/api/subscriptions", json=ask)
        assert answer.json() == {"state": "asked"}
        assert len(desk.letters()) == (number < ASKS_PER_ADDRESS_MAX)
    desk.clock.pass_s(ASKED_LIFE_S)
    assert desk.store.subscribers.tidy(desk.clock.utc_us) == ASKS_PER_ADDRESS_MAX
    with desk.store.engine.connect() as sql:
        assert sql.execute(text("SELECT count(*) FROM watch_subscribers")).scalar() == 0
        assert sql.execute(text("SELECT count(*) FROM watch_outbox")).scalar() == 0


async def test_a_browser_is_subscribed_at_once_and_leaves_by_its_word(desk: Desk) -> None:
    offered = (await desk.http.get("/api/subscriptions")).json()
    assert offered["vapid"] == "VAPID"
    assert [one["id"] for one in offered["components"]] == ["sound", "stage"]
    first = await desk.http.post("/api/subscriptions", json=BROWSER)
    assert first.status_code == 201
    second = await desk.http.post("/api/subscriptions", json=BROWSER | {"components": ["stage"]})
    assert desk.store.subscribers.counts()[Channel.WEBPUSH] == 1, "the newer replaces the older"
    gone = {"token": second.json()["token"]}
    for _ in range(2):
        left = await desk.http.post("/api/subscriptions/end", json=gone)
        assert left.json() == {"state": "ended"}
    assert desk.store.subscribers.counts()[Channel.WEBPUSH] == 0
    assert (await desk.http.post("/api/subscriptions/end", json={"token": "x"})).status_code == 404
    assert (await desk.http.post("/api/subscriptions/end", json=[])).status_code == 422


async def test_a_program_gets_a_secret_once_and_its_word_goes_to_it_alone(desk: Desk) -> None:
    ask = {"channel": "webhook", "url": "https://hook.example.org/status"}
    answer = await desk.http.post("/api/subscriptions", json=ask)
    assert answer.status_code == 202
    assert set(answer.json()) == {"state", "secret"}
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", answer.json()["secret"])
    [(kind, token)] = desk.letters(Channel.WEBHOOK)
    assert kind is Kind.CONFIRM
    form = await desk.http.post("/subscribe", data=ask | {"topic": "incidents", "language": "en"})
    assert "whsec_" in form.text
    assert token not in form.text
    for number in range(HOOKS_PER_ADDRESS_MAX + 1):
        subscribe(desk.store, f"h{number}", Hook("https://many.example.org/", "s"))
    assert desk.store.subscribers.counts()[Channel.WEBHOOK] == HOOKS_PER_ADDRESS_MAX


async def test_one_click_ends_it_and_the_address_is_gone_from_the_file(desk: Desk) -> None:
    token = subscribe(desk.store, "a", MailBox("ana@example.org"))
    assert 'method="post"' in (await desk.http.get(f"/subscribe/end/{token}")).text
    click = {"List-Unsubscribe": "One-Click"}
    for _ in range(2):
        left = await desk.http.post(f"/subscribe/end/{token}", data=click)
        assert left.status_code == 200
        assert "deleted" in left.text
    with desk.store.engine.connect() as sql:
        row = sql.execute(text("SELECT sealed, finding FROM watch_subscribers")).one()
    assert tuple(row) == (None, None)
    assert "deleted" in (await desk.http.get(f"/subscribe/manage/{token}")).text
    assert "deleted" in (await desk.http.post(f"/subscribe/confirm/{token}")).text
    desk.clock.pass_s(ENDED_LIFE_S)
    desk.store.subscribers.tidy(desk.clock.utc_us)
    assert (await desk.http.get(f"/subscribe/end/{token}")).status_code == 404


async def test_a_subscription_is_changed_by_its_link(desk: Desk) -> None:
    token = subscribe(desk.store, "a", MailBox("ana@example.org"))
    form = {"component": ["stage"], "topic": ["maintenance"], "language": "es"}
    saved = await desk.http.post(f"/subscribe/manage/{token}", data=form)
    assert 'value="stage" checked' in saved.text
    assert 'value="sound" checked' not in saved.text
    refused = await desk.http.post(f"/subscribe/manage/{token}", data=form | {"topic": []})
    assert refused.status_code == 422
    assert "Choose incidents, maintenance, or both." in refused.text
    assert (await desk.http.post(f"/subscribe/manage/{'x' * 200}", data=form)).status_code == 404


async def test_what_is_wrong_is_said_above_the_form_and_nothing_is_lost(desk: Desk) -> None:
    form = {"channel": "email", "address": "<ana>", "topic": ["incidents"], "language": "es"}
    spanish = {"Accept-Language": "es"}
    refused = await desk.http.post("/subscribe", data=form, headers=spanish)
    assert refused.status_code == 422
    assert 'role="alert"' in refused.text
    assert "No es una dirección de correo" in refused.text
    assert 'value="&lt;ana&gt;"' in refused.text
    assert (await desk.http.post("/subscribe", data={"channel": "fax"})).status_code == 422
    many = "&".join("component=a" for _ in range(FIELDS_MAX + 1))
    assert (await desk.http.post("/subscribe", content=many)).status_code == 422
    large = await desk.http.post("/api/subscriptions", content=b"x" * (ASK_BYTES_MAX + 1))
    assert large.status_code == 413
    assert "exceeds" in large.json()["error"]["sentence"]


async def test_asking_is_limited_for_each_and_for_all(desk: Desk) -> None:
    ask = {"channel": "fax"}
    for _ in range(ASK_RATE.tries_max):
        assert (await desk.http.post("/api/subscriptions", json=ask)).status_code == 422
    assert (await desk.http.post("/api/subscriptions", json=ask)).status_code == 429
    form = await desk.http.post("/subscribe", data={"channel": "email"})
    assert form.status_code == 429
    assert form.headers["retry-after"] == str(ASK_RATE.window_s)

    taking = desk.site.subscribing
    assert taking is not None
    for number in range(ALL_ASKS_RATE.tries_max - ASK_RATE.tries_max):
        taking.admit(f"203.0.{number // 250}.{number % 250}")
    other = desk.client(desk.site, "198.51.100.8")
    answer = await other.post("/api/subscriptions", json=ask)
    assert answer.status_code == 429
    assert answer.json()["error"]["sentence"].startswith("Many people subscribe")


async def test_channels_that_are_not_there_are_not_offered(tmp_path: Path) -> None:
    desk = Desk(tmp_path, frozenset({Channel.WEBHOOK}))
    page = await desk.http.get("/subscribe")
    assert "no mail server" in page.text
    for ask in ({"channel": "email", "address": "ana@example.org"}, BROWSER):
        assert (await desk.http.post("/api/subscriptions", json=ask)).status_code == 422
    none = desk.client(replace(desk.site, subscribing=None, dist=None, metrics=SiteMetrics()))
    assert (await none.get("/subscribe")).status_code == 404
    assert (await none.get(f"/{WORKER_FILE}")).status_code == 404
    (tmp_path / WORKER_FILE).write_text("self;")
    worker = await desk.http.get(f"/{WORKER_FILE}")
    assert worker.headers["content-type"].startswith("text/javascript")
    desk.store.close()


def test_no_address_is_in_the_file_and_the_key_alone_opens_it(tmp_path: Path) -> None:
    store = open_watch_store(tmp_path)
    token = subscribe(store, "a", MailBox("ana@example.org"), now=START)
    store.close()
    written = b"".join(path.read_bytes() for path in tmp_path.glob("watch.sqlite3*"))
    assert b"ana@" not in written
    assert token.encode() not in written
    key = tmp_path / "secrets" / KEY_FILE
    assert key.stat().st_mode & 0o077 == 0
    again = open_watch_store(tmp_path)
    opened = again.subscribers.open("a")
    assert opened is not None
    assert opened.address == MailBox("ana@example.org")
    again.close()


def test_what_was_sealed_for_one_row_opens_for_no_other() -> None:
    own, foreign = Sealing(b"k" * KEY_BYTES), Sealing(b"K" * KEY_BYTES)
    sealed = own.seal(b"ana@example.org", "row1")
    assert own.open(sealed, "row1") == b"ana@example.org"
    for opening, data, about in ((own, sealed, "row2"), (foreign, sealed, "row1"), (own, b"", "")):
        with pytest.raises(SealError):
            opening.open(data, about)


def test_a_key_that_is_none_is_not_used(tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).write_text("00ff\n")
    with pytest.raises(Exception, match="Restore it"):
        sealing_at(tmp_path)
