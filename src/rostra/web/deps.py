"""What the desk's routes are given, and how they get at it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import Depends, Request

from rostra.domain.ports import Backbone, Clock
from rostra.web.board import Board
from rostra.web.calls import Studios
from rostra.web.definitions import Definitions
from rostra.web.limiter import (
    ACCOUNT_RATE,
    LOGIN_RATE,
    OFFER_RATE,
    SPACE_RATE,
    UPLOAD_RATE,
    Limiter,
)
from rostra.web.links import Links
from rostra.web.metrics import Metrics
from rostra.web.ports import Accounts, NoWorkshop, Spaces, Workshop
from rostra.web.workers import Workers

UPLOADS_AT_ONCE: Final = 2
"""Each takes a core for some seconds, and the desk shares the machine with the studio."""


@dataclass(frozen=True, slots=True)
class Outside:
    """What the desk gets from outside.

    `listening_key` signs listening tickets. `salt` keys the hashes of addresses, fresh for each
    process. Key and `operator_token` are empty where the house has none. `dist` is the folder of
    the built browser application, or None. `ice_servers` are as a browser's RTCIceServer takes
    them. `owner_came` is called once the owner's account exists.
    """

    accounts: Accounts
    spaces: Spaces
    backbone: Backbone
    clock: Clock
    key: Ed25519PrivateKey
    salt: bytes
    origin: str
    origin_fixed: bool = False
    listening_key: bytes = b""
    operator_token: str = ""
    accounts_open: bool = False
    dist: Path | None = None
    ice_servers: tuple[dict[str, Any], ...] = ()
    owner_came: Callable[[], None] = lambda: None
    workshop: Workshop = field(default_factory=NoWorkshop)


@dataclass(frozen=True, slots=True)
class Limiters:
    """One table of addresses for each thing that is limited."""

    login: Limiter
    account: Limiter
    space: Limiter
    offer: Limiter
    upload: Limiter


@dataclass(frozen=True, slots=True)
class Deps:
    """The desk's parts, put together once."""

    outside: Outside
    metrics: Metrics = field(init=False)
    workers: Workers = field(init=False)
    board: Board = field(init=False)
    definitions: Definitions = field(init=False)
    studios: Studios = field(init=False)
    links: Links = field(init=False)
    limiters: Limiters = field(init=False)
    uploading: asyncio.Semaphore = field(init=False)
    """A place for each upload."""

    def __post_init__(self) -> None:
        given = self.outside
        metrics, workers = Metrics(), Workers()
        parts = {
            "metrics": metrics,
            "workers": workers,
            "board": Board(given.spaces, workers, metrics),
            "definitions": Definitions(given.backbone, given.spaces, workers, metrics),
            "studios": Studios(given.backbone, metrics),
            "links": Links(given.key, given.clock, given.origin, given.origin_fixed),
            "uploading": asyncio.Semaphore(UPLOADS_AT_ONCE),
            "limiters": Limiters(
                *(
                    Limiter(rate, given.salt)
                    for rate in (LOGIN_RATE, ACCOUNT_RATE, SPACE_RATE, OFFER_RATE, UPLOAD_RATE)
                )
            ),
        }
        for name, part in parts.items():
            object.__setattr__(self, name, part)

    @property
    def now_utc_us(self) -> int:
        """Microseconds since 1970, UTC."""
        return self.outside.clock.now().utc_us

    @property
    def now_mono_ns(self) -> int:
        """The monotonic clock, for rates."""
        return self.outside.clock.now().mono_ns


def deps_of(request: Request) -> Deps:
    """The parts of the desk that this request came to."""
    deps: Deps = request.app.state.deps
    return deps


DepsHere = Annotated[Deps, Depends(deps_of)]


def address_of(request: Request) -> str:
    """The asker's address: for the limiters' hash only, never kept."""
    return request.client.host if request.client else ""
