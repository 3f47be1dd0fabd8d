"""Takes wishes to be told of incidents, and gives none a way to learn who else is."""

import asyncio
import base64
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final, ParamSpec, Protocol, TypeVar

import msgspec

from rostra.domain.errors import NotFoundError, PeerError
from rostra.domain.ports import Clock
from rostra.watch.asking import Ask
from rostra.watch.subscribers import (
    HOOK_SECRET_PREFIX,
    Browser,
    Channel,
    Hook,
    Life,
    Subscriber,
    Wish,
)
from rostra.web.limiter import Limiter, Rate, TooOftenError
from rostra.web.words import SECRET_CHARS_MAX, new_id, new_secret

ASK_RATE: Final = Rate("subscriptions", 10, 3_600)
"""A person tries two channels and mends a slip of the pen; an office shares an address."""
ALL_ASKS_RATE: Final = Rate("subscriptions", 600, 3_600)
"""From everybody together: so many letters to strangers an hour are written at most."""
HOOK_SECRET_BYTES: Final = 32
"""Standard Webhooks asks for 24 to 64."""

_EVERYBODY: Final = "everybody"
_P = ParamSpec("_P")
_T = TypeVar("_T")


class Book(Protocol):
    """What is kept of subscribers; `store.watch_subscribers` is it. Methods block."""

    def ask(self, own_id: str, token: str, ask: Ask, now_utc_us: int) -> Life:
        """Keep a wish; the answer is the same whether the address is known."""
        ...

    def find(self, token: str) -> Subscriber | None:
        """The subscription of a link's word."""
        ...

    def confirm(self, token: str, now_utc_us: int) -> Subscriber | None:
        """Begin to tell them."""
        ...

    def change(self, token: str, wish: Wish) -> bool:
        """Change what a confirmed one is told."""
        ...

    def end(self, token: str, now_utc_us: int) -> bool:
        """Forget them; False if there is no such subscription."""
        ...


class Asked(msgspec.Struct, frozen=True, omit_defaults=True):
    """What somebody who subscribed is answered.

    A browser gets the `token` with which it leaves; a program's owner the `secret` that its
    letters are signed with, shown once. Everything else goes to the address itself.
    """

    state: str
    token: str = ""
    secret: str = ""


@dataclass(frozen=True, slots=True)
class Subscribing:
    """The book, behind its limits. `channels` are those that this watch can write to."""

    book: Book
    clock: Clock
    channels: frozenset[Channel]
    vapid: str = ""
    """The open half of the key that browsers subscribe to; empty without Web Push."""
    wake: Callable[[], None] = lambda: None
    """Called when there is a letter to send."""
    loopback: bool = False
    """Tests alone: programs and push services on this machine are taken."""
    salt: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    _each: Limiter = field(init=False)
    _all: Limiter = field(init=False)
    _threads: ThreadPoolExecutor = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_each", Limiter(ASK_RATE, self.salt))
        object.__setattr__(self, "_all", Limiter(ALL_ASKS_RATE, self.salt))
        threads = ThreadPoolExecutor(2, thread_name_prefix="subscribing")
        object.__setattr__(self, "_threads", threads)

    def admit(self, address: str) -> None:
        """Count one try of this network address; TooOftenError (429) beyond the budgets."""
        now = self.clock.now().mono_ns
        self._each.take(address, now)
        try:
            self._all.take(_EVERYBODY, now)
        except TooOftenError as error:
            raise BusyError(error.wait_s) from error

    async def ask(self, ask: Ask) -> Asked:
        """Keep a wish; PeerError (422) for a channel that this watch has not."""
        must_be_open(ask, self.channels)
        token, secret = new_secret(), ""
        if isinstance(ask.address, Hook):
            secret = _hook_secret()
            ask = msgspec.structs.replace(ask, address=Hook(ask.address.url, secret))
        life = await self._run(self.book.ask, new_id(), token, ask, self._now())
        self.wake()
        # Only a browser may have the word now: to anybody else it proves that an address is theirs.
        own = token if isinstance(ask.address, Browser) else ""
        return Asked(life.value, own, secret)

    async def find(self, token: str) -> Subscriber:
        """The subscription of a link; NotFoundError (404) if there is none."""
        found = None
        if len(token) <= SECRET_CHARS_MAX:
            found = await self._run(self.book.find, token)
        return _known(found)

    async def confirm(self, token: str) -> Subscriber:
        """Begin to tell them; NotFoundError (404) if there is no such wish."""
        found = await self.find(token)
        if found.life is not Life.ASKED:
            return found
        return _known(await self._run(self.book.confirm, token, self._now()))

    async def change(self, token: str, wish: Wish) -> Subscriber:
        """Change what they are told; NotFoundError (404) if they are not subscribed."""
        await self.find(token)
        if not await self._run(self.book.change, token, wish):
            _known(None)
        return await self.find(token)

    async def end(self, token: str) -> None:
        """Forget them at once; again and again is the same."""
        await self.find(token)
        await self._run(self.book.end, token, self._now())

    async def _run(self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, lambda: work(*args, **kwargs))

    def _now(self) -> int:
        return self.clock.now().utc_us


class BusyError(TooOftenError):
    """Everybody together subscribes too often for now (429)."""

    def __init__(self, wait_s: int) -> None:
        super().__init__("subscriptions", wait_s)
        self.sentence = f"Many people subscribe at this moment. Try again in {wait_s} seconds."
        self.args = (self.sentence,)


def must_be_open(ask: Ask, channels: frozenset[Channel]) -> None:
    """PeerError (422) if this watch cannot write to such an address."""
    for kind, channel in (("e-mail", Channel.EMAIL), ("notifications", Channel.WEBPUSH)):
        if ask.address.__struct_config__.tag == channel.value and channel not in channels:
            sentence = f"This watch sends no {kind}. Choose another way, or read its feeds."
            raise PeerError(sentence, 422)


def _known(found: Subscriber | None) -> Subscriber:
    if found is None:
        sentence = "There is no such subscription (any more). Subscribe again if you like."
        raise NotFoundError(sentence)
    return found


def _hook_secret() -> str:
    return HOOK_SECRET_PREFIX + base64.b64encode(secrets.token_bytes(HOOK_SECRET_BYTES)).decode()
