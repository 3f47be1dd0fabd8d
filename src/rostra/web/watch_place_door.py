"""The door for places that probe elsewhere: who may pass, how often, and where it leads."""

import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from rostra.domain.errors import PeerError
from rostra.watch.components import Component
from rostra.watch.probing import Result
from rostra.web.limiter import Limiter, Rate

PLACE_RATE: Final = Rate("requests", 240, 60)
"""A place posts every five seconds, and faster while it catches up; four a second is ample."""

GUESS_RATE: Final = Rate("wrong tokens", 30, 60)
"""A place with an old token asks every few seconds; guessing 256 bits gets nowhere anyway."""


class NoPlaceError(PeerError):
    """The token is none of a place's (401)."""

    status = 401


async def _nobody(_results: list[Result]) -> int:
    return 0


@dataclass(slots=True)
class PlaceDoor:
    """What the routes of the places need.

    `tokens` by place; without any, nobody passes. `take` is given what is believed and says how
    much of it was new.
    """

    tokens: Mapping[str, str] = field(default_factory=dict)
    components: Mapping[str, Component] = field(default_factory=dict)
    take: Callable[[list[Result]], Awaitable[int]] = _nobody
    salt: bytes = b""
    _limits: Limiter = field(init=False)
    _guesses: Limiter = field(init=False)

    def __post_init__(self) -> None:
        self._limits = Limiter(PLACE_RATE, self.salt)
        self._guesses = Limiter(GUESS_RATE, self.salt)

    def place_of(self, authorization: str, address: str, now_mono_ns: int) -> str:
        """The place whose token this is; NoPlaceError, or TooOftenError.

        Every token is compared, each in constant time: how long it takes says nothing.
        """
        given = authorization[7:].encode() if authorization[:7].lower() == "bearer " else b""
        found = ""
        for place, token in self.tokens.items():
            if token and hmac.compare_digest(given, token.encode()):
                found = place
        if not found:
            self._guesses.take(address, now_mono_ns)
            sentence = "This needs the token of a place that probes for this watch. See its file"
            sentence += " watch-place-NAME.token among the watch's secrets."
            raise NoPlaceError(sentence)
        self._limits.take(found, now_mono_ns)
        return found
