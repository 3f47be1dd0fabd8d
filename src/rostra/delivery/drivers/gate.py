"""The edge's gate: budgets by source, unfinished heads, and the reserved doors past every limit."""

import contextlib
import random
import secrets
import socket
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Final

from rostra.delivery.access import Access
from rostra.delivery.answers import Answer
from rostra.delivery.budgets import NS_PER_S, Budgets, Over, Place
from rostra.delivery.drivers.connection import Connection
from rostra.delivery.heads import NO_PREFIX, Heads
from rostra.delivery.refusing import (
    NARROW_HEAD_S,
    NARROW_MAX,
    RETRY_MAX_S,
    RETRY_MIN_S,
    Refusing,
    Treatment,
    at_the_door,
    refusal,
)
from rostra.delivery.service import Now
from rostra.delivery.sources import believed
from rostra.delivery.streams import Join
from rostra.domain.limits import REQUEST_HEAD_BYTES_MAX

RESERVED_MAX: Final = 64
"""Streams past every limit for those with a reserved ticket: hosts, recorders and probes of all
spaces of an edge. Whoever comes after them is a listener like others."""

KEY_BYTES: Final = 32
"""Of the hash under which sources are counted; it dies with the process."""


class Gate:
    """Who may come in. `close(number, words)` ends a connection that has to make room."""

    def __init__(self, access: Access, close: Callable[[int, bytes], None]) -> None:
        self._proxies = access.proxies
        self._budgets = Budgets(access.limits, secrets.token_bytes(KEY_BYTES))
        self._heads = Heads(access.limits)
        self._refusing = Refusing()
        self._close = close
        self._words = at_the_door()
        self._places: dict[int, Place] = {}
        self._narrow: OrderedDict[int, Over] = OrderedDict()
        self._reserved: set[int] = set()
        self.in_words = True
        """Whether a connection can be told at the door why it is ended: not before a handshake."""
        self.over: Counter[Over] = Counter()
        """What was beyond a budget, by the budget."""

    @property
    def reserved(self) -> int:
        """Streams that came in by a reserved door."""
        return len(self._reserved)

    @property
    def prefixes(self) -> int:
        """Prefixes remembered."""
        return self._budgets.prefixes

    @property
    def unfinished(self) -> int:
        """Request heads that have begun and are not whole, and TLS handshakes."""
        return len(self._heads)

    def knock(self, sock: socket.socket, address: str, now: Now, *, full: bool) -> bool:
        """Whether a new connection is taken; otherwise it has been refused and closed.

        A proxy's own address is not counted: what it forwards is, once its head is read.
        """
        over: Over | Place | None = Over.EDGE if full else None
        if over is None and not believed(address, self._proxies):
            over = self._budgets.knock(address, now.mono_ns)
        if isinstance(over, Over):
            self.over[over] += 1
            return self._let_through(sock, over, now)
        if over is not None:
            self._places[sock.fileno()] = over
        return True

    def _let_through(self, sock: socket.socket, over: Over, now: Now) -> bool:
        """Take one beyond a budget for the sake of its head, or end it."""
        treatment = self._refusing.treat(now.mono_ns)
        if treatment is not Treatment.READ:
            in_words = self.in_words and treatment is Treatment.WORDS
            self._send_away(sock, over, in_words=in_words)
            return False
        if len(self._narrow) >= NARROW_MAX:
            number, was_over = next(iter(self._narrow.items()))
            self._close(number, self._said(was_over))
        self._narrow[sock.fileno()] = over
        return True

    def _send_away(self, sock: socket.socket, over: Over, *, in_words: bool) -> None:
        with contextlib.suppress(OSError):
            if in_words:
                sock.send(self._said(over))
                sock.shutdown(socket.SHUT_WR)
                # What was asked already is taken: unread, it would turn the answer into a reset.
                sock.recv(REQUEST_HEAD_BYTES_MAX)
        sock.close()

    def hurry(self, peer: Connection, now: Now) -> None:
        """Give a connection beyond a limit a moment, where others have seconds."""
        peer.over = self._narrow.get(peer.fd)
        if peer.over is not None:
            peer.deadline_ns = now.mono_ns + NARROW_HEAD_S * NS_PER_S

    def _said(self, over: Over) -> bytes:
        return random.choice(self._words[over])  # noqa: S311 - spreads a crowd

    def note(self, peer: Connection) -> None:
        """Look at a connection after it was read: its head may have begun, or be whole."""
        if peer.then_close or not peer.reader.unfinished:
            self._heads.end(peer.fd)
            return
        self.begin(peer.fd)

    def begin(self, number: int) -> None:
        """A head has begun, or the handshake before it: the oldest makes room if need be."""
        place = self._places.get(number)
        oldest = self._heads.begin(number, place.prefix.key if place else NO_PREFIX)
        if oldest is not None:
            number, over = oldest
            self.over[over] += 1
            self._close(number, self._said(over))

    def reserve(self, peer: Connection, join: Join) -> bool:
        """Whether a stream comes in by a reserved door: no limit holds for it any more."""
        if not join.reserved or len(self._reserved) >= RESERVED_MAX:
            return False
        self._reserved.add(peer.fd)
        self._narrow.pop(peer.fd, None)
        self._heads.end(peer.fd)
        return True

    def join(self, peer: Connection, join: Join, now: Now) -> Answer | None:
        """Count a stream that begins; the refusal where its source has begun too many."""
        place = self._places.get(peer.fd)
        over: Over | Place | None = None
        if place is not None:
            over = self._budgets.join(place, now.mono_ns)
        elif join.source and not believed(join.source, self._proxies):
            over = self._budgets.enter(join.source, now.mono_ns)
        if isinstance(over, Over):
            self.over[over] += 1
            return refusal(over, retry_s(), join.language)
        if over is not None:
            self._places[peer.fd] = over
        self._heads.end(peer.fd)
        return None

    def left(self, number: int, now_ns: int) -> bool:
        """A connection has gone; whether it held a place that others may have now."""
        ordinary = number not in self._reserved
        self._heads.end(number)
        self._narrow.pop(number, None)
        self._reserved.discard(number)
        place = self._places.pop(number, None)
        if place is not None:
            self._budgets.leave(place, now_ns)
        return ordinary


def retry_s() -> int:
    """When somebody who is refused may come back: each at a moment of its own."""
    return random.randint(RETRY_MIN_S, RETRY_MAX_S)  # noqa: S311 - spreads a crowd
