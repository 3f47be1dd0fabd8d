"""Requests that wait for a part that is not out yet: what each waits for, and who waits."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from rostra.delivery.channel import Channel
from rostra.delivery.directives import Reload
from rostra.delivery.hls import awaited
from rostra.wire.playlist import TARGET_DURATION_S

HOLD_S: Final = 3 * TARGET_DURATION_S
"""After this a request that waits is told to come back (RFC 8216bis, 6.2.5.2)."""

HELD_MAX: Final = 16_384
"""Requests that wait at one edge: each is a connection of 1 kB, and all are answered by one part.
Beyond it a player is refused, and goes on with plain reloads."""

RELEASED_A_TURN_MAX: Final = 512
"""Answers in one turn of the loop, about 20 ms: then streams and new requests have theirs."""


@dataclass(frozen=True, slots=True)
class Hold:
    """What a request waits for: a part of one run of a space."""

    channel: Channel
    run: str
    reload: Reload

    def ripe(self, channels: Mapping[str, Channel]) -> bool:
        """Whether it can be answered now, be it with an error."""
        if channels.get(self.channel.space) is not self.channel:
            return True
        shelf = self.channel.shelf
        return self.run != shelf.run or shelf.ready(self.reload)


_Key = tuple[str, str, int]
T = TypeVar("T", bound=Hashable)


class Holds(Generic[T]):
    """Who waits, by what they wait for: one look a part, however many wait and spell it so."""

    def __init__(self, most: int = HELD_MAX) -> None:
        self._most = most
        self._rows: dict[_Key, tuple[Hold, dict[T, None]]] = {}
        self._keys: dict[T, _Key] = {}

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, who: T, hold: Hold) -> bool:
        """Have `who` wait; False where there are too many."""
        if len(self._keys) >= self._most:
            return False
        key = (hold.channel.space, hold.run, awaited(hold.reload))
        self._rows.setdefault(key, (hold, {}))[1][who] = None
        self._keys[who] = key
        return True

    def remove(self, who: T) -> None:
        """`who` waits no more, if it did."""
        key = self._keys.pop(who, None)
        if key is None:
            return
        row = self._rows[key][1]
        del row[who]
        if not row:
            del self._rows[key]

    def ripe(self, channels: Mapping[str, Channel]) -> list[T]:
        """Some of those that can be answered now, oldest first; they wait no more."""
        ready: list[T] = []
        for hold, row in self._rows.values():
            if hold.ripe(channels):
                ready += list(row)[: RELEASED_A_TURN_MAX - len(ready)]
            if len(ready) >= RELEASED_A_TURN_MAX:
                break
        for who in ready:
            self.remove(who)
        return ready
