"""A whole desk on one test's folder: real store, real routes, a backbone in memory."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI

from rostra.domain.accounts import Account, AccountRole
from rostra.domain.errors import HouseError
from rostra.domain.ports import Entry, Handler, Moment, Responder
from rostra.store.opening import Store, open_store
from rostra.web.deps import Deps, Outside
from rostra.web.factory import create_app
from rostra.web.passwords import hash_password
from rostra.web.words import hash_of, new_id

ORIGIN = "http://desk.test"
OPERATOR = "the-operators-token-of-this-test"
PASSWORD = "correct horse battery"  # noqa: S105 - of people who exist in tests only
START_UTC_US = 1_800_000_000_000_000


@dataclass
class Hand:
    """A clock that moves when a test says so."""

    utc_us: int = START_UTC_US
    mono_ns: int = 1_000_000_000

    def now(self) -> Moment:
        return Moment(self.mono_ns, self.utc_us)

    def forward(self, seconds: float) -> None:
        self.utc_us += int(seconds * 1_000_000)
        self.mono_ns += int(seconds * 1_000_000_000)


class MemoryBackbone:
    """`domain.ports.Backbone` within one process; `away` is a cable pulled."""

    def __init__(self) -> None:
        self.away = False
        self.buckets: dict[str, dict[str, bytes]] = {}
        self.changed = asyncio.Condition()
        self._responders: dict[str, Responder] = {}
        self._handlers: dict[str, list[Handler]] = {}
        self._watchers: dict[str, list[asyncio.Queue[Entry]]] = {}
        self._revision = 0

    def _reach(self) -> None:
        if self.away:
            sentence = "The backbone is not there. See `rostra ps`."
            raise HouseError(sentence)

    async def publish(self, subject: str, payload: bytes) -> None:
        self._reach()
        wild = subject.partition(".")[0] + ".*"
        for handler in self._handlers.get(subject, []) + self._handlers.get(wild, []):
            await handler(subject, payload)

    async def subscribe(self, subject: str, handler: Handler) -> None:
        self._handlers.setdefault(subject, []).append(handler)

    async def serve(self, subject: str, responder: Responder) -> Callable[[], Awaitable[None]]:
        self._responders[subject] = responder

        async def stop() -> None:
            del self._responders[subject]

        return stop

    async def ask(self, subject: str, payload: bytes, timeout_s: float) -> bytes:
        self._reach()
        if subject not in self._responders:
            sentence = f"Nobody answers {subject} at the moment."
            raise HouseError(sentence)
        async with asyncio.timeout(timeout_s):
            return await self._responders[subject](payload)

    async def recent(self, subject: str) -> list[bytes]:
        raise NotImplementedError(subject)

    async def put(self, bucket: str, key: str, value: bytes) -> int:
        self._reach()
        self._revision += 1
        self.buckets.setdefault(bucket, {})[key] = value
        for queue in self._watchers.get(bucket, []):
            queue.put_nowait(Entry(key, value, self._revision))
        async with self.changed:
            self.changed.notify_all()
        return self._revision

    async def create(self, bucket: str, key: str, value: bytes) -> int | None:
        raise NotImplementedError(bucket)

    async def update(self, bucket: str, key: str, value: bytes, revision: int) -> int | None:
        raise NotImplementedError(bucket)

    async def delete(self, bucket: str, key: str) -> None:
        self._reach()
        self._revision += 1
        self.buckets.get(bucket, {}).pop(key, None)
        for queue in self._watchers.get(bucket, []):
            queue.put_nowait(Entry(key, None, self._revision))

    async def watch(
        self, bucket: str, told: Callable[[], None] | None = None
    ) -> AsyncIterator[Entry]:
        queue: asyncio.Queue[Entry] = asyncio.Queue()
        self._watchers.setdefault(bucket, []).append(queue)
        for key, value in self.buckets.get(bucket, {}).items():
            yield Entry(key, value, self._revision)
        if told is not None:
            told()
        while True:
            yield await queue.get()

    async def put_object(self, name: str, data: bytes) -> None:
        raise NotImplementedError(name)

    async def get_object(self, name: str) -> bytes | None:
        raise NotImplementedError(name)

    async def close(self) -> None:
        return None


@dataclass
class Desk:
    """What a test holds of its desk."""

    store: Store
    backbone: MemoryBackbone
    clock: Hand
    key: Ed25519PrivateKey
    deps: Deps
    app: FastAPI
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    def browser(self, address: str = "192.0.2.7", **headers: str) -> httpx.AsyncClient:
        """A browser on the desk's own page: it keeps cookies and says its origin."""
        return self.program(address, origin=ORIGIN, **headers)

    def program(self, address: str = "192.0.2.7", **headers: str) -> httpx.AsyncClient:
        """A program that sends only what it is told to."""
        transport = httpx.ASGITransport(self.app, client=(address, 40_000))
        client = httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers)
        self.clients.append(client)
        return client

    def operator(self) -> httpx.AsyncClient:
        """The command line with the house's token."""
        return self.program(authorization=f"Bearer {OPERATOR}")

    def account(self, name: str, role: AccountRole = AccountRole.MEMBER) -> Account:
        """An account with PASSWORD, straight into the store."""
        account = Account(new_id(), name, role, self.clock.utc_us)
        return self.store.accounts.register(account, hash_password(PASSWORD), None)

    async def as_account(
        self, name: str, role: AccountRole = AccountRole.MEMBER
    ) -> httpx.AsyncClient:
        """A browser that is logged in with a new account."""
        self.account(name, role)
        browser = self.browser()
        body = {"name": name, "password": PASSWORD}
        answer = await browser.post("/api/v1/session", json=body)
        assert answer.status_code == 204, answer.text
        return browser

    def invitation(self, token: str, role: AccountRole, life_s: int = 3_600) -> None:
        """An invitation of the house's own."""
        expires = self.clock.utc_us + life_s * 1_000_000
        self.store.accounts.invite(hash_of(token), role, None, expires)


@asynccontextmanager
async def desk_on(folder: Path, **given: Any) -> AsyncIterator[Desk]:  # noqa: ANN401 - Outside's
    """A running desk with its store in `folder`; `given` goes into `Outside`."""
    store = open_store("", folder)
    backbone, clock = MemoryBackbone(), Hand()
    key = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
    outside = Outside(
        accounts=store.accounts,
        spaces=store.spaces,
        backbone=backbone,
        clock=clock,
        key=key,
        salt=b"salt",
        origin=given.pop("origin", ORIGIN),
        operator_token=given.pop("operator_token", OPERATOR),
        **given,
    )
    deps = Deps(outside)
    app = create_app(deps)
    desk = Desk(store, backbone, clock, key, deps, app)
    async with app.router.lifespan_context(app):
        yield desk
        for client in desk.clients:
            await client.aclose()
    store.close()


def sentence(answer: httpx.Response) -> str:
    """The sentence of an error, whose form is checked on the way."""
    body = answer.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"sentence", "field"}
    return str(body["error"]["sentence"])
