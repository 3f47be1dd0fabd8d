"""A stop while a mail server hangs: nobody waits for it, and its letter goes out later, once."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.fakes.authority import Authority
from tests.fakes.silent_server import SilentServer
from tests.house import until as until_now
from tests.integration.watch.process import STOP_WAIT_S, WatchProcess
from tests.integration.watch.subscribe_kit import (
    Hands,
    MailHost,
    board,
    event,
    gathered,
    running,
    subscribe,
)
from tests.until import until

from rostra.app.watch_keeper import PATIENCE_S
from rostra.app.watch_outbox import Outbox
from rostra.app.watch_posts import MailPost
from rostra.store.watch_opening import WatchStore, open_watch_store
from rostra.store.watch_sending import Claimed
from rostra.watch.board import Board
from rostra.watch.drivers.mail import MAILS_AT_ONCE, SMTP_TIMEOUT_S, Mailer, MailRoute
from rostra.watch.drivers.threads import in_thread
from rostra.watch.letters import Letter
from rostra.watch.outbox import Outcome
from rostra.watch.subscribers import Channel, MailBox, Sealed

LETTER = Letter("s", "t", "<p>t</p>")


@pytest.fixture
def silent() -> Iterator[SilentServer]:
    with SilentServer() as server:
        yield server


@pytest.fixture
def store(tmp_path: Path) -> Iterator[WatchStore]:
    one = open_watch_store(tmp_path)
    yield one
    one.close()


class Noting(MailPost):
    """Keeps the name of each letter that it tries."""

    def __init__(self, mailer: Mailer) -> None:
        super().__init__(mailer)
        self.names: list[str] = []

    async def send(self, claimed: Claimed, sealed: Sealed, board: Board) -> Outcome:
        self.names.append(claimed.name)
        return await super().send(claimed, sealed, board)


def plain(server: SilentServer) -> Mailer:
    return Mailer(MailRoute("127.0.0.1", server.port, "watch@example.org", security="none"))


async def test_an_outbox_ends_though_the_mail_server_says_nothing(
    store: WatchStore, silent: SilentServer, tmp_path: Path
) -> None:
    assert SMTP_TIMEOUT_S > STOP_WAIT_S > PATIENCE_S, "waiting for the server would be seen"
    clock, mailer = Hands(), plain(silent)
    subscribe(store, "ana", MailBox("ana@example.org"))
    post = Noting(mailer)
    outbox = Outbox((store.subscribers, store.outbox), {Channel.EMAIL: post}, board, clock)
    task = asyncio.create_task(outbox.run())
    outbox.tell(event())
    await gathered(store, outbox, clock)
    await until(lambda: silent.calls)
    task.cancel()
    async with asyncio.timeout(STOP_WAIT_S):
        await asyncio.wait({task})
    assert task.cancelled()
    mailer.close()
    assert store.outbox.unsettled()[Channel.EMAIL] == 1

    authority = Authority()
    host = MailHost(tmp_path / "mail", authority)
    async with host.open() as port:
        route = MailRoute("localhost", port, "watch@example.org", trust=authority.client())
        again = Mailer(route)
        async with running(store, {Channel.EMAIL: MailPost(again)}, clock):
            await until(lambda: store.outbox.unsettled()[Channel.EMAIL] == 0)
        again.close()
    assert [one["Message-ID"] for one in host.mails] == [f"<{post.names[0]}.ana@example.org>"]


def test_a_watch_ends_politely_though_its_mail_server_says_nothing(
    silent: SilentServer, tmp_path: Path
) -> None:
    mail = {
        "ROSTRA_WATCH__MAIL__HOST": "127.0.0.1",
        "ROSTRA_WATCH__MAIL__PORT": str(silent.port),
        "ROSTRA_WATCH__MAIL__SENDER": "watch@example.org",
        "ROSTRA_WATCH__MAIL__SECURITY": "none",
    }
    watch = WatchProcess(tmp_path, **mail)
    watch.start()
    try:
        asked = httpx.post(
            f"{watch.page}/status/api/subscriptions",
            json={"channel": "email", "address": "ana@example.org"},
            trust_env=False,
        )
        assert asked.status_code == 202, asked.text
        until_now(lambda: bool(silent.calls), STOP_WAIT_S)
    finally:
        code = watch.stop()
    assert code == 0
    assert not (watch.data / "run" / "watch.json").exists()
    assert "Traceback" not in watch.log_path.read_text()


async def test_letters_that_were_given_up_hold_their_places_until_they_end(
    silent: SilentServer,
) -> None:
    mailer = plain(silent)
    first = [
        asyncio.create_task(mailer.send("a@example.org", LETTER, str(n)))
        for n in range(MAILS_AT_ONCE)
    ]
    await until(lambda: len(silent.calls) == MAILS_AT_ONCE)
    for task in first:
        task.cancel()
    await asyncio.wait(first)
    late = asyncio.create_task(mailer.send("a@example.org", LETTER, "late"))
    done, _ = await asyncio.wait({late}, timeout=0)
    assert (len(done), len(silent.calls)) == (0, MAILS_AT_ONCE)
    silent.hang_up()
    await until(lambda: len(silent.calls) == MAILS_AT_ONCE + 1)
    late.cancel()
    await asyncio.wait({late})
    mailer.close()


async def test_a_call_in_a_thread_gives_what_comes_of_it_and_its_place_back() -> None:
    ended: list[int] = []
    assert await in_thread("t", lambda: 7, lambda: ended.append(1)) == 7

    def broken() -> None:
        sentence = "no"
        raise ValueError(sentence)

    with pytest.raises(ValueError, match="no"):
        await in_thread("t", broken, lambda: ended.append(2))
    go_on = threading.Event()
    hangs = asyncio.ensure_future(in_thread("hangs", go_on.wait, lambda: ended.append(3)))
    (thread,) = (one for one in threading.enumerate() if one.name == "hangs")
    assert thread.daemon, "the end of the process does not wait for it"
    hangs.cancel()
    assert ended == [1, 2]
    go_on.set()
    await until(lambda: ended == [1, 2, 3])


async def test_a_machine_without_a_thread_left_keeps_no_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def start(_thread: threading.Thread) -> None:
        sentence = "can't start new thread"
        raise RuntimeError(sentence)

    monkeypatch.setattr(threading.Thread, "start", start)
    ended: list[int] = []
    with pytest.raises(RuntimeError, match="new thread"):
        in_thread("t", lambda: 7, lambda: ended.append(1))
    assert ended == [1]
