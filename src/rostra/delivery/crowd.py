"""The audience of one edge: its HLS sessions, its unique listeners, and what they say.

Every number says which of three it is: open connections are counted by who holds them, HLS
sessions here, and unique listeners are estimated. Addresses are kept as keyed hashes alone.
"""

import ipaddress
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

import msgspec

from rostra.delivery.bodies import voice_of
from rostra.delivery.hands import Source
from rostra.delivery.prefixes import address_and_prefix
from rostra.delivery.sessions import Sessions
from rostra.delivery.uniques import Uniques, digest
from rostra.delivery.voices import Voices
from rostra.domain.voices import LISTENER
from rostra.wire.messages import SpaceTally
from rostra.wire.states import SpaceState

MADE: Final = "edge_"
"""How ids begin that an edge makes up for players which bring none: sessions, but no listeners."""

IPV6_PREFIX_BYTES: Final = 8
"""One customer commonly holds a whole /64; each address of it counts as one."""

_LISTENER: Final = re.compile(rf"[?&]l=({LISTENER})(?=&|#|\Z)".encode())


def network_of(address: str) -> bytes:
    """What counts as one source: an IPv4 address, or the /64 of an IPv6 address."""
    if ":" not in address:
        return address.encode()
    try:
        return ipaddress.IPv6Address(address).packed[:IPV6_PREFIX_BYTES]
    except ValueError:
        return address.encode()


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the request's target, the address as the edge believes it, the User-Agent."""

    target: bytes
    source: str = ""
    agent: str = ""

    @property
    def listener(self) -> str:
        """The id in the target, `?l=…`; empty if it has none that is well formed."""
        found = _LISTENER.search(self.target)
        return found[1].decode() if found else ""

    @property
    def who(self) -> bytes:
        """What makes a listener one: the id that it brought, or its address and program."""
        listener = self.listener
        if listener and not listener.startswith(MADE):
            return b"l" + listener.encode()
        return b"a" + self.source.encode() + b"\0" + self.agent.encode("utf-8", "replace")


class Crowd:
    """Counts and takes what listeners do.

    Args:
        salt: Secret bytes of this process, for hashes that do not leave it.
        fresh: Makes an id for a player that has none; without it such players have none.
    """

    def __init__(self, salt: bytes = b"", fresh: Callable[[], str] | None = None) -> None:
        self.sessions = Sessions()
        self.voices = Voices(self._voice)
        self._uniques = Uniques(salt)
        self._salt = salt
        self._fresh = fresh
        self._spaces: set[str] = set()

    def share(self, secret: bytes) -> None:
        """What the edges of this house have in common, so that their sketches can be merged."""
        self._uniques.secret = secret

    def joined(self, space: str, run: str, caller: Caller) -> None:
        """Somebody opened an endless stream."""
        if run:
            self._spaces.add(space)
            self._uniques.add(space, run, caller.who)

    def read(self, space: str, run: str, caller: Caller, now_ns: int, *, playlist: bool) -> None:
        """A playlist, segment or part was asked for.

        Pieces without an id come from players whose playlist has one, and tell nothing.
        """
        listener = caller.listener
        if not listener and not playlist:
            return
        self._spaces.add(space)
        session = digest(self._salt, listener.encode() or caller.who)
        if self.sessions.seen(space, session, self._source(caller.source), now_ns, run):
            self._uniques.add(space, run, caller.who)

    def master(self, playlist: bytes, caller: Caller) -> bytes:
        """A master playlist whose variants carry the listener's id, or a session's made up now.

        It is the one playlist that is never cached and may differ from player to player.
        """
        listener = caller.listener or (MADE + self._fresh() if self._fresh else "")
        if not listener:
            return playlist
        lines = playlist.decode().split("\n")
        return "\n".join(_with_id(line, listener) for line in lines).encode()

    def post(self, state: SpaceState, name: str, body: bytes, source: str, now_ns: int) -> str:
        """What a listener sends; a question's id, or "". RefusedError says why not."""
        self._spaces.add(state.id)
        near, wide = (digest(self._salt, one.encode()) for one in address_and_prefix(source))
        return self.voices.take(state, name, body, Source(near, wide), now_ns)

    def tallied(self, rows: Collection[SpaceTally], now_ns: int) -> tuple[SpaceTally, ...]:
        """The rows of a tally with what is known here; spaces without a row are forgotten.

        Each names the run that its space is in; in the tally it is that of a sketch.
        """
        for space in self._spaces - {row.space for row in rows}:
            self._forget(space)
        self._uniques.begin()
        return tuple(self._row(row, now_ns) for row in rows)

    def untold(self, rows: Collection[SpaceTally]) -> None:
        """A tally did not arrive: what must not be lost of it is told with the next."""
        for row in rows:
            if row.space in self._spaces:
                self.voices.untold(row)

    def _forget(self, space: str) -> None:
        self._spaces.discard(space)
        self.sessions.forget(space)
        self.voices.forget(space)
        self._uniques.forget(space)

    def _row(self, row: SpaceTally, now_ns: int) -> SpaceTally:
        run, registers = self._uniques.told(row.space, row.run, now_ns)
        hls = self.sessions.count(row.space, now_ns)
        counted = msgspec.structs.replace(row, hls=hls, run=run, unique=registers)
        return self.voices.tallied(counted)

    def _voice(self, space: str, listener: str) -> int:
        return voice_of(self._uniques.secret, space, listener)

    def _source(self, address: str) -> int:
        return digest(self._salt, network_of(address))


def _with_id(line: str, listener: str) -> str:
    if not line or line.startswith("#"):
        return line
    return f"{line}{'&' if '?' in line else '?'}l={listener}"
