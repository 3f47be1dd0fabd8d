"""E-mail through a real server with STARTTLS: what goes out, what comes back, what ends."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tests.fakes.authority import Authority
from tests.integration.watch.subscribe_kit import (
    START,
    Hands,
    MailHost,
    event,
    gathered,
    running,
    subscribe,
    text_of,
)
from tests.until import until

from rostra.app.watch_outbox import Post
from rostra.app.watch_posts import MailPost
from rostra.store.watch_opening import WatchStore, open_watch_store
from rostra.watch.asking import Ask
from rostra.watch.drivers import mail
from rostra.watch.drivers.mail import Mailer, MailRoute, message_of
from rostra.watch.events import What
from rostra.watch.letters import Letter
from rostra.watch.outbox import Verdict
from rostra.watch.subscribers import Channel, Life, MailBox, Wish


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[WatchStore]:
    one = open_watch_store(tmp_path)
    yield one
    one.close()


@pytest.fixture
def host(tmp_path: Path, authority: Authority) -> MailHost:
    return MailHost(tmp_path / "mail", authority)


def route(port: int, authority: Authority, **other: str) -> MailRoute:
    return MailRoute(
        "localhost", port, "watch@example.org", "House", trust=authority.client(), **other
    )


@pytest.fixture
async def mailer(host: MailHost, authority: Authority) -> AsyncIterator[Mailer]:
    async with host.open() as port:
        one = Mailer(route(port, authority))
        yield one
        await asyncio.to_thread(one.close)


def posts(mailer: Mailer) -> dict[Channel, Post]:
    return {Channel.EMAIL: MailPost(mailer)}


async def test_a_mailbox_is_asked_first_and_told_once_it_confirmed(
    store: WatchStore, host: MailHost, mailer: Mailer
) -> None:
    clock = Hands()
    async with running(store, posts(mailer), clock) as outbox:
        ask = Ask(MailBox("ana@example.org"), Wish(language="es"))
        assert store.subscribers.ask("s1", "w" * 43, ask, START) is Life.ASKED
        outbox.wake()
        await until(lambda: host.mails)
        asked = host.mails[0]
        link = f"https://status.example.org/status/subscribe/confirm/{'w' * 43}"
        assert asked["To"] == "ana@example.org"
        assert asked["Subject"] == "Confirma tu suscripción a House"
        assert link in text_of(asked)
        assert link in text_of(asked, "html")
        assert asked["List-Unsubscribe"] is None

        outbox.tell(event())
        await gathered(store, outbox, clock)
        store.subscribers.confirm("w" * 43, START)
        outbox.tell(event(2, What.UPDATED, body="We found the cable."))
        await gathered(store, outbox, clock)
        await until(lambda: len(host.mails) == 2)

    told = host.mails[1]
    assert told["Subject"] == "[House] Novedad: No sound in Madrid"
    assert told["List-Unsubscribe"] == (
        f"<https://status.example.org/status/subscribe/end/{'w' * 43}>"
    )
    assert told["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.fullmatch(r"<[0-9]+-[0-9]+\.s1@example\.org>", told["Message-ID"])
    assert "We found the cable." in text_of(told)
    assert "No sound since" not in text_of(told)
    assert host.calls == 1, "two letters on one connection"


async def test_a_dead_mailbox_ends_and_a_full_one_waits(
    store: WatchStore, host: MailHost, mailer: Mailer
) -> None:
    clock = Hands()
    for name in ("dead", "full", "well"):
        subscribe(store, name, MailBox(f"{name}@example.org"))
    host.refusing = {
        "dead@example.org": "550 5.1.1 no such user",
        "full@example.org": "452 4.2.2 mailbox full",
    }
    async with running(store, posts(mailer), clock) as outbox:
        outbox.tell(event())
        await gathered(store, outbox, clock)
        await until(lambda: host.mails and _life(store, "dead") is Life.ENDED)
        assert store.subscribers.open("dead") is None, "the address is gone"
        await until(lambda: store.outbox.next_due_utc_us(Channel.EMAIL))
        assert [one["To"] for one in host.mails] == ["well@example.org"]

        host.refusing = {}
        clock.pass_s(5)
        outbox.wake()
        await until(lambda: len(host.mails) == 2)
    assert host.mails[1]["To"] == "full@example.org"


def _life(store: WatchStore, name: str) -> Life:
    found = store.subscribers.find(f"word-of-{name}")
    assert found is not None
    return found.life


async def test_nothing_is_sent_in_the_clear_or_to_a_stranger_as_mail_server(
    host: MailHost, authority: Authority
) -> None:
    letter = Letter("s", "t", "<p>t</p>")
    async with host.open() as port:
        stranger = Mailer(MailRoute("localhost", port, "watch@example.org"))
        assert (await stranger.send("a@example.org", letter, "1")).verdict is Verdict.LATER
        await asyncio.to_thread(stranger.close)
        login = Mailer(route(port, authority, user="u", password="p"))  # noqa: S106 - no secret
        assert (await login.send("a@example.org", letter, "1")).verdict is Verdict.LATER
        await asyncio.to_thread(login.close)
    assert host.mails == []
    away = Mailer(route(port, authority))
    assert (await away.send("a@example.org", letter, "1")).verdict is Verdict.LATER
    away.close()


async def test_a_line_carries_so_many_letters_and_no_more(
    host: MailHost, mailer: Mailer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert mail.LINE_LETTERS_MAX < 100, "as servers commonly take"
    monkeypatch.setattr(mail, "LINE_LETTERS_MAX", 2)
    for number in range(3):
        sent = await mailer.send("a@example.org", Letter("s", "t", "<p>t</p>"), str(number))
        assert sent.verdict is Verdict.SENT
    assert host.calls == 2


@pytest.mark.parametrize("broken", ["a\r\nBcc: b@example.org", "a\nb"])
async def test_a_header_takes_no_line_break(broken: str, authority: Authority) -> None:
    with pytest.raises(ValueError, match="linefeed or carriage return"):
        message_of(route(25, authority), "a@example.org", Letter(broken, "t", "h"), "1")
    with pytest.raises(ValueError):  # noqa: PT011 - several messages, none of them ours
        message_of(route(25, authority), f"x@example.org{broken}", Letter("s", "t", "h"), "1")
