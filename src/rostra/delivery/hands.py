"""Which hands are up at one edge, and how many of a space's may be one network's."""

from collections import Counter, OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final

from rostra.delivery.allowance import NS_PER_S
from rostra.domain.voices import HAND_S

HAND_NS: Final = HAND_S * NS_PER_S

HANDS_PER_ADDRESS: Final = 20
"""Up at once in one space from an IPv4 address or an IPv6 /64: a class behind one line. A host
has a thousand places, of which a single machine takes a fiftieth."""

HANDS_PER_PREFIX: Final = 50
"""The same from a /24 or /48: a carrier has thousands of phones behind one."""

HANDS_UP_MAX: Final = 16_384
"""In all spaces of an edge, about 4 MB: one prefix alone cannot fill it in all of its channels."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a POST comes from: the address (or IPv6 /64) and the wider prefix, hashed."""

    address: Hashable
    prefix: Hashable


class Hands:
    """Raised hands by space; each goes down by itself `HAND_S` after it was last raised."""

    def __init__(self) -> None:
        self._up: dict[str, OrderedDict[str, tuple[Source, int]]] = {}
        self._addresses: Counter[tuple[str, Hashable]] = Counter()
        self._prefixes: Counter[tuple[str, Hashable]] = Counter()
        self._total = 0

    def __len__(self) -> int:
        return self._total

    def raised(self, space: str, listener: str, source: Source, now_ns: int) -> bool:
        """A hand goes up, or stays up; False where its network has no more room.

        Who has come through another network since counts there, and no longer in the first.
        """
        self._expire(space, now_ns)
        self.lowered(space, listener)
        if not self._room(space, source, now_ns):
            return False
        self._up.setdefault(space, OrderedDict())[listener] = source, now_ns + HAND_NS
        self._total += 1
        self._addresses[space, source.address] += 1
        self._prefixes[space, source.prefix] += 1
        return True

    def lowered(self, space: str, listener: str) -> None:
        """A hand goes down, if it was up."""
        rows = self._up.get(space, OrderedDict())
        found = rows.pop(listener, None)
        if found is None:
            return
        source = found[0]
        self._total -= 1
        _less(self._addresses, (space, source.address))
        _less(self._prefixes, (space, source.prefix))
        if not rows:
            del self._up[space]

    def forget(self, space: str) -> None:
        """The space is over."""
        for listener in list(self._up.get(space, ())):
            self.lowered(space, listener)

    def _room(self, space: str, source: Source, now_ns: int) -> bool:
        if self._addresses[space, source.address] >= HANDS_PER_ADDRESS:
            return False
        if self._prefixes[space, source.prefix] >= HANDS_PER_PREFIX:
            return False
        if len(self) >= HANDS_UP_MAX:
            for other in list(self._up):
                self._expire(other, now_ns)
        return len(self) < HANDS_UP_MAX

    def _expire(self, space: str, now_ns: int) -> None:
        """Take down what was not raised again; the longest silent stand first."""
        while rows := self._up.get(space):
            listener = next(iter(rows))
            if rows[listener][1] > now_ns:
                return
            self.lowered(space, listener)


def _less(counts: Counter[tuple[str, Hashable]], key: tuple[str, Hashable]) -> None:
    counts[key] -= 1
    if not counts[key]:
        del counts[key]
