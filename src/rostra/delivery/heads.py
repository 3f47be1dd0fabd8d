"""Unfinished request heads, oldest first: whoever dribbles makes room for whoever comes."""

from collections import OrderedDict
from typing import Final

from rostra.delivery.budgets import Limits, Over

NO_PREFIX: Final = b""
"""Connections of the house's own proxies: they count in all, and for no prefix."""


class Heads:
    """Connections, by number, whose request has begun and is not whole; each step is O(1)."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._prefix_of: OrderedDict[int, bytes] = OrderedDict()
        self._of_prefix: dict[bytes, OrderedDict[int, None]] = {}

    def __len__(self) -> int:
        return len(self._prefix_of)

    def begin(self, number: int, prefix: bytes) -> tuple[int, Over] | None:
        """Note a head that has begun; who has to go for it, and why, or None.

        It is the oldest one of a prefix that has too many, or the oldest of all: an honest head
        is whole after a round trip.
        """
        if number in self._prefix_of:
            return None
        self._prefix_of[number] = prefix
        if prefix != NO_PREFIX:
            of_prefix = self._of_prefix.setdefault(prefix, OrderedDict())
            of_prefix[number] = None
            if len(of_prefix) > self._limits.heads_per_prefix:
                return next(iter(of_prefix)), Over.PREFIX_HEADS
        if len(self._prefix_of) > self._limits.heads:
            return next(iter(self._prefix_of)), Over.HEADS
        return None

    def end(self, number: int) -> None:
        """Its head is whole, or it has gone."""
        prefix = self._prefix_of.pop(number, NO_PREFIX)
        if prefix == NO_PREFIX:
            return
        of_prefix = self._of_prefix[prefix]
        del of_prefix[number]
        if not of_prefix:
            del self._of_prefix[prefix]
