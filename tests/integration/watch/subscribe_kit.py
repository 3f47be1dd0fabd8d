"""A watch's outbox with a clock of the test's own, and a real mail server to write to."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import msgspec
from aiosmtpd.smtp import SMTP, Envelope, Session
from tests.fakes.authority import Authority
from tests.until import until

from rostra.app.watch_outbox import Outbox, Post
from rostra.domain.ports import Moment
from rostra.store.watch_opening import WatchStore
from rostra.store.watch_sending import Claimed
from rostra.watch.asking import Ask
from rostra.watch.board import Board, ComponentView
from rostra.watch.components import Impact, Status
from rostra.watch.events import Event, What
from rostra.watch.outbox import GATHER_S, Outcome, Verdict, settle
from rostra.watch.subscribers import CHANNEL_OF, Address, Channel, Wish

START = 1_800_000_000_000_000
SECOND = 1_000_000


class Hands:
    """A clock that the test turns."""

    def __init__(self) -> None:
        self.utc_us = START

    def now(self) -> Moment:
        return Moment(mono_ns=(self.utc_us - START) * 1_000, utc_us=self.utc_us)

    def pass_s(self, seconds: float) -> None:
        self.utc_us += int(seconds * SECOND)


def board() -> Board:
    def component(own_id: str, name: str, position: int) -> ComponentView:
        return ComponentView(own_id, name, "", "", position, START, START, Status.OPERATIONAL)

    both = component("sound", "Sound", 1), component("stage", "Stage", 2)
    return Board("House", "https://status.example.org", START, components=both)


WORK = frozenset({What.SCHEDULED, What.BEGUN, What.COMPLETED})


def event(number: int = 1, what: What = What.OPENED, **other: Any) -> Event:  # noqa: ANN401 - fields of an event
    """The `number`-th event of incident `inc1`, or of another `subject`."""
    made = Event(
        id="",
        what=what,
        subject="inc1",
        name="No sound in Madrid",
        body="No sound since 20:04 UTC.",
        impact=Impact.MAINTENANCE if what in WORK else Impact.MAJOR,
        components=("sound",),
        utc_us=START,
    )
    made = msgspec.structs.replace(made, **other)
    return msgspec.structs.replace(made, id=f"{made.subject}-{number}")


def subscribe(
    store: WatchStore, name: str, address: Address, wish: Wish | None = None, now: int = START
) -> str:
    """A confirmed subscription, as if its letter had been answered; returns its word."""
    token = f"word-of-{name}"
    store.subscribers.ask(name, token, Ask(address, wish or Wish()), now)
    store.subscribers.confirm(token, now)
    for claimed in store.outbox.claim(CHANNEL_OF[type(address)], now, 1_000):
        settle_sent(store, claimed, now)
    return token


def settle_sent(store: WatchStore, claimed: Claimed, now: int) -> None:
    outcome = Outcome(Verdict.SENT)
    store.outbox.settle(claimed, outcome, settle(claimed.batch, outcome, 0, now, 0.5), now)


@asynccontextmanager
async def running(
    store: WatchStore, posts: dict[Channel, Post], clock: Hands, public: Callable[[], Board] = board
) -> AsyncIterator[Outbox]:
    """An outbox at work; its chance is one half."""
    outbox = Outbox((store.subscribers, store.outbox), posts, public, clock, lambda: 0.5)
    task = asyncio.create_task(outbox.run())
    try:
        yield outbox
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def gathered(store: WatchStore, outbox: Outbox, clock: Hands) -> None:
    """Events were spread, and the time in which they are gathered has passed."""
    await until(lambda: not store.outbox.unspread())
    clock.pass_s(GATHER_S)
    outbox.wake()


class MailHost:
    """A real SMTP server with STARTTLS; `refusing` answers recipients, `mails` is what came."""

    def __init__(self, folder: Path, authority: Authority) -> None:
        self.mails: list[EmailMessage] = []
        self.refusing: dict[str, str] = {}
        self.calls = 0
        certificate, key = authority.write(folder)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, key)

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, said: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.calls += session.ssl is not None
        return said

    async def handle_RCPT(  # noqa: N802 - as above
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        if address in self.refusing:
            return self.refusing[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - as above
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        mail = message_from_bytes(content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"

    @asynccontextmanager
    async def open(self) -> AsyncIterator[int]:
        """The port, while the server runs in this loop."""

        def protocol() -> SMTP:
            return SMTP(self, tls_context=self._context, require_starttls=True)

        server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
        async with server:
            yield server.sockets[0].getsockname()[1]


def text_of(mail: EmailMessage, subtype: str = "plain") -> str:
    part = mail.get_body((subtype,))
    assert isinstance(part, EmailMessage)
    return str(part.get_content())


class Came(msgspec.Struct):
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes


class HttpHost:
    """A push service's or a program's server: keeps what comes, answers by path.

    An answer of `b"echo"` is the request's own body; one shorter than its Content-Length is
    never ended.
    """

    def __init__(self, certificate: tuple[Path, Path] | None = None) -> None:
        self.came: list[Came] = []
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.url = ""
        self._context = None
        if certificate is not None:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(*certificate)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._context)
        self._ending = asyncio.Event()
        scheme = "https" if self._context else "http"
        self.url = f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with server:
            yield
            self._ending.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            pairs = (line.split(": ", 1) for line in head[1:] if line)
            headers = {name.lower(): value for name, value in pairs}
            body = await reader.readexactly(int(headers["content-length"]))
            path = head[0].split(" ")[1]
            self.came.append(Came(path, headers, body))
            status, extra, answer = self.answers.get(path, (200, {}, b""))
            answer = body if answer == b"echo" else answer
            fields = {"Content-Length": str(len(answer)), **extra}
            lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
            writer.write(f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode() + answer)
            await writer.drain()
            if int(fields["Content-Length"]) > len(answer):
                await self._ending.wait()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
