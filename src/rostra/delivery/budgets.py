"""First budgets: how much of an edge one address and one prefix may take. Rules without a socket.

Each edge counts for itself. What is counted is keyed by a hash under a key of this process alone:
no address of a listener is kept, and after a restart nobody can tell whose count was whose.
"""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rostra.delivery.prefixes import address_and_prefix

NS_PER_S: Final = 1_000_000_000

BURST_S: Final = 10
"""A rate may be spent this many seconds ahead: a school presses the link within a few seconds."""

IDLE_PREFIXES_MAX: Final = 16_384
"""Prefixes without a connection whose spent rates are remembered; the one that has been idle for
longest is forgotten first. Those with one are never more than there are connections."""

HASH_BYTES: Final = 8
"""Two of 40,000 sources share a hash of 64 bits once in 20 thousand million evenings."""


class Over(StrEnum):
    """Which budget is spent; the label `reason` of the metric."""

    EDGE = "edge"
    """Every connection that the edge has, whoever they are."""
    ADDRESS = "address"
    PREFIX = "prefix"
    CONNECTIONS = "connections"
    JOINS = "joins"
    HEADS = "heads"
    PREFIX_HEADS = "prefix_heads"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one edge grants; an address is an IPv4 one or an IPv6 /64, a prefix a /24 or /48.

    The defaults are generous because carriers, universities and companies hide thousands behind
    one address; they end what a single machine can do, and leave finer judgement to the shield.
    """

    connections_per_address: int = 2_000
    """A ninth of an edge: a large school behind one address fits, one machine takes no more."""
    connections_per_prefix: int = 6_000
    """A third of an edge: a carrier's /24 at a large evening fits."""
    connections_per_second: int = 600
    """New connections of a prefix: a page with its files and a stream for each that joins."""
    joins_per_second: int = 200
    """Streams begun by a prefix: a fiftieth of a core, for whoever joins and leaves for fun."""
    heads: int = 4_096
    """Unfinished request heads and TLS handshakes in all: 10,000 joins a second at a round trip of
    0.3 s are 3,000 of them."""
    heads_per_prefix: int = 512
    """Unfinished heads of one prefix: a school that comes at once."""


GENEROUS: Final = Limits()


class Rate:
    """So many a second, with a burst (the generic cell rate algorithm, ITU-T I.371)."""

    __slots__ = ("_burst_ns", "_cost_ns")

    def __init__(self, per_second: int, burst_s: float = BURST_S) -> None:
        self._cost_ns = NS_PER_S // per_second
        self._burst_ns = int(burst_s * NS_PER_S)

    def taken(self, spent_ns: int, now_ns: int) -> int | None:
        """What to remember after one more, or None where the rate is spent.

        `spent_ns` is what was remembered: the moment at which the burst is whole again.
        """
        after_ns = max(spent_ns, now_ns) + self._cost_ns
        return after_ns if after_ns - now_ns <= self._burst_ns else None


class Prefix:
    """What one prefix has taken."""

    __slots__ = ("connections_ns", "joins_ns", "key", "open")

    def __init__(self, key: bytes) -> None:
        self.key = key
        self.open = 0
        self.connections_ns = 0
        self.joins_ns = 0


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """One connection as counted: to be given back with `Budgets.leave`."""

    address: bytes
    prefix: Prefix


class Budgets:
    """Counts connections and joins by source; every step takes the same time.

    `key` is secret and fresh for each process, at most 64 bytes.
    """

    def __init__(self, limits: Limits, key: bytes) -> None:
        self.limits = limits
        self._key = key
        self._addresses: dict[bytes, int] = {}
        self._prefixes: dict[bytes, Prefix] = {}
        self._idle: OrderedDict[bytes, Prefix] = OrderedDict()
        self._connections = Rate(limits.connections_per_second)
        self._joins = Rate(limits.joins_per_second)

    @property
    def prefixes(self) -> int:
        """How many prefixes are remembered."""
        return len(self._prefixes) + len(self._idle)

    def knock(self, source: str, now_ns: int) -> Place | Over:
        """A place for a new connection, or the budget that is spent."""
        place = self._place(source)
        spent_ns = self._connections.taken(place.prefix.connections_ns, now_ns)
        if spent_ns is None:
            return Over.CONNECTIONS
        over = self._full(place)
        if over is not None:
            return over
        place.prefix.connections_ns = spent_ns
        return self._seated(place)

    def enter(self, source: str, now_ns: int) -> Place | Over:
        """A place for a stream that comes over a proxy's connection, its join included."""
        place = self._place(source)
        over = self._full(place) or self.join(place, now_ns)
        return self._seated(place) if over is None else over

    def join(self, place: Place, now_ns: int) -> Over | None:
        """Count one more stream begun by a prefix, or say that its rate is spent."""
        spent_ns = self._joins.taken(place.prefix.joins_ns, now_ns)
        if spent_ns is None:
            return Over.JOINS
        place.prefix.joins_ns = spent_ns
        return None

    def leave(self, place: Place, now_ns: int) -> None:
        """Give a place back."""
        left = self._addresses[place.address] - 1
        if left:
            self._addresses[place.address] = left
        else:
            del self._addresses[place.address]
        prefix = place.prefix
        prefix.open -= 1
        if not prefix.open:
            del self._prefixes[prefix.key]
            self._remember(prefix, now_ns)

    def _place(self, source: str) -> Place:
        address, prefix = address_and_prefix(source)
        key = self._hash(prefix)
        known = self._prefixes.get(key) or self._idle.get(key) or Prefix(key)
        return Place(self._hash(address), known)

    def _hash(self, word: str) -> bytes:
        return hashlib.blake2b(word.encode(), digest_size=HASH_BYTES, key=self._key).digest()

    def _full(self, place: Place) -> Over | None:
        if self._addresses.get(place.address, 0) >= self.limits.connections_per_address:
            return Over.ADDRESS
        if place.prefix.open >= self.limits.connections_per_prefix:
            return Over.PREFIX
        return None

    def _seated(self, place: Place) -> Place:
        prefix = place.prefix
        if not prefix.open:
            self._idle.pop(prefix.key, None)
            self._prefixes[prefix.key] = prefix
        prefix.open += 1
        self._addresses[place.address] = self._addresses.get(place.address, 0) + 1
        return place

    def _remember(self, prefix: Prefix, now_ns: int) -> None:
        """Keep what an idle prefix has spent, unless nothing is spent any more."""
        if max(prefix.connections_ns, prefix.joins_ns) <= now_ns:
            return
        self._idle[prefix.key] = prefix
        if len(self._idle) > IDLE_PREFIXES_MAX:
            self._idle.popitem(last=False)
